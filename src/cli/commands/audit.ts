import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { Checkpoint } from '../../audit/checkpoint.ts';
import type { LogFolder } from '../../audit/file/log-folder.ts';
import type { LogReader } from '../../audit/log-source.ts';
import type { Summary } from '../../audit/verify/summary.ts';
import type { LogVerdict } from '../../audit/verify/verify-log.ts';
import type { NoteKey } from '../../bytes/note-key.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { print } from '../output/print.ts';
import { startProgress } from '../progress.ts';
import { notice } from '../report.ts';
import { addAuditWatch } from './audit-watch.ts';
import { addVaultOptions, collect, openOptionsFor, type VaultOptions } from './vault-command.ts';
import { wholeNumber } from './whole-number.ts';

interface KeyFlags {
  readonly key?: string;
}

interface CheckFlags extends KeyFlags {
  readonly head: readonly string[];
  readonly witness: readonly string[];
}

interface VerifyFlags extends CheckFlags, VaultOptions {
  readonly format: 'text' | 'json';
  readonly replay?: true;
}

interface ReportFlags extends CheckFlags {
  readonly format: 'text' | 'json' | 'markdown';
}

const HELP = `
What is checked is the log's structure: entries, hashes, checkpoints, and that sealed details are as they were logged.
A head is a checkpoint or a proof that was kept elsewhere; a log that does not continue it was rolled back or forked.
Of a vault with a policy what the log says is checked too: that every release had an intent by the policy in force, live
consent, approvals and attestations in their time, and was within quota and budget. --replay runs again what was computed
on tables that nobody has written to since, and compares.`;

export function addAudit(program: Command, signal: AbortSignal): void {
  const command = program
    .command('audit')
    .description('verify an audit log (C2SP tlog-tiles), prove its entries, report on it');
  const verify = command
    .command('verify')
    .description('check that a log is whole; exit 1 if not')
    .argument(
      '<log>',
      'the log’s folder, or that of a vault with a policy, whose details are opened',
    )
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .option('--replay', 'of a vault: compute on the store again what was released')
    .addHelpText('after', HELP);
  addVaultOptions(addCheckOptions(verify)).action((path: string, flags: VerifyFlags) =>
    check(path, flags, signal),
  );
  const report = command
    .command('report')
    .description('what a log holds, by kind of entry, and whether it verifies')
    .argument('<log>', 'the log’s folder')
    .addOption(
      new Option('--format <format>').choices(['text', 'json', 'markdown']).default('text'),
    );
  addCheckOptions(report).action((path: string, flags: ReportFlags) =>
    summarise(path, flags, signal),
  );
  command
    .command('prove')
    .description(
      'print a proof that an entry is in the log (C2SP tlog-proof), to be kept elsewhere',
    )
    .argument('<log>', 'the log’s folder')
    .argument('<index>', 'the entry’s number, from 0', wholeNumber)
    .option('--key <key>', 'the log’s verifier key, instead of the one in its folder')
    .action(prove);
  addAuditWatch(command, signal, keyOf);
}

function addCheckOptions(command: Command): Command {
  return command
    .option('--key <key>', 'the log’s verifier key, instead of the one in its folder')
    .option(
      '--head <file>',
      'a checkpoint or proof that was kept elsewhere; repeatable',
      collect,
      [],
    )
    .option('--witness <key>', 'a witness’s verifier key; repeatable', collect, []);
}

async function check(path: string, flags: VerifyFlags, signal: AbortSignal): Promise<void> {
  const { isGoverned } = await import('../../client/governance/place.ts');
  if (await isGoverned(path)) return await checkVault(path, flags, signal);
  if (flags.replay === true) {
    throw new OpalineError('USAGE', {
      reason: '--replay: give the folder of a vault with a policy',
    });
  }
  const { verdict } = await verifyFolder(path, flags, signal);
  const { verdictJson, verdictText } = await import('../output/audit-text.ts');
  await print(
    flags.format === 'json' ? `${JSON.stringify(verdictJson(verdict))}\n` : verdictText(verdict),
  );
  failOn(path, verdict);
}

