import { Command, CommanderError } from 'commander';
import { OpalineError, isOpalineError } from '../errors/opaline-error.ts';
import { watchInterrupts } from './interrupt.ts';
import { reportError } from './report.ts';
import { programVersion } from './version.ts';

/** 0 answered, 1 refused or failed, 2 usage, 130 interrupted; interrupt.ts adds 143, terminated. */
const EXIT = { failed: 1, usage: 2, interrupted: 130 };

/**
 * Runs one command line (without `node` and the script) and sets `process.exitCode`. Never throws:
 * every failure is one line `opaline: CODE: message` on stderr.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const interrupt = watchInterrupts();
  try {
    const program = await createProgram(argv, interrupt.signal);
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (interrupt.exitCode === 0) return;
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) process.exitCode = EXIT.usage;
      return;
    }
    reportError(error);
    process.exitCode = interrupt.exitCode ?? exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (isOpalineError(error, 'USAGE')) return EXIT.usage;
  return isOpalineError(error, 'ABORTED') ? EXIT.interrupted : EXIT.failed;
}

type AddCommand = (program: Command, signal: AbortSignal) => void;

/** In the order in which --help lists them. The one that a command line names is loaded, else all are. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  init: async () => (await import('./commands/init.ts')).addInit,
  ingest: async () => (await import('./commands/ingest.ts')).addIngest,
  query: async () => (await import('./commands/query.ts')).addQuery,
  regress: async () => (await import('./commands/regress.ts')).addRegress,
  anova: async () => (await import('./commands/anova.ts')).addAnova,
  explain: async () => (await import('./commands/explain.ts')).addExplain,
  score: async () => (await import('./commands/score.ts')).addScore,
  tables: async () => (await import('./commands/tables.ts')).addTables,
  delete: async () => (await import('./commands/delete.ts')).addDelete,
  compact: async () => (await import('./commands/compact.ts')).addCompact,
  rotate: async () => (await import('./commands/rotate.ts')).addRotate,
  reindex: async () => (await import('./commands/rotate.ts')).addReindex,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  passwd: async () => (await import('./commands/passwd.ts')).addPasswd,
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  restore: async () => (await import('./commands/backup.ts')).addRestore,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  inspect: async () => (await import('./commands/inspect.ts')).addInspect,
  attack: async () => (await import('./commands/attack.ts')).addAttack,
  policy: async () => (await import('./commands/policy.ts')).addPolicy,
  principal: async () => (await import('./commands/principal.ts')).addPrincipal,
  tool: async () => (await import('./commands/tool.ts')).addTool,
  consent: async () => (await import('./commands/consent.ts')).addConsent,
  approve: async () => (await import('./commands/approve.ts')).addApprove,
  gate: async () => (await import('./commands/gate.ts')).addGate,
  assess: async () => (await import('./commands/assess.ts')).addAssess,
  incident: async () => (await import('./commands/incident.ts')).addIncident,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  release: async () => (await import('./commands/release.ts')).addRelease,
  bench: async () => (await import('./commands/bench.ts')).addBench,
  custody: async () => (await import('./commands/custody.ts')).addCustody,
  custodian: async () => (await import('./commands/custodian.ts')).addCustodian,
  serve: async () => (await import('./commands/serve.ts')).addServe,
  'store-token': async () => (await import('./commands/store-token.ts')).addStoreToken,
  worker: async () => (await import('./commands/worker.ts')).addWorker,
};

async function createProgram(
  [named = '']: readonly string[],
  signal: AbortSignal,
): Promise<Command> {
  const program = new Command('opaline')
    .description('Compute on data you cannot see: an encrypted table that answers SQL.')
    .version(programVersion())
    .exitOverride()
    .configureOutput({
      outputError: (text) => {
        const reason = text.replace(/^error: /, '').trim();
        reportError(new OpalineError('USAGE', { reason }));
      },
    });
  const one = Object.hasOwn(COMMANDS, named) ? COMMANDS[named] : undefined;
  const loading = (one === undefined ? Object.values(COMMANDS) : [one]).map((load) => load());
  for (const add of await Promise.all(loading)) add(program, signal);
  return program;
}
