import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  layoutOf,
  LARGE_PAYLOAD,
  listBytes,
  SMALL_PAYLOAD,
} from '../../../../src/search/sse/layout.ts';
import { decodePosting, encodePosting, postingBits } from '../../../../src/search/sse/posting.ts';
import { expectRows, generator, refusal } from './support.ts';

function encode(list: Uint32Array, rows: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(postingBits(list.length, rows) / 32) + 2);
  encodePosting(list, 0, list.length, rows, words, 0);
  return words;
}

/** `count` rows below `rows`, ascending: the front of a shuffle. */
function sample(rows: number, count: number, seed: number): Uint32Array {
  const next = generator(seed);
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + (next() % (rows - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.slice(0, count).sort();
}

/** Half of the lists short, half of any density. */
const lists = fc
  .record({
    rows: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 5000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 18 }) },
    ),
    short: fc.boolean(),
    size: fc.integer({ min: 1, max: 1000 }),
    seed: fc.nat(),
  })
  .map(({ rows, short, size, seed }) => {
    const count = short ? Math.min(rows, size) : Math.max(1, Math.floor((rows * size) / 1000));
    return { rows, count, seed };
  });

describe('posting lists', () => {
  test('decode to what was encoded, in postingBits bits', () => {
    fc.assert(
      fc.property(lists, ({ rows, count, seed }) => {
        const list = sample(rows, count, seed);
        const words = encode(list, rows);
        expectRows(decodePosting(words, count, rows).toArray(), list);
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
      expectRows(decodePosting(encode(list, rows), list.length, rows).toArray(), list);
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
      { numRuns: 50 },
    );
  });

  test('each bit of a short list flipped is refused or leaves as many rows', () => {
    const list = sample(1000, 9, 2);
    for (let bit = 0; bit < postingBits(9, 1000); bit++) {
      const words = encode(list, 1000);
      words[bit >>> 5]! ^= 1 << (bit & 31);
      let found: number | undefined;
      const code = refusal(() => (found = decodePosting(words, 9, 1000).count));
      expect(code ?? found).toBe(code === undefined ? 9 : 'BYTES_INVALID');
    }
  });

  test('a bit past the end is refused, and so is a row twice', () => {
    for (const [count, rows] of [
      [3, 1000],
      [400, 1000],
      [1000, 1001],
    ] as const) {
      const list = sample(rows, count, 6);
      for (const bit of [postingBits(count, rows), postingBits(count, rows) + 31]) {
        const words = encode(list, rows);
        words[bit >>> 5]! |= 1 << (bit & 31);
        expect(refusal(() => decodePosting(words, count, rows))).toBe('BYTES_INVALID');
      }
    }
    // Rows 7 and 7 of 1,000: the encoder does not look, the decoder does.
    const twice = encode(Uint32Array.of(7, 7), 1000);
    expect(refusal(() => decodePosting(twice, 2, 1000))).toBe('BYTES_INVALID');
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
      { numRuns: 50 },
    );
  });
});
