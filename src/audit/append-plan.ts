import { encodeBundle } from './entry-bundle.ts';
import { leafHash } from './merkle.ts';
import { rowLength, type Tile, tileBytes, tilePath, TILE_WIDTH } from './tile.ts';
import type { FilledTile, TreeEdge } from './tree-edge.ts';

/** What entries that are added at the right edge of a log change. */
export interface AppendPlan {
  /** Path → bytes; bundles in the order of the log, then tiles. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The entries of the bundle that is not full, after the append. */
  readonly rest: readonly Uint8Array[];
  /** Folders of partial tiles that full ones replace. */
  readonly outdated: readonly string[];
  /** The hashes of all tiles that the proofs of the last entries need and of all that are new, by path. */
  readonly tiles: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** Adds entries to the edge; `rest` are the entries of its bundle that is not full. */
export function planAppend(
  edge: TreeEdge,
  rest: readonly Uint8Array[],
  added: readonly Uint8Array[],
): AppendPlan {
  const before = edge.size;
  const bundles = new Map<string, Uint8Array>();
  const full: FilledTile[] = [];
  let open = [...rest];
  for (const entry of added) {
    open.push(entry);
    full.push(...edge.push(leafHash(entry)));
    if (open.length < TILE_WIDTH) continue;
    const index = edge.size / TILE_WIDTH - 1;
    bundles.set(tilePath({ level: 'entries', index, width: TILE_WIDTH }), encodeBundle(open));
    open = [];
  }
  if (open.length > 0) {
    const index = Math.floor(edge.size / TILE_WIDTH);
    bundles.set(tilePath({ level: 'entries', index, width: open.length }), encodeBundle(open));
  }
  const partial = edge.partial();
  const changed = partial.filter(
    ({ level }) => rowLength(edge.size, level) !== rowLength(before, level),
  );
  const written = [...full, ...changed].map((tile): [string, Uint8Array] => [
    tilePath(tile),
    tileBytes(tile.hashes),
  ]);
  return {
    files: new Map([...bundles, ...written]),
    rest: open,
    outdated: full.flatMap(partialFolders),
    tiles: new Map([...full, ...partial].map((tile) => [tilePath(tile), tile.hashes])),
  };
}

function partialFolders(tile: Tile): string[] {
  const own = `${tilePath(tile)}.p`;
  return tile.level === 0 ? [own, `${tilePath({ ...tile, level: 'entries' })}.p`] : [own];
}

/** Whether a tile reaches beyond the end of a log of `size` entries. */
export function isBeyond(tile: Tile, size: number): boolean {
  return tile.index * TILE_WIDTH + tile.width > rowLength(size, tile.level);
}
