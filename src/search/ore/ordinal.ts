import { decodeCanonical } from '../../table/canonical.ts';
import type { ColumnType } from '../../table/value.ts';

/**
 * Order-revealing encryption needs numbers of a known width. Those of a column are its values where they are whole, and
 * the canonical eight bytes of a real (canonical.ts), whose order is the values'.
 *
 * A text has none: a prefix of it would make ranges fuzzy, and the order of whole texts by ranks would change with each
 * append. Booleans are refused as two values in order are no range.
 */
export type OrdinalKind = 'whole' | 'real';

/** Why a column of that type has no ore index; or the kind of its numbers. */
export function ordinalKind(type: ColumnType): OrdinalKind | { readonly refused: string } {
  switch (type) {
    case 'integer':
    case 'decimal':
    case 'date':
    case 'timestamp':
      return 'whole';
    case 'real':
      return 'real';
    case 'text':
    case 'document':
      return {
        refused: `values of a fixed width, which ${type} has not (a prefix of it would make ranges fuzzy); "sse" answers ranges and LIKE`,
      };
    case 'boolean':
      return { refused: 'more values than two; "sse" answers =' };
    default:
      return type satisfies never;
  }
}

/** @throws BYTES_INVALID for bytes that are of no value of that kind */
export function ordinalOf(canonical: Uint8Array, kind: OrdinalKind): bigint {
  if (kind === 'whole') return decodeCanonical(canonical, 'integer') as bigint;
  decodeCanonical(canonical, 'real');
  const view = new DataView(canonical.buffer, canonical.byteOffset, canonical.byteLength);
  return view.getBigUint64(0);
}

/** Whole numbers below it in magnitude have codes of 64 bits whatever else is in their segment, so that segments merge. */
export const WHOLE_LIMIT: bigint = 2n ** 63n;
export const BEYOND_LIMIT = 'values within ±2^63; "sse" answers ranges of any';

export function hasCode(ordinal: bigint, kind: OrdinalKind): boolean {
  return kind === 'real' || (ordinal < WHOLE_LIMIT && ordinal > -WHOLE_LIMIT);
}
