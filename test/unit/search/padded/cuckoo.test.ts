import { describe, expect, test } from 'vitest';
import { isEmpty, placeCells } from '../../../../src/search/padded/build/cuckoo.ts';
import { generator } from '../sse/support.ts';

function randomPlaces(cells: number, side: number, seed: number): Uint32Array {
  const next = generator(seed);
  return Uint32Array.from({ length: 2 * cells }, (_, i) => (i & 1) * side + (next() % side));
}

describe('cuckoo hashing', () => {
  test.each([1, 10, 100, 5000])('puts %i cells at places of theirs, or in the stash', (cells) => {
    const side = Math.ceil(1.1 * cells);
    for (let seed = 0; seed < 40; seed++) {
      const places = randomPlaces(cells, side, 7000 * cells + seed);
      const { at, stash } = placeCells(places, side, 16)!;
      const found = new Set(stash);
      const misplaced = at.filter((cell, place) => {
        if (isEmpty(cell)) return false;
        const own = places[2 * cell] === place || places[2 * cell + 1] === place;
        const twice = found.has(cell);
        found.add(cell);
        return !own || twice;
      });
      expect(misplaced).toHaveLength(0);
      expect(found.size).toBe(cells);
    }
  });

  test('needs no stash almost always, and hardly more than a few ever', () => {
    let without = 0;
    let most = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { stash } = placeCells(randomPlaces(200, 220, seed), 220, 16)!;
      if (stash.length === 0) without++;
      most = Math.max(most, stash.length);
    }
    expect(without).toBeGreaterThan(300);
    expect(most).toBeLessThan(6);
  });

  test('says so when more cells than the stash holds found no place', () => {
    // Eight cells for the same two places: two lie there, six are left.
    const places = Uint32Array.from({ length: 16 }, (_, i) => (i & 1) * 10 + 3);
    expect(placeCells(places, 10, 5)).toBe(undefined);
    expect(placeCells(places, 10, 6)!.stash.length).toBe(6);
  });
});
