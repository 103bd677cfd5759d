import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubleParts } from '../../../../src/bytes/double.ts';
import { fixColumn, fixProduct } from '../../../../src/client/seal/fixed-point.ts';
import type { ColumnData } from '../../../../src/table/value.ts';

const BASE = 2200n;
const exact = (value: number): bigint => {
  const { mantissa, exponent } = doubleParts(value);
  return BigInt(mantissa) << BigInt(exponent + Number(BASE));
};
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
const real = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer().map((n) => n / 8),
  fc.constantFrom(0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2.2250738585072014e-308),
);
const column = (values: readonly number[]): ColumnData => ({
  kind: 'real',
  values: Float64Array.from(values),
  valid: new Uint8Array(values.length).fill(1),
});

/** value·2^BASE of whole·2^-point, doubled so that halves are whole. */
const twice = (whole: number | bigint, point: number, base: bigint): bigint =>
  (2n * BigInt(whole)) << (base - BigInt(point));

describe('a column of doubles as whole numbers', () => {
  it('is within half a unit of every value, exact where it says so, at 53 bits of the largest', () => {
    fc.assert(
      fc.property(fc.array(real, { minLength: 1, maxLength: 12 }), (values) => {
        const { values: whole, point, inexact } = fixColumn(Float64Array.from(values), 53, 24);
        expect(Math.abs(point % 24)).toBe(0);
        let off = 0;
        values.forEach((value, row) => {
          const error = magnitude(twice(whole[row]!, point, BASE) - 2n * exact(value));
          expect(error <= 1n << (BASE - BigInt(point))).toBe(true);
          if (error !== 0n) off++;
        });
        expect(inexact).toBe(off);
        const largest = Math.max(...values.map(Math.abs));
        // A unit is at most 2^-52 of the largest value.
        if (off > 0) {
          expect(exact(largest) >= 1n << (BASE - BigInt(point) + 52n)).toBe(true);
        }
        const bits = magnitude(BigInt(whole[values.map(Math.abs).indexOf(largest)]!)).toString(2);
        expect(bits.length).toBeLessThanOrEqual(53 + 24);
      }),
    );
  });

  it('takes no more room than what it holds needs', () => {
    expect(fixColumn(Float64Array.of(1, 2, 1000), 53, 24)).toEqual({
      values: Float64Array.of(1, 2, 1000),
      point: 0,
      inexact: 0,
    });
    expect(fixColumn(Float64Array.of(0.5, 0.25), 53, 24).point).toBe(24);
    expect(fixColumn(Float64Array.of(2 ** 1000), 53, 24).values[0]).toBe(2 ** 16);
    expect(fixColumn(Float64Array.of(0, 0), 53, 24).inexact).toBe(0);
  });
});

it('a product is computed exactly and then rounded once', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(real, real), { minLength: 1, maxLength: 8 }), (pairs) => {
      const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const { values, point, inexact } = fixProduct(column(x), column(y), 106, 24);
      let off = 0;
      pairs.forEach(([a, b], row) => {
        const error = magnitude(twice(values[row]!, point, 2n * BASE) - 2n * exact(a) * exact(b));
        expect(error <= 1n << (2n * BASE - BigInt(point))).toBe(true);
        if (error !== 0n) off++;
      });
      expect(inexact).toBe(off);
    }),
  );
});

it('a product with whole numbers is one of reals', () => {
  const valid = Uint8Array.of(1, 1, 1);
  const whole: ColumnData = { kind: 'int', values: Float64Array.of(3, -4, 0), valid };
  const big: ColumnData = { kind: 'big', values: [10n ** 30n, -4n, 0n], valid };
  const x = column([0.5, 0.25, 7]);
  expect(fixProduct(x, whole, 106, 24)).toEqual({
    values: [3n << 23n, -1n << 24n, 0n],
    point: 24,
    inexact: 0,
  });
  expect(fixProduct(big, x, 106, 24).values[0]).toBe((10n ** 30n) << 23n);
});
