import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { parseCheckpoint } from '../../../src/audit/checkpoint.ts';
import { decodeBundle, encodeBundle } from '../../../src/audit/entry-bundle.ts';
import { leafHash } from '../../../src/audit/merkle.ts';
import { consistencyProof, inclusionProof, treeRoot } from '../../../src/audit/proof.ts';
import {
  edgeTiles,
  indexPath,
  nodesOfTiles,
  parseIndexPath,
  parseTilePath,
  rowLength,
  type Tile,
  tileBytes,
  tileHashes,
  tilePath,
} from '../../../src/audit/tile.ts';
import { TreeEdge } from '../../../src/audit/tree-edge.ts';
import { verifyConsistency, verifyInclusion } from '../../../src/audit/verify-proof.ts';
import { parseNote } from '../../../src/bytes/note.ts';
import { entriesOf, referenceRoot } from './reference.ts';

describe('paths (C2SP tlog-tiles)', () => {
  test('are those of the specification', () => {
    expect(indexPath(1234067)).toBe('x001/x234/067');
    expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000');
    expect(tilePath({ level: 1, index: 999, width: 1 })).toBe('tile/1/999.p/1');
    expect(tilePath({ level: 'entries', index: 1000, width: 112 })).toBe(
      'tile/entries/x001/000.p/112',
    );
  });

  test('a tree of 70,000 has the partial tiles that the specification tells', () => {
    expect(edgeTiles(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(edgeTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(rowLength(70_000, 'entries')).toBe(70_000);
  });

  test('are read back, and no other text is one', () => {
    const tile = fc.record({
      level: fc.oneof(fc.constant<'entries'>('entries'), fc.nat({ max: 63 })),
      index: fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: Number.MAX_SAFE_INTEGER })),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (one: Tile) => {
        expect(parseTilePath(tilePath(one))).toEqual(one);
        expect(parseIndexPath(indexPath(one.index))).toBe(one.index);
      }),
    );
    for (const text of [
      'tile/00/000',
      'tile/0/0',
      'tile/0/x000/000',
      'tile/0/001/002',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/0/000.p/',
      'tile/0/000/',
      'tile/-1/000',
      'tile/0/x999/x999/x999/x999/x999/999',
      '../tile/0/000',
    ]) {
      expect(parseTilePath(text), text).toBeUndefined();
    }
  });
});

/** All tiles of a tree, by path, as the edge makes them; and its root when it had some of its sizes. */
function tilesOf(
  hashes: readonly Uint8Array[],
  sizes: readonly number[] = [],
): { edge: TreeEdge; tiles: Map<string, Uint8Array>; roots: Map<number, Uint8Array> } {
  const edge = TreeEdge.empty();
  const roots = new Map<number, Uint8Array>();
  const full = hashes.flatMap((hash) => {
    const made = edge.push(hash);
    if (sizes.includes(edge.size)) roots.set(edge.size, edge.root());
    return made;
  });
  const all = [...full, ...edge.partial()];
  const tiles = new Map(all.map((tile) => [tilePath(tile), tileBytes(tile.hashes)]));
  return { edge, tiles, roots };
}

const reader = (tiles: ReadonlyMap<string, Uint8Array>) => (tile: Tile) =>
  Promise.resolve(tileHashes(tiles.get(tilePath(tile))!, tile));

describe('a published tree', () => {
  interface Published {
    readonly leaf_hashes_hex: readonly string[];
    readonly certified_root_of_first_256: string;
    readonly certified_checkpoint_root_size_300: string;
    readonly checkpoint: string;
  }
  const path = new URL('../../vectors/merkle/sunlight-300-leaf-tree.json', import.meta.url);
  const published = JSON.parse(readFileSync(path, 'utf8')) as Published;

  test('has its level 1 hash and the root of its checkpoint', () => {
    const hashes = published.leaf_hashes_hex.map((text) => fromHex(text, 'a vector'));
    const { edge, tiles } = tilesOf(hashes);
    expect(toHex(tiles.get('tile/1/000.p/1')!)).toBe(published.certified_root_of_first_256);
    expect(toHex(edge.root())).toBe(published.certified_checkpoint_root_size_300);
    const note = parseNote(new TextEncoder().encode(published.checkpoint), 'a checkpoint');
    expect(parseCheckpoint(note.text, 'a checkpoint')).toEqual({
      origin: 'rome2026h1.example.org',
      size: 300,
      root: edge.root(),
      extensions: [],
    });
    expect(note.signatures.map(({ name, bytes }) => [name, bytes.length])).toEqual([
      ['mirror.example.org', 72],
    ]);
  });
});

describe('a tree in tiles', () => {
  test('has the root of its entries at every size about the edges of tiles', async () => {
    const entries = entriesOf(700);
    const edge = TreeEdge.empty();
    const stored = new Map<string, Uint8Array>();
    for (const [i, entry] of entries.entries()) {
      for (const tile of edge.push(leafHash(entry)))
        stored.set(tilePath(tile), tileBytes(tile.hashes));
      for (const tile of edge.partial()) stored.set(tilePath(tile), tileBytes(tile.hashes));
      const size = i + 1;
      if (size > 70 && ![255, 256, 257, 511, 512, 513, 700].includes(size)) continue;
      const root = referenceRoot(entries.slice(0, size));
      expect(edge.root()).toEqual(root);
      expect(await treeRoot(size, nodesOfTiles(size, reader(stored)))).toEqual(root);
      const again = await TreeEdge.load(size, reader(stored));
      expect(again.root()).toEqual(root);
      expect(again.partial()).toEqual(edge.partial());
    }
  });

  test('proves three levels deep', async () => {
    const size = 66_000;
    const hashes = Array.from({ length: size }, (_, i) =>
      leafHash(Uint8Array.of(i, i >> 8, i >> 16)),
    );
    const firsts = [1, 255, 256, 257, 65_535, 65_536, 65_537, 65_999];
    const { edge, tiles, roots } = tilesOf(hashes, firsts);
    expect([...tiles.keys()].filter((path) => path.startsWith('tile/2/'))).toEqual([
      'tile/2/000.p/1',
    ]);
    const node = nodesOfTiles(size, reader(tiles));
    for (const index of [0, 255, 256, 65_535, 65_536, 65_999]) {
      const proof = await inclusionProof(index, size, node);
      expect(verifyInclusion(index, size, hashes[index]!, proof, edge.root())).toBe(true);
    }
    for (const first of firsts) {
      const root = roots.get(first)!;
      const proof = await consistencyProof(first, size, node);
      expect(verifyConsistency(first, size, root, edge.root(), proof)).toBe(true);
    }
  });
});

describe('a bundle of entries', () => {
  test('is lengths and entries, and nothing else is one', () => {
    const entry = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), fc.nat(), (entries, at) => {
        const bytes = encodeBundle(entries);
        expect(decodeBundle(bytes, entries.length, 'it')).toEqual(entries);
        expect(() => decodeBundle(bytes, entries.length + 1, 'it')).toThrow(/it: truncated/);
        expect(() => decodeBundle(Uint8Array.of(...bytes, 0), entries.length, 'it')).toThrow(
          /it: /,
        );
        if (bytes.length === 0) return;
        const cut = bytes.subarray(0, at % bytes.length);
        expect(() => decodeBundle(cut, entries.length, 'it')).toThrow(/it: /);
      }),
    );
    expect(toHex(encodeBundle([Uint8Array.of(7, 8)]))).toBe('00020708');
    const refused = { code: 'REQUEST_TOO_LARGE' };
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(expect.objectContaining(refused));
  });
});
