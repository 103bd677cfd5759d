import type { Column } from '../../table/schema.ts';
import { formatValue } from '../../table/value-text.ts';
import type { Value } from '../../table/value.ts';

/** A row as an object of its columns, each cell as `vault.query` gives it: exact values as texts. */
export function rowObject(
  columns: readonly Column[],
  row: readonly Value[],
): Readonly<Record<string, string | number | boolean | null>> {
  return Object.fromEntries(columns.map((column, i) => [column.name, cellOf(column, row[i]!)]));
}

function cellOf(column: Column, cell: Value): string | number | boolean | null {
  if (cell === null || column.type === 'real') return cell as number | null;
  if (column.type === 'boolean') return cell === 1n;
  return formatValue(cell, column);
}
