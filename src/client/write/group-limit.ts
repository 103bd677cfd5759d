import { OpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { canonicalBytes, decodeCanonical } from '../../table/canonical.ts';
import type { Schema } from '../../table/schema.ts';
import { isCoded } from '../../table/search-index.ts';
import type { Batch, ColumnData, Value } from '../../table/value.ts';

/**
 * Values that a column with private groups may have in a table, NULL apart. Each costs a ciphertext column
 * for everything that is summed, 24 bytes a row at rest: at 64 values 1.5 KB a row for one x. Of all
 * segments together, so that whatever can be appended can also be merged.
 */
export const PRIVATE_GROUPS_LIMIT = 64;

/**
 * Values that a column may have in a table whose rows the vault chooses by sealed codes, NULL apart: as many as have
 * a dictionary in a segment, and codes of two bytes.
 */
export const CODED_VALUES_LIMIT = 65_535;

/** A column, by schema index, that may have so many values. */
interface Limit {
  readonly column: number;
  readonly most: number;
}

/**
 * The same batches; refuses them as soon as a column with private groups, or one that is oblivious by codes, has
 * too many values.
 * @param before the table that they are added to, if there is one
 * @throws SCHEMA_INVALID
 */
export async function* limitPrivateGroups(
  schema: Schema,
  before: OpenTable | undefined,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Batch> {
  const limits = limitsOf(schema);
  const seen = await Promise.all(limits.map((limit) => knownValues(before, schema, limit)));
  for await (const batch of batches) {
    limits.forEach((limit, i) => {
      note(seen[i]!, limit, batch.columns[limit.column]!);
      if (seen[i]!.size > limit.most) throw refused(schema, limit);
    });
    yield batch;
  }
}

/** The same of the values that a table has. @throws SCHEMA_INVALID */
export async function checkPrivateGroups(schema: Schema, table: OpenTable): Promise<void> {
  for (const limit of limitsOf(schema)) {
    const { size } = await knownValues(table, schema, limit);
    if (size > limit.most) throw refused(schema, limit);
  }
}

function limitsOf({ groupBy, columns }: Schema): Limit[] {
  return [
    ...groupBy.map(({ column }) => ({
      column: columns.findIndex(({ name }) => name === column),
      most: PRIVATE_GROUPS_LIMIT,
    })),
    ...columns.flatMap((one, column) =>
      isCoded(one) ? [{ column, most: CODED_VALUES_LIMIT }] : [],
    ),
  ];
}

async function knownValues(
  table: OpenTable | undefined,
  schema: Schema,
  limit: Limit,
): Promise<Set<Value>> {
  const { column } = limit;
  const values = new Set<Value>();
  if (table === undefined) return values;
  const { type } = table.schema.columns[column]!;
  for (const segment of table.manifest.segments) {
    const { dictionary } = await table.column(segment, column);
    // A segment without one has more values than either limit.
    if (dictionary === undefined) throw refused(schema, limit);
    for (const { value } of dictionary) values.add(decodeCanonical(value, type));
  }
  for (const row of await table.deltaRows()) {
    // As a segment would read it back: −0 is 0.
    const cell = row[column]!;
    if (cell !== null) values.add(decodeCanonical(canonicalBytes(cell, type), type));
  }
  return values;
}

function note(seen: Set<Value>, { most }: Limit, { kind, values, valid }: ColumnData): void {
  for (let row = 0; row < valid.length && seen.size <= most; row++) {
    if (valid[row] === 0) continue;
    const value = values[row]!;
    seen.add(kind === 'int' ? BigInt(value) : value);
  }
}

function refused(schema: Schema, { column, most }: Limit): OpalineError {
  const { name } = schema.columns[column]!;
  return new OpalineError(
    'SCHEMA_INVALID',
    most === PRIVATE_GROUPS_LIMIT
      ? {
          path: `groupBy.${name}`,
          reason:
            `the column has more than ${most} values, too many for private groups: ` +
            'declare "search": {"index": "oblivious", "by": "codes"}',
        }
      : {
          path: `columns.${name}.search`,
          reason: `the column has more than ${most} values, too many for row codes: declare "sse" or "pir"`,
        },
  );
}
