import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CodedRows,
  comparison,
  estimateOre,
  oreLeakage,
  recoveredBySorting,
} from '../../../../src/search/ore/leakage.ts';
import { oreIndexBytes } from '../../../../src/search/ore/format.ts';
import { rangeToken } from '../../../../src/search/ore/token.ts';
import { build } from './support.ts';

const code = fc.bigInt({ min: 0n, max: 65_535n });

describe('what a comparison shows', () => {
  test('is the order and the first block of four bits that differs', () => {
    expect(comparison(0x1234n, 0x1234n, 4)).toBe(0);
    expect(comparison(0x1234n, 0x1235n, 4)).toBe(-4);
    expect(comparison(0x1244n, 0x1234n, 4)).toBe(3);
    expect(comparison(0x0234n, 0x1234n, 4)).toBe(-1);
    fc.assert(
      fc.property(code, code, (row, end) => {
        const [a, b] = [row, end].map((c) => c.toString(16).padStart(4, '0')) as [string, string];
        const differs = [...a].findIndex((digit, i) => digit !== b[i]);
        expect(Math.abs(comparison(row, end, 4))).toBe(differs + 1);
        expect(Math.sign(comparison(row, end, 4))).toBe(row < end ? -1 : row > end ? 1 : 0);
      }),
    );
  });

  test('puts rows into classes that are intervals', () => {
    fc.assert(
      fc.property(
        fc.array(code, { minLength: 1, maxLength: 4 }),
        code,
        code,
        code,
        (ends, ...three) => {
          const [a, b, c] = three.toSorted((x, y) => (x < y ? -1 : 1)) as [bigint, bigint, bigint];
          const seen = (of: bigint): string => ends.map((end) => comparison(of, end, 4)).join();
          if (seen(a) === seen(c)) expect(seen(b)).toBe(seen(a));
        },
      ),
    );
  });
});

/**
 * The attack on what a store sees: rows sorted by their comparisons with the ends, laid over the known distribution,
 * each class named by its most frequent value.
 */
function attack(values: readonly CodedRows[], ends: readonly bigint[], blocks: number): number {
  const order = values.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  const rows = order.flatMap(({ code: value, rows: n }) => Array.from({ length: n }, () => value));
  // What the store has: for each row its comparisons; it sorts rows by them alone.
  const seen = rows.map((value) => ends.map((end) => comparison(value, end, blocks)));
  const rank = (c: number): number => (c < 0 ? -1 / -c : c === 0 ? 0 : 1 / c);
  const sorted = [...seen.keys()].toSorted((i, j) => {
    for (let e = 0; e < ends.length; e++) {
      const d = rank(seen[i]![e]!) - rank(seen[j]![e]!);
      if (d !== 0) return d;
    }
    return 0;
  });
  let right = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && seen[sorted[to]!]!.join() === seen[sorted[from]!]!.join()) to++;
    // The distribution's values at these ranks are those of the class.
    const counts = new Map<bigint, number>();
    for (const value of rows.slice(from, to)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const guess = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
    for (let i = from; i < to; i++) if (rows[sorted[i]!] === guess) right++;
  }
  return right / rows.length;
}

describe('expected recovery', () => {
  const few = fc.uniqueArray(
    fc.tuple(fc.bigInt({ min: 0n, max: 255n }), fc.integer({ min: 1, max: 6 })),
    {
      selector: ([value]) => value,
      minLength: 1,
      maxLength: 30,
    },
  );

  test('is what sorting recovers', () => {
    fc.assert(
      fc.property(
        few,
        fc.array(fc.bigInt({ min: 0n, max: 255n }), { maxLength: 4 }),
        (pairs, ends) => {
          const values = pairs.map(([value, rows]) => ({ code: value, rows }));
          expect(recoveredBySorting(values, ends, 2)).toBeCloseTo(attack(values, ends, 2), 12);
        },
      ),
    );
  });

  test('is the mode without an end, all once every value was one, and grows with ends', () => {
    const values = Array.from({ length: 40 }, (_, i) => ({
      code: BigInt(5 * i),
      rows: 1 + (i % 7),
    }));
    const all = values.reduce((sum, { rows }) => sum + rows, 0);
    expect(recoveredBySorting(values, [], 2)).toBeCloseTo(7 / all, 12);
    const ends = values.map(({ code: value }) => value);
    expect(recoveredBySorting(values, ends, 2)).toBe(1);
    const grown = ends.map((_, i) => recoveredBySorting(values, ends.slice(0, i), 2));
    expect(grown).toEqual(grown.toSorted((a, b) => a - b));
    expect(recoveredBySorting([], ends, 2)).toBe(0);
  });
});

describe('the declaration and the estimate', () => {
  const cells = Array.from({ length: 300 }, (_, row) => BigInt(row % 40));
  const values = Array.from({ length: 40 }, (_, i) => ({
    code: BigInt(i + 1),
    rows: cells.filter((cell) => cell === BigInt(i)).length,
  }));
  const profile = { column: 'age', rows: 300, segments: 1, blocks: 2, ranges: 1 };

  test('say what is seen at rest and on a query', () => {
    const leak = oreLeakage({ ...profile, values, ends: [10n, 20n] });
    expect(leak).toMatchObject({ index: 'ore', node: 'range on age' });
    expect(leak.atRest.join()).toContain('span up to 8 bits');
    expect(leak.onQuery.join()).toContain('first of 2 blocks of 4 bits');
    expect(leak.expectedRecovery!.fraction).toBe(recoveredBySorting(values, [10n, 20n], 2));
    expect(oreLeakage(profile).expectedRecovery).toBe(null);
    expect(oreLeakage({ ...profile, values }).expectedRecovery!.fraction).toBe(1);
  });

  test('give the bytes that an index takes and a token has', () => {
    const built = build('integer', cells);
    const estimate = estimateOre(profile);
    expect(built.part.length).toBe(estimate.bytes);
    expect(estimate.bytes).toBe(oreIndexBytes(300, 2));
    const token = rangeToken(built.key, built.parsed, { low: 1n, high: 9n });
    expect(token.length).toBe(estimate.bytesUp);
  });
});
