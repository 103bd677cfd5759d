import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  averageOf,
  correlationOf,
} from '../../../../../src/measure/bench/schemes/support/exact-answers.ts';
import {
  sumByCode,
  sumOf,
  sumOfProducts,
  sumWhere,
} from '../../../../../src/measure/bench/schemes/support/exact-sums.ts';

const columns = fc
  .array(fc.tuple(fc.integer(), fc.integer(), fc.nat(6)), { maxLength: 300 })
  .map((rows) => ({
    x: Int32Array.from(rows, ([x]) => x),
    y: Int32Array.from(rows, ([, y]) => y),
    codes: Uint32Array.from(rows, ([, , code]) => code),
  }));
const big = (values: Int32Array): bigint[] => Array.from(values, BigInt);
const total = (values: readonly bigint[]): bigint => values.reduce((sum, one) => sum + one, 0n);

test('sums are those of integers, whatever their magnitude', () => {
  fc.assert(
    fc.property(columns, ({ x, y, codes }) => {
      expect(sumOf(x)).toBe(total(big(x)));
      expect(sumOfProducts(x, y)).toBe(total(big(x).map((one, i) => one * BigInt(y[i]!))));
      const even = big(x).filter((_, row) => row % 2 === 0);
      expect(sumWhere(x, (row) => row % 2 === 0)).toEqual({
        sum: total(even),
        rows: even.length,
      });
      const groups = Array.from({ length: 7 }, (_, code) => {
        const rows = big(x).filter((_, row) => codes[row] === code);
        return rows.length === 0 ? undefined : total(rows);
      });
      expect(sumByCode(x, codes, 7)).toEqual(groups);
    }),
  );
});

test('products that a double does not hold are added up one by one', () => {
  const x = new Int32Array(5000).fill(-(2 ** 31));
  expect(sumOfProducts(x, x)).toBe(5000n * 2n ** 62n);
  const one = new Int32Array(5000).fill(1);
  expect(sumOfProducts(x, one)).toBe(-5000n * 2n ** 31n);
});

test('an average has 30 digits, and there is none of no rows', () => {
  expect(averageOf(7n, 3)).toEqual(['2.33333333333333333333333333333']);
  expect(averageOf(-6n, 3)).toEqual(['-2']);
  expect(averageOf(0n, 0)).toEqual([]);
});

test('a correlation lies between −1 and 1, and is 1 of a column with itself', () => {
  fc.assert(
    fc.property(columns, ({ x, y }) => {
      const moments = (p: Int32Array, q: Int32Array): Parameters<typeof correlationOf>[0] => ({
        rows: p.length,
        x: sumOf(p),
        y: sumOf(q),
        xx: sumOfProducts(p, p),
        yy: sumOfProducts(q, q),
        xy: sumOfProducts(p, q),
      });
      for (const value of correlationOf(moments(x, y))) {
        expect(Math.abs(Number(value))).toBeLessThanOrEqual(1);
      }
      const constant = new Set(x).size < 2;
      expect(correlationOf(moments(x, x))).toEqual(constant ? [] : ['1']);
    }),
  );
});
