import { equalBytes } from '../../bytes/compare.ts';
import { utf8 } from '../../bytes/codec.ts';
import { type Checkpoint, openCheckpoint, type SignedCheckpoint } from '../checkpoint.ts';
import { CHECKPOINT_PATH, KEY_PATH, type LogSource } from '../log-source.ts';
import { formatKey, type NoteKey } from '../../bytes/note-key.ts';
import type { SealingKeys } from '../subject-keys.ts';
import { Findings, type LogFinding } from './findings.ts';
import { readKeyRing, verifyDetails, type VisitEntry } from './verify-details.ts';
import { verifyFiles } from './verify-files.ts';
import { verifyCosigned, verifyHead, type Witnessed, witnessesOf } from './verify-heads.ts';
import { verifyTree } from './verify-tree.ts';

export interface VerifyOptions {
  /** Of the log, known from elsewhere: a key that lies beside the log proves nothing. */
  readonly key: NoteKey;
  /** Heads that were kept elsewhere, with where: what shows a fork and a rollback. */
  readonly heads?: readonly { readonly where: string; readonly head: Checkpoint }[] | undefined;
  readonly witnesses?: readonly NoteKey[] | undefined;
  /** Opens details; without it, that they are as they were logged is still checked. */
  readonly sealing?: SealingKeys | undefined;
  readonly onEntry?: VisitEntry | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Details by what is known of them. */
export interface DetailCounts {
  absent: number;
  sealed: number;
  open: number;
}

export interface LogVerdict {
  readonly findings: readonly LogFinding[];
  readonly problems: number;
  /** What the log's key signed; undefined where there is no such checkpoint. */
  readonly checkpoint: SignedCheckpoint | undefined;
  readonly details: Readonly<DetailCounts>;
  readonly witnessed: readonly Witnessed[];
}

/**
 * Checks the structure of a whole log: that every entry, tile and sealed detail is what the signed checkpoint
 * stands for, and that the log continues every head that is known.
 *
 * What it cannot show: that what happened was logged, that times are true, who removed a detail that is absent, and,
 * without heads or witnesses, that this is the newest state or the only one.
 *
 * Reads one bundle at a time. Throws what `source` throws; whatever is wrong with the log is a finding.
 */
export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<LogVerdict> {
  const findings = new Findings();
  const details: DetailCounts = { absent: 0, sealed: 0, open: 0 };
  const witnessed: Witnessed[] = [];
  const { key, witnesses = [], heads = [] } = options;
  const verdict = (checkpoint: SignedCheckpoint | undefined): LogVerdict => ({
    findings: findings.all(),
    problems: findings.problems,
    checkpoint,
    details,
    witnessed,
  });
  await verifyKeyFile(source, key, findings);
  const log = await findings.attempt(CHECKPOINT_PATH, async () => {
    const bytes = (await source.read(CHECKPOINT_PATH)) ?? new Uint8Array(0);
    return openCheckpoint(bytes, key, CHECKPOINT_PATH);
  });
  if (log === undefined) return verdict(undefined);
  witnessed.push(...witnessesOf(log.note, log.size, CHECKPOINT_PATH, witnesses, findings));
  const ring = await readKeyRing(source, options.sealing, findings);
  const root = await verifyTree(source, log.size, findings, async (index, width, entries) => {
    await verifyDetails(source, { index, width }, entries, ring, findings, (at, leaf, states) => {
      for (const { kind } of states) details[kind]++;
      options.onEntry?.(at, leaf, states);
    });
    options.onProgress?.(Math.min(log.size, (index + 1) * 256), log.size);
  });
  if (root !== undefined && !equalBytes(root, log.root)) {
    findings.problem(CHECKPOINT_PATH, `its root is not that of the log’s ${log.size} entries`);
  }
  const cosigned = await verifyFiles(source, log.size, findings);
  for (const { where, head } of heads) await verifyHead(source, log, head, where, findings);
  for (const path of cosigned) {
    const known = { key, witnesses };
    witnessed.push(...(await verifyCosigned(source, log, path, known, findings)));
  }
  return verdict(log);
}

async function verifyKeyFile(source: LogSource, key: NoteKey, findings: Findings): Promise<void> {
  const stored = await source.read(KEY_PATH);
  // Logs of others have none.
  if (stored === undefined || equalBytes(stored, utf8(`${formatKey(key)}\n`))) return;
  findings.problem(KEY_PATH, 'not the key that the log is verified with');
}
