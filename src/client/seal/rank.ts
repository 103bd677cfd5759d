import { compareBytes } from '../../bytes/compare.ts';
import { canonicalBytes } from '../../table/canonical.ts';
import type { ColumnData, ColumnType } from '../../table/value.ts';

/** A column as the index builder wants it: distinct values in order, and each row's value number. */
export interface RankedColumn {
  /** Canonical bytes of the distinct values, ascending. */
  readonly keywords: readonly Uint8Array[];
  /** Per row the index of its keyword, −1 for NULL, −2 for a hole. */
  readonly codes: Int32Array;
  /** Rows that are NULL. */
  readonly nulls: number;
}

/** `holes` are rows that no list may name: the places of erased rows, NULL in the column. */
export function rankColumn(
  column: ColumnData,
  type: ColumnType,
  holes?: Iterable<number>,
): RankedColumn {
  const rows = column.valid.length;
  const distinct = distinctValues(column, type);
  const codes = new Int32Array(rows).fill(-1);
  let nulls = 0;
  for (let row = 0; row < rows; row++) {
    if (column.valid[row] === 0) nulls++;
    else codes[row] = distinct.codeOf(row);
  }
  for (const row of holes ?? []) {
    if (codes[row] === -1) nulls--;
    codes[row] = -2;
  }
  return { keywords: distinct.keywords, codes, nulls };
}

interface Distinct {
  readonly keywords: readonly Uint8Array[];
  codeOf(row: number): number;
}

function distinctValues(column: ColumnData, type: ColumnType): Distinct {
  switch (column.kind) {
    case 'int':
    case 'real': {
      // −0 is 0 to a Map, as it is in canonical bytes.
      const found = [...collect(column.values, column.valid)].sort((a, b) => a - b);
      return numbered(found, type, column.values);
    }
    case 'big': {
      const found = [...collect(column.values, column.valid)].sort((a, b) =>
        a < b ? -1 : a > b ? 1 : 0,
      );
      return numbered(found, type, column.values);
    }
    case 'text': {
      const pairs = [...collect(column.values, column.valid)]
        .map((value) => ({ value, bytes: canonicalBytes(value, type) }))
        .sort((a, b) => compareBytes(a.bytes, b.bytes));
      const codes = new Map(pairs.map(({ value }, code) => [value, code]));
      return {
        keywords: pairs.map(({ bytes }) => bytes),
        codeOf: (row) => codes.get(column.values[row]!)!,
      };
    }
    default:
      return column satisfies never;
  }
}

function collect<T>(values: ArrayLike<T>, valid: Uint8Array): Set<T> {
  const found = new Set<T>();
  for (let row = 0; row < valid.length; row++) if (valid[row] !== 0) found.add(values[row]!);
  return found;
}

function numbered<T extends number | bigint>(
  ascending: readonly T[],
  type: ColumnType,
  values: ArrayLike<T>,
): Distinct {
  const codes = new Map(ascending.map((value, code) => [value, code]));
  return {
    keywords: ascending.map((value) => canonicalBytes(value, type)),
    codeOf: (row) => codes.get(values[row]!)!,
  };
}
