import { Rational } from './rational.ts';

export interface Significant {
  /** The rounded magnitude: `digits` decimal digits, the first not 0. */
  readonly coefficient: bigint;
  /** The first digit counts 10^exponent. */
  readonly exponent: number;
}

/** |value| rounded half to even to so many significant digits; value must not be 0. */
export function significant(value: Rational, digits: number): Significant {
  const magnitude = value.abs();
  let exponent = magnitude.numerator.toString().length - magnitude.denominator.toString().length;
  if (magnitude.compare(Rational.scaled(1n, -exponent)) < 0) exponent--;
  const scaled = magnitude.times(Rational.scaled(1n, exponent - digits + 1));
  const coefficient = halfEven(scaled);
  return coefficient === 10n ** BigInt(digits)
    ? { coefficient: coefficient / 10n, exponent: exponent + 1 }
    : { coefficient, exponent };
}

/** The value rounded half to even to so many significant digits. */
export function roundSignificant(value: Rational, digits: number): Rational {
  if (value.sign === 0) return value;
  const { coefficient, exponent } = significant(value, digits);
  const rounded = Rational.scaled(coefficient, digits - 1 - exponent);
  return value.sign < 0 ? rounded.negated() : rounded;
}

function halfEven(value: Rational): bigint {
  const down = value.numerator / value.denominator;
  const twice = 2n * (value.numerator % value.denominator);
  const up = twice > value.denominator || (twice === value.denominator && down % 2n === 1n);
  return up ? down + 1n : down;
}
