/** A cell of a result: exact values, text and dates are strings, what was made from reals a number; NULL is null. */
export type Cell = string | number | boolean | null;

export interface ResultTable {
  /** PostgreSQL's column names. */
  readonly columns: string[];
  readonly rows: Cell[][];
  /**
   * Per column how far its numbers may be from the true ones, at most; null for a column without numbers
   * that were made from reals. Absent where there is none.
   */
  readonly errors?: readonly (number | null)[];
}
