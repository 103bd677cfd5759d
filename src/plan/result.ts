/** A cell of a result: exact values, text and dates are strings; NULL is null. */
export type Cell = string | number | boolean | null;

export interface ResultTable {
  /** PostgreSQL's column names. */
  readonly columns: string[];
  readonly rows: Cell[][];
}
