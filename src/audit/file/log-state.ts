import { equalBytes } from '../../bytes/compare.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { isBeyond } from '../append-plan.ts';
import { type Checkpoint, openCheckpoint, type SignedCheckpoint } from '../checkpoint.ts';
import { CHECKPOINT_PATH, readEntries, readHashes } from '../log-source.ts';
import { leafHash } from '../merkle.ts';
import { asLogInvalid } from '../prove.ts';
import type { NoteKey } from '../../bytes/note-key.ts';
import { treeRoot } from '../proof.ts';
import { nodesOfTiles, parseTilePath, type Tile, TILE_WIDTH, tilePath } from '../tile.ts';
import { TreeEdge } from '../tree-edge.ts';
import type { LogFolder } from './log-folder.ts';

/** A log as its writer knows it. */
export interface LogState {
  /** The checkpoint's bytes. */
  readonly bytes: Uint8Array;
  readonly head: SignedCheckpoint;
  readonly edge: TreeEdge;
  /** The entries of the bundle that is not full. */
  readonly rest: readonly Uint8Array[];
}

/**
 * The state that a checkpoint stands for, checked: the tiles at the right edge have its root, and the entries that the
 * next append will write again are theirs.
 * @throws LOG_INVALID
 */
export async function loadState(
  folder: LogFolder,
  bytes: Uint8Array,
  key: NoteKey,
): Promise<LogState> {
  return await asLogInvalid(async () => {
    const head = openCheckpoint(bytes, key, CHECKPOINT_PATH);
    const edge = await TreeEdge.load(head.size, (tile) => readHashes(folder, tile));
    if (!equalBytes(edge.root(), head.root)) {
      throw invalid(CHECKPOINT_PATH, 'its root is not that of the tiles');
    }
    const width = head.size % TILE_WIDTH;
    const bundle: Tile = { level: 'entries', index: Math.floor(head.size / TILE_WIDTH), width };
    const rest = width === 0 ? [] : await readEntries(folder, bundle);
    const row = edge.partial()[0]?.hashes ?? [];
    if (rest.some((entry, i) => !equalBytes(leafHash(entry), row[i]!))) {
      throw invalid(tilePath(bundle), 'not the entries whose hashes the tile has');
    }
    return { bytes, head, edge, rest };
  });
}

/**
 * Refuses a log that does not continue a head that is known.
 * @throws LOG_ROLLBACK, LOG_FORK, LOG_INVALID
 */
export async function checkContinues(
  folder: LogFolder,
  log: Checkpoint,
  known: Checkpoint,
): Promise<void> {
  if (log.size < known.size) {
    throw new OpalineError('LOG_ROLLBACK', { expected: known.size, found: log.size });
  }
  if (known.size === 0) return;
  const root =
    known.size === log.size
      ? log.root
      : await asLogInvalid(() =>
          treeRoot(
            known.size,
            nodesOfTiles(log.size, (tile) => readHashes(folder, tile)),
          ),
        );
  if (!equalBytes(root, known.root)) throw new OpalineError('LOG_FORK', { size: known.size });
}

/**
 * Removes what an append that did not finish left beyond the end of the log. A process that dies leaves its first
 * writes, and those are bundles in their order, so that a look past the end tells: `quick`. A power failure may leave any
 * of them, so that every tile is looked at when a log is opened.
 */
export async function removeTail(folder: LogFolder, size: number, quick: boolean): Promise<void> {
  if (quick && !(await isBeyondEnd(folder, size))) return;
  const beyond = (await folder.below('tile'))
    .flatMap((path) => parseTilePath(path) ?? [])
    .filter((tile) => isBeyond(tile, size))
    // Bundles last and backwards: a removal that is interrupted leaves what tells of the rest.
    .sort((a, b) => rank(a) - rank(b) || b.index - a.index || b.width - a.width);
  await folder.remove(beyond.map(tilePath));
}

async function isBeyondEnd(folder: LogFolder, size: number): Promise<boolean> {
  const index = Math.floor(size / TILE_WIDTH);
  const full = tilePath({ level: 'entries', index, width: TILE_WIDTH });
  if (await folder.has(full)) return true;
  const partial = (await folder.below(`${full}.p`)).flatMap((path) => parseTilePath(path) ?? []);
  return partial.some((tile) => isBeyond(tile, size));
}

const rank = ({ level }: Tile): number => (level === 'entries' ? 1 : 0);

function invalid(where: string, reason: string): OpalineError {
  return new OpalineError('LOG_INVALID', { where, reason });
}
