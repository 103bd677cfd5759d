import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rational } from '../../../../src/plan/exact/rational.ts';

const rational = fc
  .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(1n, 10n ** 10n))
  .map(([n, d]) => Rational.of(n, d));

test('a rational is in lowest terms with a positive denominator', () => {
  expect(Rational.of(6n, -4n)).toMatchObject({ numerator: -3n, denominator: 2n });
  expect(Rational.of(0n, -7n)).toMatchObject({ numerator: 0n, denominator: 1n });
  expect(Rational.scaled(1250n, 2)).toMatchObject({ numerator: 25n, denominator: 2n });
  expect(Rational.scaled(3n, -2)).toMatchObject({ numerator: 300n, denominator: 1n });
});

test('field laws hold exactly', () => {
  fc.assert(
    fc.property(rational, rational, rational, (a, b, c) => {
      expect(
        a
          .plus(b)
          .times(c)
          .equals(a.times(c).plus(b.times(c))),
      ).toBe(true);
      expect(a.minus(b).plus(b).equals(a)).toBe(true);
      if (b.sign !== 0) expect(a.dividedBy(b).times(b).equals(a)).toBe(true);
      expect(a.compare(b)).toBe(a.minus(b).sign);
    }),
    { seed: 1 },
  );
});

test('the remainder has the sign of the dividend and is smaller than the divisor', () => {
  fc.assert(
    fc.property(rational, rational, (a, b) => {
      fc.pre(b.sign !== 0);
      const r = a.modulo(b);
      expect(r.abs().compare(b.abs())).toBe(-1);
      expect(r.sign === 0 || r.sign === a.sign).toBe(true);
      expect(a.minus(r).dividedBy(b).isInteger).toBe(true);
    }),
    { seed: 2 },
  );
  expect(Rational.of(-7n).modulo(Rational.of(3n)).numerator).toBe(-1n);
});

test('floor and ceil go down and up, also below zero', () => {
  const half = Rational.of(-7n, 2n);
  expect([half.floor(), half.ceil()]).toEqual([-4n, -3n]);
  expect([half.negated().floor(), half.negated().ceil()]).toEqual([3n, 4n]);
  expect([Rational.of(-4n).floor(), Rational.of(-4n).ceil()]).toEqual([-4n, -4n]);
});

test('ROUND takes ties away from zero, to places before and after the point', () => {
  const round = (n: bigint, d: bigint, places: number): string => {
    const { numerator, denominator } = Rational.of(n, d).round(places);
    return `${numerator}/${denominator}`;
  };
  expect(round(5n, 2n, 0)).toBe('3/1');
  expect(round(-5n, 2n, 0)).toBe('-3/1');
  expect(round(1005n, 1000n, 2)).toBe('101/100');
  expect(round(-1n, 3n, 3)).toBe('-333/1000');
  expect(round(1250n, 1n, -2)).toBe('1300/1');
  expect(round(49n, 1n, -2)).toBe('0/1');
});

test('division by zero has its own error', () => {
  expect(() => Rational.of(1n, 0n)).toThrow(expect.objectContaining({ code: 'DIVISION_BY_ZERO' }));
  expect(() => Rational.ONE.modulo(Rational.ZERO)).toThrow(
    expect.objectContaining({ code: 'DIVISION_BY_ZERO' }),
  );
});

test('decimal places are the fewest that hold the number, or none do', () => {
  expect(Rational.of(1n, 8n).decimalPlaces()).toBe(3);
  expect(Rational.of(7n, 50n).decimalPlaces()).toBe(2);
  expect(Rational.of(7n).decimalPlaces()).toBe(0);
  expect(Rational.of(1n, 3n).decimalPlaces()).toBeUndefined();
});
