import {
  formatDecimal,
  parseDecimal,
  parseShortDecimal,
  rescale,
  trimBlanks,
  type Decimal,
} from './decimal-text.ts';
import type { Column } from './schema.ts';
import { formatDate, formatTimestamp, parseDate, parseTimestamp } from './time-text.ts';
import type { Value } from './value.ts';

export { parseDecimal, type Decimal };

/** What decides how a value is written: a column, or its type and scale. */
export type ValueFormat = Pick<Column, 'type' | 'scale'>;

/**
 * The value a text stands for, in the form of value.ts, or undefined where it is not one of the type.
 *
 * | type      | text                                                                                   |
 * | --------- | -------------------------------------------------------------------------------------- |
 * | integer   | as decimal with no places: `12`, `12.0` and `1.2e1`, not `12.5`                        |
 * | decimal   | plain or exponent form; places past the scale must be zeros                            |
 * | real      | plain or exponent form of a finite double; −0 becomes 0                                |
 * | boolean   | true, false, t, f, 1, 0 in any case                                                    |
 * | date      | YYYY-MM-DD, years 0001 to 9999, a day the proleptic Gregorian calendar has             |
 * | timestamp | YYYY-MM-DD, or with `[ T]HH:MM[:SS[.ffffff]]`, then `Z`, `±HH[:MM]` or nothing (UTC)   |
 * | text      | anything well-formed (no lone surrogate), as it is                                     |
 *
 * All but text may have ASCII blanks around them.
 */
export function parseValue(text: string, format: ValueFormat): NonNullable<Value> | undefined {
  const value = parseCompact(text, format);
  return typeof value === 'number' && format.type !== 'real' ? BigInt(value) : value;
}

/** As `parseValue`, but integers within ±2^53 come as numbers: ingest reads millions of cells. */
export function parseCompact(
  text: string,
  { type, scale }: ValueFormat,
): number | bigint | string | undefined {
  switch (type) {
    case 'integer':
      return parseScaled(text, 0);
    case 'decimal':
      return parseScaled(text, scale);
    case 'real':
      return parseReal(text);
    case 'boolean':
      return parseBoolean(text);
    case 'date':
      return parseDate(trimBlanks(text));
    case 'timestamp':
      return parseTimestamp(trimBlanks(text));
    case 'text':
    case 'document':
      return text.isWellFormed() ? text : undefined;
  }
}

/**
 * The text of a value: `parseValue` of it gives the value back.
 *
 * Decimals are exact without trailing zeros, timestamps `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC without
 * trailing zeros, booleans true and false, reals JavaScript's shortest form.
 */
export function formatValue(value: NonNullable<Value>, { type, scale }: ValueFormat): string {
  if (typeof value !== 'bigint') return String(value);
  switch (type) {
    case 'decimal':
      return formatDecimal({ digits: value, scale });
    case 'boolean':
      return value === 0n ? 'false' : 'true';
    case 'date':
      return formatDate(Number(value));
    case 'timestamp':
      return formatTimestamp(value);
    case 'integer':
    case 'real':
    case 'text':
    case 'document':
      return value.toString();
  }
}

/** Microseconds, scaled digits and the like as a number where that is exact. */
export function compact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function parseScaled(text: string, scale: number): number | bigint | undefined {
  const short = parseShortDecimal(text, scale);
  if (short !== undefined) return short;
  const decimal = parseDecimal(text);
  const digits = decimal === undefined ? undefined : rescale(decimal, scale);
  return digits === undefined ? undefined : compact(digits);
}

function parseReal(text: string): number | undefined {
  if (parseDecimal(text) === undefined) return undefined;
  const value = Number(trimBlanks(text));
  if (!Number.isFinite(value)) return undefined;
  return value === 0 ? 0 : value;
}

function parseBoolean(text: string): number | undefined {
  switch (trimBlanks(text).toLowerCase()) {
    case 'true':
    case 't':
    case '1':
      return 1;
    case 'false':
    case 'f':
    case '0':
      return 0;
    default:
      return undefined;
  }
}
