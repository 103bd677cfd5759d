import { expect, test } from 'vitest';
import { formatExact } from '../../../../src/plan/exact/format.ts';
import { Rational } from '../../../../src/plan/exact/rational.ts';

const decimal = (digits: bigint, scale: number): string =>
  formatExact(Rational.scaled(digits, scale), true);
const ratio = (n: bigint, d: bigint): string => formatExact(Rational.of(n, d), false);

test('integers print in full, whatever their size and origin', () => {
  const big = 123456789012345678901234567890123456789012345678n;
  expect(decimal(big, 0)).toBe(big.toString());
  expect(ratio(-big * 3n, 3n)).toBe((-big).toString());
  expect(ratio(0n, 5n)).toBe('0');
});

test('decimals print in full without trailing zeros', () => {
  expect(decimal(1250n, 2)).toBe('12.5');
  expect(decimal(-5n, 3)).toBe('-0.005');
  expect(decimal(12345678901234567890123456789012345678901n, 4)).toBe(
    '1234567890123456789012345678901234567.8901',
  );
});

test('other results have 30 significant digits, half to even', () => {
  expect(ratio(1n, 3n)).toBe('0.333333333333333333333333333333');
  expect(ratio(-2n, 3n)).toBe('-0.666666666666666666666666666667');
  expect(ratio(10n ** 29n * 2n, 3n)).toBe(`${'6'.repeat(29)}.7`);
  expect(ratio(1n, 3n * 10n ** 12n)).toBe('0.000000000000333333333333333333333333333333');
  // Thirty digits and a 5: the even neighbour, below and above.
  const tie = (last: bigint): string => ratio((10n ** 29n + last) * 10n + 5n, 10n ** 31n * 1n);
  expect(tie(0n)).toBe('0.1');
  expect(tie(1n)).toBe(`0.1${'0'.repeat(28)}2`);
  expect(ratio(5n, 2n)).toBe('2.5');
});

test('a carry makes one digit more, not a digit fewer', () => {
  expect(ratio(10n ** 31n - 1n, 10n ** 31n)).toBe('1');
  expect(ratio(10n ** 40n - 1n, 10n ** 11n)).toBe('100000000000000000000000000000');
});

test('an exponent appears at 1e30 and not before', () => {
  expect(ratio(10n ** 30n * 7n - 1n, 7n)).toBe('1e+30');
  expect(ratio(10n ** 31n + 1n, 3n)).toBe('3.33333333333333333333333333333e+30');
  expect(ratio(-(10n ** 31n) * 2n - 1n, 4n)).toBe('-5e+30');
  expect(ratio(10n ** 30n - 1n, 7n)).toBe('142857142857142857142857142857');
});
