import { equalBytes } from '../bytes/compare.ts';
import type { NoteKey } from '../bytes/note-key.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { CHECKPOINT_PATH, type LogReader, readHashes } from './log-source.ts';
import { consistencyProof, treeRoot } from './proof.ts';
import { asLogInvalid } from './prove.ts';
import { nodesOfTiles } from './tile.ts';
import { verifyConsistency } from './verify-proof.ts';

/** A tree, by its size and root. */
type Head = Pick<Checkpoint, 'size' | 'root'>;

/** That a log's checkpoint continues an earlier tree of it (RFC 9162, section 2.1.4). */
export interface Continuation {
  /** Entries of the earlier tree; 0, of which nothing has to be shown, where none is known. */
  readonly from: number;
  readonly hashes: readonly Uint8Array[];
}

/**
 * Refuses a checkpoint that is not shown to continue the tree that is known. Of the empty tree every log is one.
 * @throws LOG_ROLLBACK for fewer entries, LOG_FORK for other ones or a proof that is none, LOG_UNPROVED where the proof
 * is from another tree than the known one
 */
export function requireContinuation(known: Head, head: Head, { from, hashes }: Continuation): void {
  if (head.size < known.size) {
    throw new OpalineError('LOG_ROLLBACK', { expected: known.size, found: head.size });
  }
  if (known.size === 0) return;
  if (head.size === known.size) {
    if (equalBytes(head.root, known.root)) return;
    throw new OpalineError('LOG_FORK', { size: known.size });
  }
  if (from !== known.size) throw new OpalineError('LOG_UNPROVED', { known: known.size });
  if (verifyConsistency(known.size, head.size, known.root, head.root, hashes)) return;
  throw new OpalineError('LOG_FORK', { size: known.size });
}

/**
 * The proof that a log's newest checkpoint continues the tree of its first `from` entries, verified against that
 * checkpoint: tiles that are not its own are not given out as another log's.
 * @throws LOG_ROLLBACK where there are not so many, LOG_INVALID
 */
export async function proveContinuation(
  source: LogReader,
  from: number,
  key: NoteKey,
): Promise<Continuation> {
  return await asLogInvalid(async () => {
    const bytes = (await source.read(CHECKPOINT_PATH)) ?? new Uint8Array(0);
    const { size, root } = openCheckpoint(bytes, key, CHECKPOINT_PATH);
    if (from > size) throw new OpalineError('LOG_ROLLBACK', { expected: from, found: size });
    if (from === 0) return { from, hashes: [] };
    const node = nodesOfTiles(size, (tile) => readHashes(source, tile));
    const hashes = await consistencyProof(from, size, node);
    if (!verifyConsistency(from, size, await treeRoot(from, node), root, hashes)) {
      const reason = 'hashes are not those that the checkpoint stands for';
      throw new OpalineError('LOG_INVALID', { where: 'tile', reason });
    }
    return { from, hashes };
  });
}
