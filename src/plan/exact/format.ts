import { formatDecimal } from '../../table/decimal-text.ts';
import type { Rational } from './rational.ts';
import { significant } from './significant.ts';

/** Significant digits of a result that is neither an integer nor a decimal sum. */
export const RESULT_DIGITS = 30;

/**
 * The text of an exact result.
 *
 * An integer prints in full, whatever its size. So does a decimal (`decimal`: made from sums, counts
 * and literals without division or roots). Anything else is rounded half to even to 30 significant
 * digits, without an exponent below 1e30 and as `1.5e+32` from there on. No trailing zeros.
 */
export function formatExact(value: Rational, decimal: boolean): string {
  if (value.isInteger) return value.numerator.toString();
  const places = decimal ? value.decimalPlaces() : undefined;
  if (places !== undefined) return formatDecimal(value.scaledTo(places));
  const { coefficient, exponent } = significant(value, RESULT_DIGITS);
  const scale = RESULT_DIGITS - 1 - exponent;
  const digits = value.sign < 0 ? -coefficient : coefficient;
  if (scale >= 0) return formatDecimal({ digits, scale });
  return `${formatDecimal({ digits, scale: RESULT_DIGITS - 1 })}e+${exponent}`;
}
