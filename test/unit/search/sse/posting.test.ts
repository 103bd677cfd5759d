import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  layoutOf,
  LARGE_PAYLOAD,
  listBytes,
  SMALL_PAYLOAD,
} from '../../../../src/search/sse/layout.ts';
import { decodePosting, encodePosting, postingBits } from '../../../../src/search/sse/posting.ts';
import { generator, refusal } from './support.ts';

function encode(list: Uint32Array, rows: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(postingBits(list.length, rows) / 32) + 2);
  encodePosting(list, 0, list.length, rows, words, 0);
  return words;
}

function sample(rows: number, count: number, seed: number): Uint32Array {
  const next = generator(seed);
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(next() % rows);
  return Uint32Array.from(chosen).sort();
}

const lists = fc
  .tuple(fc.integer({ min: 1, max: 2 ** 18 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .chain(([rows, share]) => {
    // Half of the lists short, half of any density.
    const count = Math.max(1, Math.floor(share < 0.5 ? Math.min(rows, share * 40) : rows * (share - 0.5)));
    return fc.record({ rows: fc.constant(rows), count: fc.constant(count), seed: fc.nat() });
  });

describe('posting lists', () => {
  test('decode to what was encoded, in postingBits bits', () => {
    fc.assert(
      fc.property(lists, ({ rows, count, seed }) => {
        const list = sample(rows, count, seed);
        const words = encode(list, rows);
        expect(decodePosting(words, count, rows).toArray()).toEqual(list);
        const bits = postingBits(count, rows);
        for (let b = bits; b < words.length * 32; b++) {
          expect((words[b >>> 5]! >>> (b & 31)) & 1).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([1, 2, 31, 32, 33, 1024, 2 ** 18])('the extremes of %i rows', (rows) => {
    const all = Uint32Array.from({ length: rows }, (_, i) => i);
    for (const list of [all, all.slice(0, 1), all.slice(-1), all.slice(rows >>> 1)]) {
      expect(decodePosting(encode(list, rows), list.length, rows).toArray()).toEqual(list);
    }
  });

  test('a list never takes more than a bitmap, and under 4 bytes a row from 64 rows on', () => {
    for (let count = 1; count <= 2 ** 18; count += count < 3000 ? 1 : 997) {
      expect(postingBits(count, 2 ** 18)).toBeLessThanOrEqual(2 ** 18);
      if (count >= 64) expect(listBytes(layoutOf(count, 2 ** 18)) / count).toBeLessThan(4);
    }
  });

  test('records hold the list, and none of them is needless', () => {
    fc.assert(
      fc.property(lists, ({ rows, count }) => {
        const { small, large } = layoutOf(count, rows);
        const needed = 4 + Math.ceil(postingBits(count, rows) / 8);
        const room = small * SMALL_PAYLOAD + large * LARGE_PAYLOAD;
        expect(room).toBeGreaterThanOrEqual(needed);
        expect(small).toBeGreaterThanOrEqual(1);
        const spare = small > 1 ? SMALL_PAYLOAD : LARGE_PAYLOAD;
        if (small + large > 1) expect(room - needed).toBeLessThan(spare);
      }),
    );
  });

  test('damage is refused or gives rows of the segment, as many as announced', () => {
    fc.assert(
      fc.property(lists, fc.nat(), fc.nat(), ({ rows, count, seed }, at, bit) => {
        const words = encode(sample(rows, count, seed), rows);
        words[at % words.length]! ^= 1 << (bit & 31);
        let found: number | undefined;
        const code = refusal(() => (found = decodePosting(words, count, rows).count));
        if (code === undefined) expect(found).toBe(count);
        else expect(code).toBe('BYTES_INVALID');
      }),
      { numRuns: 100 },
    );
  });

  test('random words are refused or decode within the segment', () => {
    fc.assert(
      fc.property(lists, fc.nat(), ({ rows, count }, seed) => {
        const next = generator(seed);
        const length = Math.ceil(postingBits(count, rows) / 32) + 1;
        const words = Uint32Array.from({ length }, () => next());
        const code = refusal(() => decodePosting(words, count, rows));
        expect([undefined, 'BYTES_INVALID']).toContain(code);
      }),
      { numRuns: 100 },
    );
  });
});
