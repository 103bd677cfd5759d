import type { OpenTable } from '../../gate/open-table.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { checkReindex, sameSchema } from '../../table/schema-check.ts';
import type { Schema } from '../../table/schema.ts';
import { indexOf } from '../../table/search-index.ts';
import type { Batch } from '../../table/value.ts';
import { checkPrivateGroups } from './group-limit.ts';
import { limitIndexes } from './index-limits.ts';
import { liveBatches } from './live-rows.ts';
import { RowBatches } from './row-batches.ts';
import type { Rotating } from './rotate.ts';

/**
 * What has to be done to a table for its schema to be `next`; undefined: nothing.
 * @throws SCHEMA_MISMATCH for another table's, SCHEMA_INVALID for private groups of too many values,
 * CAPABILITY_MISSING for an index that the rows are not fit for
 */
export async function wantedFor(
  table: OpenTable,
  next: Schema,
  link: StoreLink,
  options: CallOptions = {},
): Promise<Rotating | undefined> {
  const { schema, pending } = table;
  if (pending === undefined && sameSchema(schema, next)) return undefined;
  checkReindex(schema, next);
  await checkPrivateGroups(next, table);
  if (gainsLimits(schema, next) && !(pending?.schema && sameSchema(pending.schema, next))) {
    // Nothing is kept: rows that do not fit are refused before the first segment is made.
    for await (const _ of limitIndexes(next, true, allRows(table, link, options)));
  }
  // Rows that stay in their places keep their layout.
  const columns = JSON.stringify(schema.layout) !== JSON.stringify(next.layout);
  return { keys: false, columns, schema: next };
}

/** Whether a column gets an index that not every column may have (index-limits.ts). */
function gainsLimits(before: Schema, next: Schema): boolean {
  return next.columns.some((column, i) =>
    (['tag', 'ore', 'iex'] as const).some(
      (rung) =>
        indexOf(column, rung) !== undefined && indexOf(before.columns[i]!, rung) === undefined,
    ),
  );
}

async function* allRows(
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): AsyncGenerator<Batch> {
  yield* liveBatches(link, table, table.manifest.segments, options);
  const delta = new RowBatches(table.schema);
  for (const row of await table.deltaRows()) delta.add(row);
  yield* delta.finish();
}
