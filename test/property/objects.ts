import type { Schema } from '../../src/table/schema.ts';
import { formatValue } from '../../src/table/value-text.ts';
import type { Value } from '../../src/table/value.ts';

/** Rows as a user hands them to a vault: objects of texts and numbers. */
export function objects(
  schema: Schema,
  rows: readonly (readonly Value[])[],
): Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(
      schema.columns.map((column, i) => {
        const cell = row[i] ?? null;
        const text = cell === null || typeof cell === 'number' ? cell : formatValue(cell, column);
        return [column.name, text];
      }),
    ),
  );
}
