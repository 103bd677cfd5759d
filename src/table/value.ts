/**
 * The values a cell can hold, after parsing.
 *
 * | type      | in memory                                  |
 * | --------- | ------------------------------------------ |
 * | integer   | bigint                                     |
 * | decimal   | bigint, scaled by 10^scale                 |
 * | boolean   | bigint 0 or 1                              |
 * | date      | bigint, days since 1970-01-01              |
 * | timestamp | bigint, microseconds since 1970-01-01, UTC |
 * | real      | number (finite)                            |
 * | text, document | string                                |
 */
export type Value = bigint | number | string | null;

export type ColumnType =
  'integer' | 'decimal' | 'real' | 'boolean' | 'date' | 'timestamp' | 'text' | 'document';

/**
 * One column of a batch of rows. `valid[i]` is 0 where the cell is NULL, else 1; the value slot of a
 * NULL is 0, 0n or ''. `int` holds integers within ±2^53 (fast), `big` any size.
 */
export type ColumnData =
  | { readonly kind: 'int'; readonly values: Float64Array; readonly valid: Uint8Array }
  | { readonly kind: 'big'; readonly values: bigint[]; readonly valid: Uint8Array }
  | { readonly kind: 'real'; readonly values: Float64Array; readonly valid: Uint8Array }
  | { readonly kind: 'text'; readonly values: string[]; readonly valid: Uint8Array };

/** Rows in columnar form, columns in schema order, all of length `rows`. */
export interface Batch {
  readonly rows: number;
  readonly columns: readonly ColumnData[];
}
