import { compareBytes } from '../../../bytes/compare.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import type { Postings } from '../../postings.ts';

/** One column of a segment, dictionary-encoded. */
export interface IndexColumn {
  /** Number of the column within the table, u16; it separates keywords of different columns. */
  readonly id: number;
  /**
   * Canonical bytes of the values, distinct; some may have no row here. Those of a range column
   * ascend in bytewise order, which must be the order of the values: ranges are answered in it.
   */
  readonly values: readonly Uint8Array[];
  /** Per row, the index of its value, −1 for NULL, −2 for a row that is in no list. */
  readonly codes: Int32Array;
  /** Index each value as a keyword. NULL always is one. */
  readonly equality: boolean;
  /** Index the order. */
  readonly range: boolean;
  /** Lists of what is part of a value: tokens, prefixes and grams. */
  readonly parts?: Postings;
}

/** A column's rows by value. */
export interface GroupedRows {
  /** Rows of value i, ascending, are rows[starts[i]] to rows[starts[i + 1] − 1]. */
  readonly starts: Uint32Array;
  /** In a range column this is also the order of ranks. */
  readonly rows: Uint32Array;
  readonly nulls: Uint32Array;
}

/**
 * Counting sort by code.
 * @throws INTERNAL when the column is not as `IndexColumn` says.
 */
export function groupRows(column: IndexColumn, rows: number): GroupedRows {
  const { id, values, codes } = column;
  if (!Number.isInteger(id) || id < 0 || id > 0xffff) invalid('a column id is not a u16');
  if (codes.length !== rows) invalid('a column has not one code a row');
  if (column.parts !== undefined && column.parts.rows !== rows) invalid('parts of other rows');
  if (column.range && !ascends(values)) invalid('range values do not ascend');
  const starts = new Uint32Array(values.length + 1);
  let missing = 0;
  let holes = 0;
  for (const code of codes) {
    if (code < -2 || code >= values.length) invalid('a code has no value');
    if (code === -2) holes++;
    else if (code === -1) missing++;
    else starts[code + 1]! += 1;
  }
  for (let i = 0; i < values.length; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const grouped = new Uint32Array(rows - missing - holes);
  const nulls = new Uint32Array(missing);
  missing = 0;
  for (let row = 0; row < rows; row++) {
    const code = codes[row]!;
    if (code === -1) nulls[missing++] = row;
    else if (code >= 0) grouped[next[code]!++] = row;
  }
  return { starts, rows: grouped, nulls };
}

function ascends(values: readonly Uint8Array[]): boolean {
  return values.every((value, i) => i === 0 || compareBytes(values[i - 1]!, value) < 0);
}

export function invalid(reason: string): never {
  throw new OpalineError('INTERNAL', { reason: `sse: ${reason}` });
}