/** The log of a vault, with its owner's keys: what it says too. */
async function checkVault(path: string, flags: VerifyFlags, signal: AbortSignal): Promise<void> {
  if (flags.key !== undefined) {
    throw new OpalineError('USAGE', { reason: '--key: a vault knows the key of its log' });
  }
  const options = await openOptionsFor(path, flags, signal);
  const { checkVaultLog } = await import('./audit-vault.ts');
  const { problems, text } = await checkVaultLog(path, options, {
    ...flags,
    signal,
    replay: flags.replay === true,
    readHead,
  });
  await print(text);
  if (problems > 0) throw new OpalineError('CHECK_FAILED', { path, problems });
}

async function summarise(path: string, flags: ReportFlags, signal: AbortSignal): Promise<void> {
  const { verdict, summary } = await verifyFolder(path, flags, signal);
  const text = await import('../output/audit-text.ts');
  const whole = summary.of(verdict);
  if (flags.format === 'json') await print(`${JSON.stringify(text.summaryJson(whole))}\n`);
  else if (flags.format === 'markdown') await print(text.summaryMarkdown(whole));
  else await print(text.summaryText(whole));
  failOn(path, verdict);
}

function failOn(path: string, { problems }: LogVerdict): void {
  if (problems > 0) throw new OpalineError('CHECK_FAILED', { path, problems });
}

async function verifyFolder(
  path: string,
  flags: CheckFlags,
  signal: AbortSignal,
): Promise<{ verdict: LogVerdict; summary: Summary }> {
  const [{ verifyLog }, { Summary: Counts }, { parseKey }] = await Promise.all([
    import('../../audit/verify/verify-log.ts'),
    import('../../audit/verify/summary.ts'),
    import('../../bytes/note-key.ts'),
  ]);
  const folder = await openFolder(path);
  const key = await keyOf(folder, flags);
  const heads = await Promise.all(flags.head.map((file) => readHead(file, key)));
  const summary = new Counts();
  const progress = await startProgress('verifying', 'entries');
  try {
    const verdict = await verifyLog(folder, {
      key,
      heads,
      witnesses: flags.witness.map(parseKey),
      onEntry: summary.visit,
      onProgress: (done, total) => {
        if (signal.aborted) throw new OpalineError('ABORTED', {});
        progress.update(done, total);
      },
    });
    return { verdict, summary };
  } finally {
    progress.stop();
  }
}

/** Anybody may ask for a proof: it says nothing of the entry but where it is. */
async function prove(path: string, index: number, flags: KeyFlags): Promise<void> {
  const [{ proveEntry }, { formatProof }] = await Promise.all([
    import('../../audit/prove.ts'),
    import('../../audit/tlog-proof.ts'),
  ]);
  const folder = await openFolder(path);
  const { proof } = await proveEntry(folder, index, await keyOf(folder, flags));
  await print(formatProof(proof));
}

async function openFolder(path: string): Promise<LogFolder> {
  const { LogFolder: Folder } = await import('../../audit/file/log-folder.ts');
  return await Folder.open(path);
}

async function keyOf(log: LogReader, { key }: KeyFlags): Promise<NoteKey> {
  const [{ parseKey }, { KEY_PATH }] = await Promise.all([
    import('../../bytes/note-key.ts'),
    import('../../audit/log-source.ts'),
  ]);
  if (key !== undefined) return parseKey(key);
  const stored = await log.read(KEY_PATH);
  if (stored === undefined)
    throw new OpalineError('USAGE', { reason: 'the log has no key; pass --key' });
  notice(
    'The key is the one beside the log, which shows that one signer wrote it; --key shows which.',
  );
  return parseKey(new TextDecoder().decode(stored).replace(/\n$/, ''));
}

/** A head out of a checkpoint's file or a proof's; the log's key must have signed it. */
async function readHead(
  file: string,
  key: NoteKey,
): Promise<{ readonly where: string; readonly head: Checkpoint }> {
  const [{ openCheckpoint }, { isProof, parseProof }] = await Promise.all([
    import('../../audit/checkpoint.ts'),
    import('../../audit/tlog-proof.ts'),
  ]);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(file));
  } catch {
    throw new OpalineError('INPUT_NOT_FOUND', { path: file });
  }
  const note = isProof(bytes) ? new TextEncoder().encode(parseProof(bytes).checkpoint) : bytes;
  return { where: file, head: openCheckpoint(note, key, file) };
}
