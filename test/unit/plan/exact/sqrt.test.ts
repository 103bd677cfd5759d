import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rational } from '../../../../src/plan/exact/rational.ts';
import { integerSqrt } from '../../../../src/bytes/integer-sqrt.ts';
import { sqrt, SQRT_DIGITS } from '../../../../src/plan/exact/sqrt.ts';

test('the integer root is the largest whose square fits', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 60n), (n) => {
      const root = integerSqrt(n);
      expect(root * root <= n && n < (root + 1n) * (root + 1n)).toBe(true);
    }),
    { seed: 1 },
  );
});

test('a rational square has its exact root', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 40n), fc.bigInt(1n, 10n ** 40n), (n, d) => {
      const x = Rational.of(n, d);
      expect(sqrt(x.times(x)).equals(x)).toBe(true);
    }),
    { seed: 2 },
  );
});

test('an irrational root is the nearest number of 100 digits', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 30n), fc.bigInt(1n, 10n ** 50n), (n, d) => {
      const x = Rational.of(n, d);
      const root = sqrt(x);
      fc.pre(!root.times(root).equals(x));
      // Half a unit of the last digit to either side must straddle the true root.
      const places = root.decimalPlaces()!;
      const digits = root.scaledTo(places).digits.toString().length;
      const ulp = Rational.scaled(1n, places + SQRT_DIGITS - digits);
      const half = ulp.dividedBy(Rational.of(2n));
      const [low, high] = [root.minus(half), root.plus(half)];
      expect(low.times(low).compare(x)).toBeLessThanOrEqual(0);
      expect(high.times(high).compare(x)).toBeGreaterThanOrEqual(0);
    }),
    { seed: 3 },
  );
});

test('√2 to 100 digits', () => {
  const digits =
    '1414213562373095048801688724209698078569671875376948073176679737990732478462107038850387534327641573';
  expect(sqrt(Rational.of(2n)).equals(Rational.scaled(BigInt(digits), 99))).toBe(true);
});
