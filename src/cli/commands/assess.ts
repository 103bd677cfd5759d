import type { Command } from 'commander';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Assessment } from '../../policy/assessment/assessment.ts';
import type { Context } from '../../policy/assessment/context.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { readInput } from './read-input.ts';
import {
  type ReportFormat,
  reportFormatOf,
  reportFormatOption,
  type ReportOutput,
  writeReport,
} from './report-output.ts';
import { addVaultOptions, openOptionsFor, type VaultOptions } from './vault-command.ts';

interface AssessFlags extends VaultOptions, ReportOutput {
  readonly context?: string;
  readonly printContext?: true;
  readonly backup?: string;
  readonly deep?: true;
}

const HELP = `
Checks are run now, on the vault and its store. What no program can see is declared in the context: a JSON file, which
--print-context prints as it is known or to be filled in. In a vault with a policy the results are logged, and the
assessment is in force for a year at most, while tables, purposes, processors and store are those that were assessed.
Exit 1 if a check failed; one that could not be run lowers no risk and fails nothing.`;

export function addAssess(program: Command, signal: AbortSignal): void {
  const command = program
    .command('assess')
    .description('map the data, run the checks, weigh the risks to people: an impact assessment')
    .argument('<vault>', 'the vault’s folder')
    .option('--context <file>', 'what is declared, in JSON (- is stdin); else as the time before')
    .option('--print-context', 'print what is declared so far, and assess nothing')
    .option('--backup <file>', 'a backup to be restored and tried')
    .option('--deep', 'read and check every part of the store, not only that it is there')
    .addOption(reportFormatOption())
    .option('--out <file>', 'write the report to a file')
    .addHelpText('after', HELP);
  addVaultOptions(command).action((path: string, flags: AssessFlags) =>
    assess(path, flags, signal),
  );
}

async function assess(path: string, flags: AssessFlags, signal: AbortSignal): Promise<void> {
  const format = reportFormatOf(flags);
  const context = flags.context === undefined ? undefined : await readContext(flags.context);
  const open = await openOptionsFor(path, flags, signal);
  if (flags.printContext === true) {
    const { declaredContext } =
      await import('../../client/governance/assessment/declared-context.ts');
    const known = context ?? (await declaredContext(path, open.passphrase));
    await print(`${JSON.stringify(known, undefined, 2)}\n`);
    return;
  }
  const { assessVault } = await import('../../client/governance/assessment/assess-vault.ts');
  const progress = await startProgress('checking', 'checks');
  const assessment = await assessVault(path, open, {
    context,
    backup: flags.backup,
    deep: flags.deep ?? false,
    signal,
    onProgress: (done, total) => progress.update(done, total),
  }).finally(() => progress.stop());
  await writeReport(await rendered(assessment, format), flags.out);
  if (assessment.logged === null) {
    notice('Not in force: the vault has no audit log that verifies; nothing was recorded.');
  }
  const failed = assessment.checks.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return;
  throw new OpalineError('CHECK_FAILED', { path, problems: failed.length });
}

async function readContext(file: string): Promise<Context> {
  const { contextForm } = await import('../../policy/assessment/context.ts');
  const text = await readInput(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OpalineError('USAGE', { reason: `${oneLine(file)} is not JSON` });
  }
  const parsed = contextForm.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const where = path.length === 0 ? 'the context' : path.map(String).join('.');
  throw new OpalineError('USAGE', { reason: `${oneLine(file)}: ${where}: ${message}` });
}

async function rendered(assessment: Assessment, format: ReportFormat): Promise<string> {
  switch (format) {
    case 'html':
      return (await import('../assessment/page.ts')).assessmentPage(assessment);
    case 'markdown':
      return (await import('../assessment/markdown.ts')).assessmentMarkdown(assessment);
    case 'json': {
      const { assessmentJson } = await import('../assessment/json.ts');
      return `${JSON.stringify(assessmentJson(assessment), undefined, 2)}\n`;
    }
    default:
      return format satisfies never;
  }
}
