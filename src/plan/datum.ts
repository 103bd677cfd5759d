import type { Column } from '../table/schema.ts';
import type { Value } from '../table/value.ts';
import type { Interval } from './exact/interval.ts';
import { ofDouble, toDouble } from './exact/number-text.ts';
import { Rational } from './exact/rational.ts';
import type { Literal } from './physical.ts';

/** What an expression has as its value; null is SQL's NULL. */
export type Datum =
  | null
  /** `decimal`: made without division or roots, so that it prints in full. */
  | { readonly type: 'number'; readonly value: Rational; readonly decimal: boolean }
  | { readonly type: 'real'; readonly value: number }
  /** A number made from reals, and where its true value surely is. */
  | ({ readonly type: 'approximate' } & Interval)
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** Days since 1970-01-01. */
  | { readonly type: 'date'; readonly value: bigint }
  /** Microseconds since 1970-01-01, UTC. */
  | { readonly type: 'timestamp'; readonly value: bigint };

export const MICROS_PER_DAY = 86_400_000_000n;

/** A number made from reals. */
export function approximate(interval: Interval): Datum {
  return { type: 'approximate', ...interval };
}

/** An exact number that prints in full. */
export function exact(value: Rational): Datum {
  return { type: 'number', value, decimal: true };
}

export function literalDatum(literal: Literal): Datum {
  switch (literal.type) {
    case 'null':
      return null;
    case 'number':
      return exact(Rational.scaled(literal.digits, literal.scale));
    default:
      return literal;
  }
}

/** The datum of a stored cell. */
export function cellDatum(cell: Value, column: Pick<Column, 'type' | 'scale'>): Datum {
  if (cell === null) return null;
  switch (column.type) {
    case 'integer':
    case 'decimal':
      return exact(Rational.scaled(cell as bigint, column.scale));
    case 'real':
      return { type: 'real', value: cell as number };
    case 'boolean':
      return { type: 'boolean', value: cell === 1n };
    case 'date':
    case 'timestamp':
      return { type: column.type, value: cell as bigint };
    case 'text':
    case 'document':
      return { type: 'text', value: cell as string };
  }
}

/**
 * Order of two non-null data of comparable types: numbers and reals (as doubles), approximate numbers
 * by their values, dates and timestamps (a date as its midnight), text by code point, false before true.
 */
export function compareData(a: NonNullable<Datum>, b: NonNullable<Datum>): number {
  if (a.type === 'number' && b.type === 'number') return a.value.compare(b.value);
  if (a.type === 'approximate' || b.type === 'approximate') {
    return rational(a).compare(rational(b));
  }
  if (a.type === 'text' && b.type === 'text') return compareText(a.value, b.value);
  if (isNumeric(a) && isNumeric(b)) return order(double(a), double(b));
  if (isTime(a) && isTime(b)) return order(micros(a), micros(b));
  return order(Number(a.value), Number(b.value));
}

/** The value of a number. Throws TypeError for what is none. */
export function rational(datum: NonNullable<Datum>): Rational {
  switch (datum.type) {
    case 'number':
    case 'approximate':
      return datum.value;
    case 'real':
      return ofDouble(datum.value);
    default:
      throw new TypeError('not a number');
  }
}

/** Order of two texts by code point, which is not the order of their UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest of the basic plane, where the code points they encode belong. */
function codePointRank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}

type Numeric = Extract<Datum, { type: 'number' | 'real' }>;
type Time = Extract<Datum, { type: 'date' | 'timestamp' }>;

const isNumeric = (d: NonNullable<Datum>): d is Numeric => d.type === 'number' || d.type === 'real';
const isTime = (d: NonNullable<Datum>): d is Time => d.type === 'date' || d.type === 'timestamp';
const double = (d: Numeric): number => (d.type === 'real' ? d.value : toDouble(d.value));
const micros = (d: Time): bigint => (d.type === 'date' ? d.value * MICROS_PER_DAY : d.value);

function order<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
