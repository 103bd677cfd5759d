import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { Checkpoint } from '../../audit/checkpoint.ts';
import type { Followed } from '../../audit/follow.ts';
import type { LogReader } from '../../audit/log-source.ts';
import type { NoteKey } from '../../bytes/note-key.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { oneLine } from '../output/one-line.ts';
import { print } from '../output/print.ts';
import { notice } from '../report.ts';
import { gateAt, isGateAddress } from './gate-address.ts';
import { wholeNumber } from './whole-number.ts';

interface WatchFlags {
  readonly key?: string;
  readonly state?: string;
  readonly interval: number;
  readonly once?: true;
  readonly format: 'text' | 'json';
}

const HELP = `
Each new checkpoint must continue the one that was seen before, and every new entry be what it stands for. A log that has
fewer entries, or other ones, than were seen, or that was altered, ends the watch: exit 1, and what was seen stays in the
state. With --state what was seen outlives the watch; keep that file where whoever writes the log does not. That old
entries' files are as they were is for audit verify to tell.`;

interface Watched {
  readonly source: LogReader;
  readonly key: NoteKey;
}

export function addAuditWatch(
  parent: Command,
  signal: AbortSignal,
  keyOf: (log: LogReader, flags: { readonly key?: string }) => Promise<NoteKey>,
): void {
  parent
    .command('watch')
    .description('follow a log: report what is added, fail when it does not continue what was seen')
    .argument('<log>', 'the log’s folder, a vault’s, or http(s)://host:port of a gate')
    .option('--state <file>', 'where the checkpoint that was seen last is kept')
    .option('--interval <seconds>', 'look again after so many seconds', wholeNumber, 10)
    .option('--once', 'look once')
    .option('--key <key>', 'the log’s verifier key, instead of the one in its folder')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .addHelpText('after', HELP)
    .action(async (path: string, flags: WatchFlags) => {
      if (flags.interval < 1) throw usage('--interval: a second is the least');
      if (isGateAddress(path) && flags.key === undefined) {
        throw usage('--key: what a gate says of its own key shows nothing');
      }
      const source = isGateAddress(path) ? await remoteLog(path, signal) : await openLog(path);
      const key = await keyOf(source, flags);
      await watch({ source, key }, flags, signal).catch((error: unknown) => {
        // An interrupt ends a look in the midst as it ends the watch between two.
        if (!signal.aborted || !isOpalineError(error, 'ABORTED')) throw error;
      });
    });
}

/** Looks until it is interrupted, or the log is not what it was. */
async function watch(
  { source, key }: Watched,
  { state, interval, once, format }: WatchFlags,
  signal: AbortSignal,
): Promise<void> {
  const { followLog } = await import('../../audit/follow.ts');
  let last = state === undefined ? undefined : await readState(state, key);
  let first = true;
  while (!signal.aborted) {
    const kinds = new Map<string, number>();
    try {
      const followed = await followLog(source, key, last, (_, { kind }) => {
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      });
      if (state !== undefined && (first || followed.added > 0)) await keep(state, followed.bytes);
      if (first || followed.added > 0) await print(lineOf(followed, kinds, format));
      last = followed.head;
      first = false;
      if (once === true) return;
    } catch (error) {
      // A gate may be away for a while; one that never answered may not be there at all.
      if (first || once === true || !isPassing(error)) throw error;
      notice(`${error.message}; looking again in ${interval} s`);
    }
    await delay(1000 * interval, undefined, { signal }).catch(() => undefined);
  }
}

function lineOf(
  { head, added }: Followed,
  kinds: ReadonlyMap<string, number>,
  format: WatchFlags['format'],
): string {
  const seen = new Date().toISOString();
  const { origin, size } = head;
  const sorted = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
  if (format === 'json') {
    const line = { seen, origin, entries: size, added, kinds: Object.fromEntries(sorted) };
    return `${JSON.stringify(line)}\n`;
  }
  const told = sorted.map(([kind, count]) => `${oneLine(kind)} ${count}`).join(', ');
  return `${seen}  ${oneLine(origin)}: ${size} entries, ${added} new${told === '' ? '' : `: ${told}`}\n`;
}

/** A log's folder, or that of a vault's log. @throws LOG_NOT_FOUND */
async function openLog(path: string): Promise<LogReader> {
  const [{ LogFolder: Folder }, { GOVERNANCE, LOG_FOLDER }] = await Promise.all([
    import('../../audit/file/log-folder.ts'),
    import('../../client/governance/file-names.ts'),
  ]);
  const inner = join(path, GOVERNANCE, LOG_FOLDER);
  const isVault = await stat(inner).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return await Folder.open(isVault ? inner : path);
}

/** The log of a gate. @throws USAGE, LOG_NOT_FOUND, GATE_UNREACHABLE, and what the gate refuses with */
async function remoteLog(address: string, signal: AbortSignal): Promise<LogReader> {
  const gate = gateAt(address);
  const [{ RemoteLog }, { CHECKPOINT_PATH }] = await Promise.all([
    import('../../gateway/remote-log.ts'),
    import('../../audit/log-source.ts'),
  ]);
  const log = new RemoteLog(gate, signal);
  if ((await log.read(CHECKPOINT_PATH)) !== undefined) return log;
  throw new OpalineError('LOG_NOT_FOUND', { path: address });
}

const isPassing = (error: unknown): error is OpalineError =>
  isOpalineError(error, 'GATE_UNREACHABLE') || isOpalineError(error, 'GATE_BUSY');

/** The head that was seen last; undefined where there is no such file yet. @throws INPUT_NOT_FOUND, LOG_INVALID */
async function readState(file: string, key: NoteKey): Promise<Checkpoint | undefined> {
  const bytes = await readFile(file).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new OpalineError('INPUT_NOT_FOUND', { path: file });
  });
  if (bytes === undefined) {
    notice('Nothing was seen before: this look is what later ones are compared with.');
    return undefined;
  }
  const { openCheckpoint } = await import('../../audit/checkpoint.ts');
  try {
    return openCheckpoint(new Uint8Array(bytes), key, 'what was seen before');
  } catch (error) {
    if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
    const { reason } = error.details;
    throw new OpalineError('LOG_INVALID', { where: 'what was seen before', reason });
  }
}

async function keep(file: string, bytes: Uint8Array): Promise<void> {
  const { writeAtomic } = await import('../../client/local/atomic-file.ts');
  await writeAtomic(file, bytes);
}

function usage(reason: string): OpalineError {
  return new OpalineError('USAGE', { reason });
}
