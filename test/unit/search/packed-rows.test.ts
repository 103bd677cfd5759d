import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  packRun,
  riceParameter,
  runBits,
  runEnd,
  RUN_BITS,
  runningBits,
  unpackRun,
} from '../../../src/search/packed-rows.ts';
import { RowSet } from '../../../src/table/row-set.ts';
import { expectRows, refusal } from './sse/support.ts';

const ROWS = 2 ** 18;

const list = fc
  .tuple(fc.integer({ min: 1, max: ROWS }), fc.uniqueArray(fc.nat(ROWS - 1), { minLength: 1 }))
  .map(([rows, ids]) => ({
    rows,
    ids: Uint32Array.from(new Set(ids.map((id) => id % rows))).sort(),
  }));

function encoded(ids: Uint32Array, rows: number, at: number): Uint32Array {
  const parameter = riceParameter(ids.length, rows);
  const bits = new Uint32Array(ids.length);
  runningBits(ids, 0, ids.length, parameter, bits);
  const words = new Uint32Array(Math.ceil((at + runBits(bits, 0, ids.length)) / 32));
  packRun(ids, 0, ids.length, parameter, words, at);
  return words;
}

function decoded(words: Uint32Array, at: number, rows: number): Uint32Array {
  const set = new RowSet(rows);
  unpackRun(words, at, set, 'a test');
  return set.toArray();
}

describe('packed rows', () => {
  test('come back, from any bit on', () => {
    fc.assert(
      fc.property(list, fc.nat(70), ({ ids, rows }, at) => {
        expectRows(decoded(encoded(ids, rows, at), at, rows), ids);
      }),
    );
  });

  test.each([1, 2, 31, 4096, ROWS])('of every row of %i take a bit each', (rows) => {
    const ids = Uint32Array.from({ length: rows }, (_, i) => i);
    const words = encoded(ids, rows, 0);
    expect(words.length).toBe(Math.ceil((RUN_BITS + rows - 1) / 32));
    expectRows(decoded(words, 0, rows), ids);
  });

  test('cut at every room give runs that fit, and together the list', () => {
    fc.assert(
      fc.property(list, fc.integer({ min: RUN_BITS, max: 400 }), ({ ids, rows }, room) => {
        const parameter = riceParameter(ids.length, rows);
        const bits = new Uint32Array(rows);
        runningBits(ids, 0, ids.length, parameter, bits);
        const set = new RowSet(rows);
        for (let start = 0; start < ids.length;) {
          const end = runEnd(bits, start, ids.length, room);
          expect(end).toBeGreaterThan(start);
          expect(runBits(bits, start, end)).toBeLessThanOrEqual(room);
          // One row more would not have fitted.
          if (end < ids.length) expect(runBits(bits, start, end + 1)).toBeGreaterThan(room);
          const words = new Uint32Array(Math.ceil(room / 32));
          packRun(ids, start, end, parameter, words, 0);
          unpackRun(words, 0, set, 'a test');
          start = end;
        }
        expectRows(set.toArray(), ids);
      }),
    );
  });

  test('that are damaged are refused, or are other rows of the segment', () => {
    const ids = Uint32Array.of(0, 3, 7, 200, 201, 999);
    const words = encoded(ids, 1000, 0);
    for (let bit = 0; bit < 32 * words.length; bit++) {
      const bad = words.slice();
      bad[bit >>> 5]! ^= 1 << (bit & 31);
      const code = refusal(() => decoded(bad, 0, 1000));
      expect([undefined, 'BYTES_INVALID']).toContain(code);
    }
    expect(refusal(() => decoded(words.subarray(0, 1), 0, 1000))).toBe('BYTES_INVALID');
    expect(refusal(() => decoded(words.subarray(0, 2), 0, 1000))).toBe('BYTES_INVALID');
    expect(refusal(() => decoded(words, 0, 999))).toBe('BYTES_INVALID');
    expect(refusal(() => decoded(Uint32Array.of(...words, 1), 0, 1000))).toBe('BYTES_INVALID');
    expect(refusal(() => decoded(new Uint32Array(4).fill(0xffffffff), 0, ROWS))).toBe(
      'BYTES_INVALID',
    );
  });
});
