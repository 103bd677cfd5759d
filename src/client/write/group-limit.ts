import { OpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { canonicalBytes, decodeCanonical } from '../../table/canonical.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch, ColumnData, Value } from '../../table/value.ts';

/**
 * Values that a column with private groups may have in a table, NULL apart. Each costs a ciphertext column
 * for everything that is summed, 24 bytes a row at rest: at 64 values 1.5 KB a row for one x. Of all
 * segments together, so that whatever can be appended can also be merged.
 */
export const PRIVATE_GROUPS_LIMIT = 64;

/**
 * The same batches; refuses them as soon as a column with private groups has too many values.
 * @param before the table that they are added to, if there is one
 * @throws SCHEMA_INVALID
 */
export async function* limitPrivateGroups(
  schema: Schema,
  before: OpenTable | undefined,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Batch> {
  const columns = groupedColumns(schema);
  const seen = await Promise.all(columns.map((column) => knownValues(before, column)));
  for await (const batch of batches) {
    columns.forEach((column, i) => {
      note(seen[i]!, batch.columns[column]!);
      if (seen[i]!.size > PRIVATE_GROUPS_LIMIT) refuse(schema, column);
    });
    yield batch;
  }
}

/** Refuses private groups of a column that has too many values in a table. @throws SCHEMA_INVALID */
export async function checkPrivateGroups(schema: Schema, table: OpenTable): Promise<void> {
  for (const column of groupedColumns(schema)) {
    const { size } = await knownValues(table, column);
    if (size > PRIVATE_GROUPS_LIMIT) refuse(schema, column);
  }
}

const groupedColumns = ({ groupBy, columns }: Schema): number[] =>
  groupBy.map(({ column }) => columns.findIndex(({ name }) => name === column));

async function knownValues(table: OpenTable | undefined, column: number): Promise<Set<Value>> {
  const values = new Set<Value>();
  if (table === undefined) return values;
  const { type } = table.schema.columns[column]!;
  for (const segment of table.manifest.segments) {
    const { dictionary } = await table.column(segment, column);
    for (const { value } of dictionary ?? []) values.add(decodeCanonical(value, type));
  }
  for (const row of await table.deltaRows()) {
    // As a segment would read it back: −0 is 0.
    const cell = row[column]!;
    if (cell !== null) values.add(decodeCanonical(canonicalBytes(cell, type), type));
  }
  return values;
}

function note(seen: Set<Value>, { kind, values, valid }: ColumnData): void {
  for (let row = 0; row < valid.length && seen.size <= PRIVATE_GROUPS_LIMIT; row++) {
    if (valid[row] === 0) continue;
    const value = values[row]!;
    seen.add(kind === 'int' ? BigInt(value) : value);
  }
}

function refuse(schema: Schema, column: number): never {
  throw new OpalineError('SCHEMA_INVALID', {
    path: `groupBy.${schema.columns[column]!.name}`,
    reason: `the column has more than ${PRIVATE_GROUPS_LIMIT} values, too many for private groups`,
  });
}
