import { Command, CommanderError } from 'commander';
import { OpalineError, isOpalineError } from '../errors/opaline-error.ts';
import { addAnova } from './commands/anova.ts';
import { addAttack } from './commands/attack.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup, addRestore } from './commands/backup.ts';
import { addBench } from './commands/bench.ts';
import { addCompact } from './commands/compact.ts';
import { addCustodian } from './commands/custodian.ts';
import { addCustody } from './commands/custody.ts';
import { addDelete } from './commands/delete.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addIngest } from './commands/ingest.ts';
import { addInit } from './commands/init.ts';
import { addInspect } from './commands/inspect.ts';
import { addPasswd } from './commands/passwd.ts';
import { addQuery } from './commands/query.ts';
import { addRegress } from './commands/regress.ts';
import { addReindex, addRotate } from './commands/rotate.ts';
import { addScore } from './commands/score.ts';
import { addServe } from './commands/serve.ts';
import { addStoreToken } from './commands/store-token.ts';
import { addTables } from './commands/tables.ts';
import { watchInterrupts } from './interrupt.ts';
import { addWorker } from './commands/worker.ts';
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
    const program = createProgram(interrupt.signal);
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

/** In the order in which --help lists them. */
const COMMANDS = [
  addInit,
  addIngest,
  addQuery,
  addRegress,
  addAnova,
  addExplain,
  addScore,
  addTables,
  addDelete,
  addCompact,
  addRotate,
  addReindex,
  addPasswd,
  addBackup,
  addRestore,
  addDoctor,
  addInspect,
  addAttack,
  addAudit,
  addBench,
  addCustody,
  addCustodian,
  addServe,
  addStoreToken,
  addWorker,
];

function createProgram(signal: AbortSignal): Command {
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
  for (const add of COMMANDS) add(program, signal);
  return program;
}
