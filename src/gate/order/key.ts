import { compareText } from '../../plan/datum.ts';
import { decodeCanonical } from '../../table/canonical.ts';
import type { ColumnType, Value } from '../../table/value.ts';

/** A value as it is compared here: a number where it is safe, which is faster than a bigint. */
export type Key = number | bigint | string;

export function keyOf(value: NonNullable<Value>): Key {
  if (typeof value !== 'bigint') return value;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

export function canonicalKey(canonical: Uint8Array, type: ColumnType): Key {
  return keyOf(decodeCanonical(canonical, type));
}

/** The value of a key of a column of that type. */
export function valueOf(key: Key, type: ColumnType): NonNullable<Value> {
  return typeof key === 'number' && type !== 'real' ? BigInt(key) : key;
}

/** Value order: numbers and bigints compare exactly with each other, text by code point. */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
