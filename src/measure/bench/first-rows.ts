import type { LabColumn, LabTable } from './scheme.ts';

/** The table's first rows, in its columns. */
export function firstRows(table: LabTable, rows: number): LabTable {
  if (rows >= table.rows) return table;
  const columns = Object.entries(table.columns).map(([name, column]) => [
    name,
    firstOf(column, rows),
  ]);
  return { ...table, rows, columns: Object.fromEntries(columns) as LabTable['columns'] };
}

function firstOf(column: LabColumn, rows: number): LabColumn {
  switch (column.kind) {
    case 'integer':
      return { ...column, values: column.values.slice(0, rows) };
    case 'text':
      return { ...column, codes: column.codes.slice(0, rows) };
    case 'document':
      return { ...column, texts: column.texts.slice(0, rows) };
  }
}
