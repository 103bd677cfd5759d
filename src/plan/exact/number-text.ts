import { doubleParts, nextUp } from '../../bytes/double.ts';
import { parseDecimal, type Decimal } from '../../table/decimal-text.ts';
import { Rational } from './rational.ts';

const PREFIXED = /^(0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)$/;
const SEPARATED = /\d_\d/;

/**
 * A number as SQL writes it (PostgreSQL 18, 4.1.2.6): decimal with optional point, exponent and
 * digit separators, or an integer in base 16, 8 or 2. Undefined for other text, and for more than
 * 1000 digits.
 */
export function parseNumber(text: string): Decimal | undefined {
  if (text.length > 2000) return undefined;
  const plain = SEPARATED.test(text) ? text.replace(/(?<=[\da-fA-F])_(?=[\da-fA-F])/g, '') : text;
  const prefixed = PREFIXED.exec(plain.trim());
  return prefixed === null ? parseDecimal(plain) : { digits: BigInt(prefixed[1]!), scale: 0 };
}

/** The double nearest to an exact number; ±Infinity past its range, never −0. */
export function toDouble(value: Rational): number {
  // 800 digits settle the rounding of any fraction: no midpoint of two doubles has more than 767.
  const size = value.denominator.toString().length - value.numerator.toString().length;
  const shift = value.decimalPlaces() ?? Math.max(0, 800 + size);
  const digits = (value.numerator * 10n ** BigInt(shift)) / value.denominator;
  return Number(`${digits}e${-shift}`) + 0;
}

/** The exact value of a finite double. */
export function ofDouble(value: number): Rational {
  const { mantissa, exponent } = doubleParts(value);
  return Rational.binary(BigInt(mantissa), -exponent);
}

/** The least double not below an exact number; Infinity past their range. */
export function toDoubleUp(value: Rational): number {
  const nearest = toDouble(value);
  if (!Number.isFinite(nearest)) return nearest > 0 ? nearest : -Number.MAX_VALUE;
  return ofDouble(nearest).compare(value) < 0 ? nextUp(nearest) : nearest;
}

/** The shortest decimal that reads back as the double; undefined unless it is finite. */
export function fromDouble(value: number): Decimal | undefined {
  return parseDecimal(String(value));
}
