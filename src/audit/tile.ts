import { OpalineError } from '../errors/opaline-error.ts';
import { HASH_BYTES, nodeHash } from './merkle.ts';
import type { NodeSource } from './proof.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles, "Merkle Tree"). */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

/** A tile of hashes, or a bundle of entries; one of fewer than 256 is partial. */
export interface Tile {
  /** 0: hashes of entries; each hash of level L is the root of a full tile of level L − 1. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
}

/** The path of a tile below the log's folder: tile/<level>/<index>[.p/<width>]. */
export function tilePath({ level, index, width }: Tile): string {
  const path = `tile/${level}/${indexPath(index)}`;
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

/** An index in elements of three digits, all but the last with an x: 1234067 is x001/x234/067. */
export function indexPath(index: number): string {
  const digits = (value: number): string => String(value % 1000).padStart(3, '0');
  let path = digits(index);
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${digits(rest)}/${path}`;
  }
  return path;
}

const INDEX = '((?:x[0-9]{3}/)*[0-9]{3})';
const TILE_PATH = new RegExp(`^tile/(entries|[0-9]{1,2})/${INDEX}(?:\\.p/([1-9][0-9]{0,2}))?$`);
const INDEX_PATH = new RegExp(`^${INDEX}$`);

/** The tile of a path; undefined for whatever `tilePath` does not give. */
export function parseTilePath(path: string): Tile | undefined {
  const [, level, name, width] = TILE_PATH.exec(path) ?? [];
  if (level === undefined || name === undefined) return undefined;
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: parseIndexPath(name) ?? -1,
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  return tile.index >= 0 && tilePath(tile) === path ? tile : undefined;
}

/** The index of a path that `indexPath` gives; undefined for others. */
export function parseIndexPath(path: string): number | undefined {
  if (!INDEX_PATH.test(path)) return undefined;
  const index = Number(path.replaceAll(/[x/]/g, ''));
  return Number.isSafeInteger(index) && indexPath(index) === path ? index : undefined;
}

/** How many hashes the levels have in a tree of `size` entries; bundles have as many as level 0. */
export function rowLength(size: number, level: Tile['level']): number {
  return level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
}

/** The widest tile of that place in a tree of `size` entries; undefined where there is none. */
export function tileAt(size: number, level: Tile['level'], index: number): Tile | undefined {
  const width = Math.min(TILE_WIDTH, rowLength(size, level) - index * TILE_WIDTH);
  return width < 1 ? undefined : { level, index, width };
}

/** The tiles that are not full in a tree of `size` entries, from level 0 up: what the next entry changes. */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; rowLength(size, level) > 0; level++) {
    const row = rowLength(size, level);
    const width = row % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(row / TILE_WIDTH), width });
  }
  return tiles;
}

/** The hashes in a tile's bytes. @throws BYTES_INVALID naming its path when there are not `width` of them */
export function tileHashes(bytes: Uint8Array, tile: Tile): Uint8Array[] {
  if (bytes.length !== tile.width * HASH_BYTES) {
    const reason = `${bytes.length} bytes, and ${tile.width} hashes have ${tile.width * HASH_BYTES}`;
    throw new OpalineError('BYTES_INVALID', { what: tilePath(tile), reason });
  }
  return Array.from({ length: tile.width }, (_, i) =>
    bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}

export function tileBytes(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * HASH_BYTES);
  return bytes;
}

/**
 * Nodes of the tree of `size` entries, out of its tiles; `read` gives the hashes of one. Each node is computed once and
 * kept as long as this source: the proofs of many entries share most of theirs.
 */
export function nodesOfTiles(
  size: number,
  read: (tile: Tile) => Promise<readonly Uint8Array[]>,
): NodeSource {
  const tiles = new Map<string, Promise<readonly Uint8Array[]>>();
  const nodes = new Map<string, Promise<Uint8Array>>();
  const fromTile = async (level: number, index: number): Promise<Uint8Array> => {
    const tile = tileAt(size, level, Math.floor(index / TILE_WIDTH));
    if (tile === undefined || index % TILE_WIDTH >= tile.width) {
      throw new OpalineError('INTERNAL', { reason: 'a node that the tree does not have' });
    }
    const path = tilePath(tile);
    const hashes = tiles.get(path) ?? read(tile);
    tiles.set(path, hashes);
    return (await hashes)[index % TILE_WIDTH]!;
  };
  const compute = async (height: number, index: number): Promise<Uint8Array> => {
    if (height % TILE_HEIGHT === 0) return await fromTile(height / TILE_HEIGHT, index);
    const children = [node(height - 1, 2 * index), node(height - 1, 2 * index + 1)] as const;
    const [left, right] = await Promise.all(children);
    return nodeHash(left, right);
  };
  const node: NodeSource = (height, index) => {
    const key = `${height}/${index}`;
    const known = nodes.get(key) ?? compute(height, index);
    nodes.set(key, known);
    return known;
  };
  return node;
}
