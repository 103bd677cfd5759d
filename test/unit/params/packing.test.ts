import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digitLimit,
  groupPacking,
  joinSums,
  limbBounds,
  maxRowsPerBatch,
  SEGMENT_ROWS,
  splitColumn,
  splitPlan,
  splitValue,
  unpackSums,
} from '../../../src/params/packing.ts';

const plainBits = fc.constantFrom(20, 21, 32, 41, 48);
const maxAbs = fc.oneof(
  fc.nat(200).chain((bits) => fc.bigInt({ min: 0n, max: 1n << BigInt(bits) })),
  fc.nat(200).map((bits) => 1n << BigInt(bits)),
  fc.nat(200).map((bits) => (1n << BigInt(bits)) - 1n),
);
const column = maxAbs.chain((most) =>
  fc.tuple(
    fc.constant(most),
    fc.array(fc.oneof(fc.constantFrom(most, -most), fc.bigInt({ min: -most, max: most }))),
  ),
);

describe('splitting a column', () => {
  test('the sums of the limbs join to the sum of the values', () => {
    fc.assert(
      fc.property(column, plainBits, ([most, values], k) => {
        const plan = splitPlan(most, k);
        const limbs = values.map((value) => splitValue(value, plan));
        const sums = Array.from({ length: plan.count }, (_, i) =>
          limbs.reduce((sum, limb) => sum + (limb[i] ?? 0n), 0n),
        );
        expect(joinSums(sums, plan)).toBe(values.reduce((sum, value) => sum + value, 0n));
      }),
    );
  });

  test('no limb passes its bound, and the bound is reached', () => {
    fc.assert(
      fc.property(column, plainBits, ([most, values], k) => {
        const plan = splitPlan(most, k);
        const bounds = limbBounds(most, plan);
        for (const value of values) {
          for (const [i, limb] of splitValue(value, plan).entries()) {
            const bound = bounds[i] ?? 0n;
            expect(limb <= bound && limb >= -bound).toBe(true);
            if (i < plan.count - 1) expect(limb >= 0n).toBe(true);
          }
        }
        expect(-(splitValue(-most, plan).at(-1) ?? 0n)).toBe(bounds.at(-1));
      }),
    );
  });

  test('a segment always fits, and one limb fewer would not do', () => {
    fc.assert(
      fc.property(maxAbs, plainBits, (most, k) => {
        const plan = splitPlan(most, k);
        const rows = maxRowsPerBatch(limbBounds(most, plan), k);
        expect(rows).toBeGreaterThanOrEqual(SEGMENT_ROWS);
        if (k === 48) expect(rows).toBeGreaterThanOrEqual(2 ** 23 - 1);
        if (plan.count > 1) {
          const fewer = { count: plan.count - 1, width: plan.width };
          const wanted = Math.max(SEGMENT_ROWS, 2 ** (k - 1 - plan.width) - 1);
          expect(maxRowsPerBatch(limbBounds(most, fewer), k)).toBeLessThan(wanted);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('the batch limit is exact: that many rows of the worst value fit, one more does not', () => {
    fc.assert(
      fc.property(maxAbs, plainBits, (most, k) => {
        const bounds = limbBounds(most, splitPlan(most, k));
        const rows = maxRowsPerBatch(bounds, k);
        if (rows === Number.MAX_SAFE_INTEGER) return;
        const worst = bounds.reduce((a, b) => (a > b ? a : b));
        const half = 1n << BigInt(k - 1);
        expect(BigInt(rows) * worst < half).toBe(true);
        expect(BigInt(rows + 1) * worst >= half).toBe(true);
      }),
    );
  });

  test('doubles split as BigInts do', () => {
    const safe = fc.oneof(
      fc.maxSafeInteger(),
      fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0, -1, 2 ** 48, -(2 ** 24)),
    );
    fc.assert(
      fc.property(fc.array(safe), plainBits, (values, k) => {
        const plan = splitPlan(2n ** 53n - 1n, k);
        const columns = splitColumn(Float64Array.from(values), plan);
        expect(columns).toHaveLength(plan.count);
        for (const [row, value] of values.entries()) {
          expect(columns.map((limb) => BigInt(limb[row] ?? Number.NaN))).toEqual(
            splitValue(BigInt(value), plan),
          );
        }
      }),
    );
  });

  test('refuses what is not exact', () => {
    const plan = splitPlan(100n, 48);
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    for (const value of [0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => splitColumn(Float64Array.of(1, value), plan)).toThrow(internal);
    }
    expect(() => joinSums([1n, 2n], plan)).toThrow(internal);
    const invalid = expect.objectContaining({ code: 'PARAMETERS_INVALID' });
    expect(() => splitPlan(-1n, 48)).toThrow(invalid);
    expect(() => splitPlan(1n, 19)).toThrow(invalid);
  });

  test('the width depends on t alone, so that limbs of all segments add up', () => {
    fc.assert(
      fc.property(maxAbs, maxAbs, plainBits, (a, b, k) => {
        expect(splitPlan(a, k).width).toBe(splitPlan(b, k).width);
      }),
    );
  });

  test.each([
    [0n, 48, 1, 24],
    [1n, 48, 1, 24],
    [(1n << 24n) - 1n, 48, 1, 24],
    [1n << 24n, 48, 1, 24],
    [1n << 25n, 48, 2, 24],
    [1n << 40n, 48, 2, 24],
    [1n << 127n, 48, 6, 24],
    [8191n, 32, 1, 13],
    [8192n, 32, 2, 13],
  ])('|value| <= %s under t = 2^%i: %i limbs of %i bits', (most, k, count, width) => {
    expect(splitPlan(most, k)).toEqual({ count, width });
  });
});

describe('groups that share a coefficient', () => {
  const t = plainBits.map((k) => [k, 1n << BigInt(k)] as const);

  test('any sums within a digit come back, and together stay below t/2', () => {
    const bound = fc.bigInt(0n, 1n << 50n);
    fc.assert(
      fc.property(
        t,
        bound,
        fc.array(fc.double({ min: -1, max: 1, noNaN: true })),
        (of, most, shares) => {
          const [k, modulus] = of;
          const packing = groupPacking(most, k);
          const limit = digitLimit(packing);
          const sums = Array.from({ length: packing.digits }, (_, i) => {
            const share = shares[i] ?? (i % 2 === 0 ? 1 : -1);
            return (limit * BigInt(Math.round(share * 1e6))) / 1_000_000n;
          });
          const sum = sums.reduce((all, s, i) => all + (s << BigInt(i * packing.width)), 0n);
          expect(2n * sum < modulus && -2n * sum < modulus).toBe(true);
          expect(unpackSums(sum, packing)).toEqual(sums);
        },
      ),
    );
  });

  test('a full segment of the largest values fits a digit', () => {
    fc.assert(
      fc.property(maxAbs, plainBits, (most, k) => {
        const packing = groupPacking(most, k);
        if (packing.digits === 1) return;
        expect(most * BigInt(SEGMENT_ROWS)).toBeLessThanOrEqual(digitLimit(packing));
      }),
    );
  });

  test.each([
    [1n, 48, 2, 24],
    [31n, 48, 2, 24],
    [32n, 48, 1, 48],
    [1n, 32, 1, 32],
  ])('values up to %s under t = 2^%i: %i groups, digits of %i bits', (most, k, digits, width) => {
    expect(groupPacking(most, k)).toEqual({ digits, width });
  });
});
