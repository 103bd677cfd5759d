import type { Batch, ColumnData, Value } from '../../table/value.ts';

/** The rows of a batch as opened records are: whole numbers as bigints. */
export function batchRows({ rows, columns }: Batch): Value[][] {
  return Array.from({ length: rows }, (_, row) => columns.map((column) => cellAt(column, row)));
}

/** One cell of a column. */
export function cellAt(column: ColumnData, row: number): Value {
  if (column.valid[row] === 0) return null;
  const value = column.values[row]!;
  return column.kind === 'int' ? BigInt(value) : value;
}
