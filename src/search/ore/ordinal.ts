import { decodeCanonical } from '../../table/canonical.ts';
import type { ColumnType } from '../../table/value.ts';

/**
 * Order-revealing encryption needs numbers of a known width. Those of a column are its values where they are whole, and
 * the canonical eight bytes of a real (canonical.ts), whose order is the values'.
 *
 * A text has none: a prefix of it would make ranges fuzzy, and the order of whole texts by ranks would change with each
 * append. Booleans are refused as two values in order are no range.
 */
export function ordinalOf(canonical: Uint8Array, type: ColumnType): bigint {
  if (type !== 'real') return decodeCanonical(canonical, type) as bigint;
  const view = new DataView(canonical.buffer, canonical.byteOffset, canonical.byteLength);
  return view.getBigUint64(0);
}

/** Why a column of that type has no ore index; undefined where it may have one. */
export function oreRefusal(type: ColumnType): string | undefined {
  switch (type) {
    case 'integer':
    case 'decimal':
    case 'date':
    case 'timestamp':
    case 'real':
      return undefined;
    case 'text':
    case 'document':
      return `values of a fixed width, which ${type} has not (a prefix of it would make ranges fuzzy); "sse" answers ranges and LIKE`;
    case 'boolean':
      return 'more values than two; "sse" answers =';
    default:
      return type satisfies never;
  }
}
