import { equalBytes } from '../../bytes/compare.ts';
import { type LogSource, readEntries, readHashes } from '../log-source.ts';
import { leafHash } from '../merkle.ts';
import { type Tile, tileAt, TILE_WIDTH, tilePath } from '../tile.ts';
import { type FilledTile, TreeEdge } from '../tree-edge.ts';
import type { Findings } from './findings.ts';

/** Entries of one bundle, in the order of the log; undefined where they cannot be read. */
export type VisitBundle = (
  bundle: number,
  width: number,
  entries: readonly Uint8Array[] | undefined,
) => Promise<void>;

/**
 * Checks that entries hash to the tiles of level 0, and that those hash to the tiles above.
 * @returns the root of the first `size` entries; undefined where hashes are missing
 */
export async function verifyTree(
  source: LogSource,
  size: number,
  findings: Findings,
  visit: VisitBundle,
): Promise<Uint8Array | undefined> {
  const edge = TreeEdge.empty();
  let complete = true;
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const tile = tileAt(size, 0, index)!;
    const bundle: Tile = { ...tile, level: 'entries' };
    const entries = await findings.attempt(tilePath(bundle), () => readEntries(source, tile));
    const hashes = await findings.attempt(tilePath(tile), () => readHashes(source, tile));
    if (entries !== undefined && hashes !== undefined)
      compareEntries(tile, entries, hashes, findings);
    await visit(index, tile.width, entries);
    const row = hashes ?? entries?.map(leafHash);
    complete &&= row !== undefined;
    if (!complete || row === undefined) continue;
    for (const hash of row) {
      for (const full of edge.push(hash)) await compareTile(source, full, findings);
    }
  }
  if (!complete) return undefined;
  for (const partial of edge.partial()) await compareTile(source, partial, findings);
  return edge.root();
}

function compareEntries(
  tile: Tile,
  entries: readonly Uint8Array[],
  hashes: readonly Uint8Array[],
  findings: Findings,
): void {
  for (const [i, entry] of entries.entries()) {
    if (equalBytes(leafHash(entry), hashes[i]!)) continue;
    const number = tile.index * TILE_WIDTH + i;
    findings.problem(
      tilePath({ ...tile, level: 'entries' }),
      `entry ${number} is not the one whose hash ${tilePath(tile)} has`,
    );
  }
}

/** A tile above level 0 against the roots of the tiles below it. */
async function compareTile(source: LogSource, tile: FilledTile, findings: Findings): Promise<void> {
  // Level 0 is what the tree was made of.
  if (tile.level === 0) return;
  const where = tilePath(tile);
  const stored = await findings.attempt(where, () => readHashes(source, tile));
  if (stored === undefined) return;
  for (const [i, hash] of tile.hashes.entries()) {
    if (equalBytes(hash, stored[i]!)) continue;
    const below = { level: tile.level - 1, index: tile.index * TILE_WIDTH + i, width: TILE_WIDTH };
    findings.problem(where, `its hash ${i} is not the root of ${tilePath(below)}`);
  }
}
