import { OpalineError } from '../../errors/opaline-error.ts';
import { inputColumns, type Schema } from '../../table/schema.ts';

/**
 * For each column of the schema, its place among the input's `names`. The two must name the same
 * columns, in any order: throws UNKNOWN_COLUMN or SCHEMA_MISMATCH.
 */
export function matchColumns(schema: Schema, names: readonly string[]): readonly number[] {
  const places = new Map(names.map((name, i) => [name, i]));
  const known = columnNames(schema);
  for (const name of names) if (!known.includes(name)) throw unknownColumn(schema, name);
  return known.map((name) => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw new OpalineError('SCHEMA_MISMATCH', { reason: `the input has no column "${name}"` });
  });
}

export function unknownColumn(schema: Schema, column: string): OpalineError {
  if (schema.columns.some(({ name }) => name === column)) {
    const reason = `"${column}" is derived: it is computed, and not part of the input`;
    return new OpalineError('SCHEMA_MISMATCH', { reason });
  }
  return new OpalineError('UNKNOWN_COLUMN', {
    column,
    table: schema.table,
    known: columnNames(schema),
  });
}

function columnNames(schema: Schema): string[] {
  return inputColumns(schema).map((column) => column.name);
}
