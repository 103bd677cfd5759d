import { equalBytes } from '../../bytes/compare.ts';
import { type Checkpoint, openCheckpoint } from '../checkpoint.ts';
import { cosignedBy } from '../cosignature.ts';
import { cosignedPath, type LogSource, readHashes } from '../log-source.ts';
import type { NoteKey } from '../../bytes/note-key.ts';
import type { Note } from '../../bytes/note.ts';
import { treeRoot } from '../proof.ts';
import { nodesOfTiles } from '../tile.ts';
import type { Findings } from './findings.ts';

/** A witness and the newest checkpoint that it cosigned. */
export interface Witnessed {
  readonly name: string;
  readonly size: number;
  /** Seconds since 1970. */
  readonly seconds: number;
}

/**
 * Compares a head that is known from elsewhere with the log: a shorter log was rolled back, another root is a
 * fork. `where` is where the head is kept.
 */
export async function verifyHead(
  source: LogSource,
  log: Checkpoint,
  head: Checkpoint,
  where: string,
  findings: Findings,
): Promise<void> {
  if (head.origin !== log.origin) {
    findings.problem(where, `a head of another log, ${head.origin}`);
  } else if (head.size > log.size) {
    findings.problem(
      where,
      `rolled back: the head has ${head.size} entries, and the log ${log.size}`,
    );
  } else if (head.size > 0) {
    const root = await rootAt(source, log, head.size, findings);
    if (root === undefined || equalBytes(root, head.root)) return;
    findings.problem(
      where,
      `a fork: the first ${head.size} entries of the log are not those of the head`,
    );
  }
}

/** The root of the first `size` entries by the log's tiles. */
export async function rootAt(
  source: LogSource,
  log: Checkpoint,
  size: number,
  findings: Findings,
): Promise<Uint8Array | undefined> {
  if (size === log.size) return log.root;
  const node = nodesOfTiles(log.size, (tile) => readHashes(source, tile));
  return await findings.attempt('tile', () => treeRoot(size, node));
}

/**
 * A checkpoint kept with cosignatures: signed by the log, of this very log, and cosigned by the witnesses
 * that say so.
 */
export async function verifyCosigned(
  source: LogSource,
  log: Checkpoint,
  path: string,
  { key, witnesses }: { readonly key: NoteKey; readonly witnesses: readonly NoteKey[] },
  findings: Findings,
): Promise<readonly Witnessed[]> {
  const opened = await findings.attempt(path, async () => {
    const bytes = (await source.read(path)) ?? new Uint8Array(0);
    return openCheckpoint(bytes, key, path);
  });
  if (opened === undefined) return [];
  if (cosignedPath(opened.size) !== path) findings.problem(path, `a checkpoint of ${opened.size}`);
  await verifyHead(source, log, opened, path, findings);
  const found = witnessesOf(opened.note, opened.size, path, witnesses, findings);
  if (witnesses.length > 0 && found.length === 0) {
    findings.problem(path, 'no cosignature of a known witness');
  }
  return found;
}

/** The known witnesses of a checkpoint; a cosignature that is not its witness's is a problem. */
export function witnessesOf(
  note: Note,
  size: number,
  path: string,
  witnesses: readonly NoteKey[],
  findings: Findings,
): readonly Witnessed[] {
  return witnesses.flatMap((witness) => {
    const cosigned = cosignedBy(note, witness);
    if (cosigned.kind === 'invalid') {
      findings.problem(path, `the cosignature of ${witness.name} is not valid`);
    }
    if (cosigned.kind !== 'cosigned') return [];
    return [{ name: witness.name, size, seconds: cosigned.seconds }];
  });
}
