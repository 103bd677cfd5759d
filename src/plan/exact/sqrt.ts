import { integerSqrt } from '../../bytes/integer-sqrt.ts';
import { OpalineError } from '../../errors/index.ts';
import { Rational } from './rational.ts';
import { roundSignificant } from './significant.ts';

/** Significant digits of an irrational square root. */
export const SQRT_DIGITS = 100;

/**
 * The square root: exact where it is rational, else the nearest number of 100 significant digits.
 * Throws INTERNAL for a negative argument: every caller takes roots of sums of squares.
 */
export function sqrt(value: Rational): Rational {
  if (value.sign < 0) throw new OpalineError('INTERNAL', { reason: 'root of a negative number' });
  const top = integerSqrt(value.numerator);
  const bottom = integerSqrt(value.denominator);
  if (top * top === value.numerator && bottom * bottom === value.denominator) {
    return Rational.of(top, bottom);
  }
  // Scale so that the integer root has more than SQRT_DIGITS digits. The root lies strictly between
  // two neighbouring integers, so their midpoint rounds to SQRT_DIGITS as the root does.
  const size = value.numerator.toString().length - value.denominator.toString().length;
  const places = Math.max(0, SQRT_DIGITS + 2 - Math.floor(size / 2));
  const root = integerSqrt((value.numerator * 10n ** BigInt(2 * places)) / value.denominator);
  return roundSignificant(Rational.scaled(10n * root + 5n, places + 1), SQRT_DIGITS);
}
