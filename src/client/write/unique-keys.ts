import { sha256 } from '../../bytes/hash.ts';
import { utf8 } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { keyTextOf } from '../records/record-keys.ts';
import { findKeys } from '../records/put.ts';
import type { TableAccess } from '../records/table-access.ts';
import { batchRows } from './batch-rows.ts';
import { RowBatches } from './row-batches.ts';

/** Keys asked for at a time. */
const STEP = 4096;

/**
 * The same batches; in a table with a key the first row is refused whose key another has, in the table or
 * before it in the input. 16 bytes of each key's hash are remembered: that two keys share them by chance does
 * not happen.
 * @throws KEY_TAKEN
 */
export async function* refuseTakenKeys(
  schema: Schema,
  before: OpenTable | undefined,
  access: Pick<TableAccess, 'locate' | 'opened'>,
  batches: AsyncIterable<Batch>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch, void, undefined> {
  if (schema.key === undefined) {
    yield* batches;
    return;
  }
  const textOf = keyTextOf(schema);
  const seen = new Set<string>();
  let line = 1;
  for await (const batch of batches) {
    const rows = batchRows(batch);
    for (const [i, row] of rows.entries()) {
      // A text of 16 characters of 8 bits takes half the room of its hexadecimal form.
      const hash = String.fromCharCode(...sha256(utf8(textOf(row))).subarray(0, 16));
      if (seen.has(hash)) {
        throw new OpalineError('KEY_TAKEN', { table: schema.table, line: line + i });
      }
      seen.add(hash);
    }
    if (before !== undefined) {
      const parts = new RowBatches(schema, STEP);
      for (const row of rows) parts.add(row);
      let from = line;
      for (const part of parts.finish()) {
        await findKeys(before, access, part, from, signal);
        from += part.rows;
      }
    }
    line += batch.rows;
    yield batch;
  }
}
