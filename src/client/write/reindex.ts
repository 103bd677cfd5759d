import type { OpenTable } from '../../gate/open-table.ts';
import { checkReindex, sameSchema } from '../../table/schema-check.ts';
import type { Schema } from '../../table/schema.ts';
import { checkPrivateGroups } from './group-limit.ts';
import type { Rotating } from './rotate.ts';

/**
 * What has to be done to a table for its schema to be `next`; undefined: nothing.
 * @throws SCHEMA_MISMATCH for another table's, SCHEMA_INVALID for private groups of too many values
 */
export async function wantedFor(table: OpenTable, next: Schema): Promise<Rotating | undefined> {
  const { schema, pending } = table;
  if (pending === undefined && sameSchema(schema, next)) return undefined;
  checkReindex(schema, next);
  await checkPrivateGroups(next, table);
  // Rows that stay in their places keep their layout.
  const columns = JSON.stringify(schema.layout) !== JSON.stringify(next.layout);
  return { keys: false, columns, schema: next };
}
