import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromDouble, parseNumber, toDouble } from '../../../../src/plan/exact/number-text.ts';
import { Rational } from '../../../../src/plan/exact/rational.ts';

test('numbers as SQL writes them', () => {
  expect(parseNumber('12.50')).toEqual({ digits: 1250n, scale: 2 });
  expect(parseNumber('.5')).toEqual({ digits: 5n, scale: 1 });
  expect(parseNumber('1e3')).toEqual({ digits: 1000n, scale: 0 });
  expect(parseNumber('1_000.5')).toEqual({ digits: 10005n, scale: 1 });
  expect(parseNumber('0x1F')).toEqual({ digits: 31n, scale: 0 });
  expect(parseNumber('0b1_01')).toEqual({ digits: 5n, scale: 0 });
  expect(parseNumber(' -7 ')).toEqual({ digits: -7n, scale: 0 });
});

test('what is not a number, or too long a one', () => {
  for (const text of [
    '',
    'abc',
    '1 2',
    '1e',
    '--1',
    'NaN',
    'Infinity',
    '1e99999',
    '9'.repeat(1001),
  ]) {
    expect(parseNumber(text)).toBeUndefined();
  }
});

test('a double survives its shortest decimal and back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const decimal = fromDouble(x)!;
      expect(toDouble(Rational.scaled(decimal.digits, decimal.scale))).toBe(x === 0 ? 0 : x);
    }),
    { seed: 1 },
  );
});

test('fractions go to the nearest double, and past the range to infinity', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1 }), (n, d) => {
      expect(toDouble(Rational.of(BigInt(n), BigInt(d)))).toBe(n === 0 ? 0 : n / d);
    }),
    { seed: 2 },
  );
  expect(toDouble(Rational.scaled(-1n, -400))).toBe(-Infinity);
  expect(Object.is(toDouble(Rational.scaled(-1n, 400)), 0)).toBe(true);
});
