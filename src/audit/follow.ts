import { equalBytes } from '../bytes/compare.ts';
import type { NoteKey } from '../bytes/note-key.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { type Checkpoint, openCheckpoint, type SignedCheckpoint } from './checkpoint.ts';
import { decodeLeaf, type Leaf } from './leaf.ts';
import { CHECKPOINT_PATH, type LogReader, readEntries, readHashes } from './log-source.ts';
import { EMPTY_ROOT, leafHash } from './merkle.ts';
import { inclusionProof } from './proof.ts';
import { asLogInvalid } from './prove.ts';
import { nodesOfTiles, type Tile, tileAt, TILE_WIDTH, tilePath } from './tile.ts';
import { TreeEdge } from './tree-edge.ts';
import { verifyInclusion } from './verify-proof.ts';

/** What a log was seen to have become. */
export interface Followed {
  readonly head: SignedCheckpoint;
  /** The checkpoint's bytes: what to keep for the next look. */
  readonly bytes: Uint8Array;
  /** Entries that were added since. */
  readonly added: number;
}

/** An entry, by its number, as everybody may see it. */
export type VisitAdded = (index: number, leaf: Pick<Leaf, 'kind' | 'time'>) => void;

/** Entries that one look takes: each is remembered until all of them are verified. */
const MOST_ADDED = 1 << 24;
/** A writer replaces tiles while they are read: a look that fails is repeated while the checkpoint is another. */
const ATTEMPTS = 5;

/**
 * Look at a log again: verify that what it is now continues what it was, and read what was added.
 *
 * The tree of the entries that were known is taken from the tiles and compared with the known root; then the new
 * entries themselves are hashed into it, up to the root that the log's key has signed. So every new entry is what the
 * checkpoint stands for, and every old one is still the same in it; whether older files than those of the last bundle
 * were altered since is for `verifyLog` to tell.
 * @param last the head that was seen before; undefined: every entry is new
 * @throws LOG_NOT_FOUND, LOG_INVALID for what the checkpoint does not stand for, or what the key did not sign,
 * LOG_ROLLBACK for fewer entries than were seen, LOG_FORK for other ones,
 * REQUEST_TOO_LARGE for more new ones than a look takes
 */
export async function followLog(
  source: LogReader,
  key: NoteKey,
  last: Checkpoint | undefined,
  visit: VisitAdded = () => undefined,
): Promise<Followed> {
  let bytes = await checkpointOf(source);
  for (let attempt = 1; ; attempt++) {
    try {
      const leaves: [number, Pick<Leaf, 'kind' | 'time'>][] = [];
      const head = await asLogInvalid(() =>
        look(source, bytes, key, last, (index, { kind, time }) => {
          leaves.push([index, { kind, time }]);
        }),
      );
      for (const [index, leaf] of leaves) visit(index, leaf);
      return { head, bytes, added: leaves.length };
    } catch (error) {
      const now = await checkpointOf(source);
      if (attempt === ATTEMPTS || equalBytes(now, bytes)) throw error;
      bytes = now;
    }
  }
}

async function checkpointOf(source: LogReader): Promise<Uint8Array> {
  const bytes = await source.read(CHECKPOINT_PATH);
  if (bytes !== undefined) return bytes;
  throw new OpalineError('LOG_INVALID', { where: CHECKPOINT_PATH, reason: 'missing' });
}

async function look(
  source: LogReader,
  bytes: Uint8Array,
  key: NoteKey,
  last: Checkpoint | undefined,
  visit: VisitAdded,
): Promise<SignedCheckpoint> {
  const head = openCheckpoint(bytes, key, CHECKPOINT_PATH);
  const known = last ?? { size: 0, root: EMPTY_ROOT };
  if (head.size < known.size) {
    throw new OpalineError('LOG_ROLLBACK', { expected: known.size, found: head.size });
  }
  if (head.size === known.size && !equalBytes(head.root, known.root)) {
    throw new OpalineError('LOG_FORK', { size: known.size });
  }
  const added = head.size - known.size;
  if (added > MOST_ADDED) {
    const limit = MOST_ADDED;
    throw new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the number of new entries',
      size: added,
      limit,
    });
  }
  const edge = await TreeEdge.load(known.size, (tile) => hashesAt(source, head.size, tile));
  if (!equalBytes(edge.root(), known.root)) {
    await requireOwnTiles(source, head, known.size - 1);
    throw new OpalineError('LOG_FORK', { size: known.size });
  }
  for (let at = known.size; at < head.size;) {
    const bundle = tileAt(head.size, 'entries', Math.floor(at / TILE_WIDTH))!;
    const entries = await readEntries(source, bundle);
    const row = edge.partial().find(({ level }) => level === 0)?.hashes ?? [];
    if (row.some((hash, i) => !equalBytes(leafHash(entries[i]!), hash))) {
      throw invalid(tilePath(bundle), 'entries that were known are not the same');
    }
    for (const entry of entries.slice(at % TILE_WIDTH)) {
      edge.push(leafHash(entry));
      visit(at++, decodeLeaf(entry, tilePath(bundle)));
    }
  }
  if (equalBytes(edge.root(), head.root)) return head;
  throw invalid('tile/entries', `entries from ${known.size} on are not those of the checkpoint`);
}

/** The hashes that a tile of a smaller tree had, out of the tile that is in its place now. */
async function hashesAt(source: LogReader, size: number, tile: Tile): Promise<Uint8Array[]> {
  const now = tileAt(size, tile.level, tile.index)!;
  return (await readHashes(source, now)).slice(0, tile.width);
}

/**
 * Whether the tiles over an entry are what the checkpoint stands for: what tells an altered log from another one. The
 * proof of the last entry that was known is made of every hash that its tree's root is.
 */
async function requireOwnTiles(
  source: LogReader,
  { size, root }: Checkpoint,
  index: number,
): Promise<void> {
  const node = nodesOfTiles(size, (tile) => readHashes(source, tile));
  const [leaf, proof] = [await node(0, index), await inclusionProof(index, size, node)];
  if (verifyInclusion(index, size, leaf, proof, root)) return;
  throw invalid('tile', 'hashes are not those that the checkpoint stands for');
}

function invalid(where: string, reason: string): OpalineError {
  return new OpalineError('LOG_INVALID', { where, reason });
}
