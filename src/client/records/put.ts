import { OpalineError } from '../../errors/opaline-error.ts';
import type { Located } from '../../gate/locate.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch, Value } from '../../table/value.ts';
import { deriveColumns } from '../ingest/derive.ts';
import { batchesFromRows, type Row } from '../ingest/rows.ts';
import { checkShape } from '../typed/shape.ts';
import { batchRows } from '../write/batch-rows.ts';
import { RowBatches } from '../write/row-batches.ts';
import { MOST_RECORDS, type PutOptions, type PutReport } from './api.ts';
import { patiently } from './patience.ts';
import { haveKeys, keyTextOf } from './record-keys.ts';
import type { TableAccess } from './table-access.ts';

const BATCH = 16_384;
const NOTHING: Located = { segments: [], delta: [], rows: 0 };

/** Write records: see `Records.put`. */
export async function putRecords(
  schema: Schema,
  access: TableAccess,
  records: unknown,
  options: PutOptions,
): Promise<PutReport> {
  const { rows, batch: size } = inputOf(records, options);
  const signal = options.signal && { signal: options.signal };
  const batches = batchesFromRows(schema, rows, { batchRows: size, ...signal });
  let report: PutReport | undefined;
  let line = 1;
  for await (const batch of deriveColumns(schema, batches)) {
    const put = await patiently(() => putBatch(schema, access, batch, line, options), options);
    line += batch.rows;
    report = {
      records: (report?.records ?? 0) + put.records,
      replaced: (report?.replaced ?? 0) + put.replaced,
      epoch: put.epoch,
    };
    options.onProgress?.(line - 1);
  }
  if (report !== undefined) return report;
  const table = await access.settled(() => access.table(schema.table));
  return { records: 0, replaced: 0, epoch: table?.manifest.epoch ?? 0 };
}

/** What is to be written, and how many records at a time. Throws REQUEST_TOO_LARGE, TYPE_MISMATCH. */
function inputOf(
  records: unknown,
  { batch = BATCH }: PutOptions,
): { rows: Iterable<Row> | AsyncIterable<Row>; batch: number } {
  if (!Number.isInteger(batch) || batch < 1 || batch > MOST_RECORDS) {
    const reason = `"batch" must be a whole number from 1 to ${MOST_RECORDS}`;
    throw new OpalineError('TYPE_MISMATCH', { reason });
  }
  if (Array.isArray(records)) {
    const { length } = records;
    if (length > MOST_RECORDS) {
      const what = 'the number of records of one put';
      throw new OpalineError('REQUEST_TOO_LARGE', { what, size: length, limit: MOST_RECORDS });
    }
    // A list of its own: the caller may change his while it is read.
    return { rows: [...(records as Row[])], batch: Math.max(1, length) };
  }
  if (typeof records === 'object' && records !== null) {
    if (Symbol.asyncIterator in records) return { rows: records as AsyncIterable<Row>, batch };
    if (Symbol.iterator in records) return { rows: records as Iterable<Row>, batch };
  }
  return { rows: [records as Row], batch: 1 };
}

/** One publication. `line` is the number of the batch's first record. */
async function putBatch(
  schema: Schema,
  access: TableAccess,
  batch: Batch,
  line: number,
  options: PutOptions,
): Promise<PutReport> {
  const { signal, onConflict = 'replace' } = options;
  const refuse = onConflict === 'refuse';
  const incoming = schema.key === undefined ? batch : lastOfEachKey(schema, batch, line, refuse);
  return await access.write(async () => {
    const before = await access.lockedTable(schema.table);
    if (before !== undefined) checkShape(before.schema, schema);
    const found =
      before === undefined || schema.key === undefined
        ? NOTHING
        : await findKeys(before, access, incoming, refuse ? line : undefined, signal);
    const current = before?.schema ?? schema;
    const { epoch } = await access.replace(current, before, found, incoming, signal);
    return { records: batch.rows, replaced: found.rows, epoch };
  });
}

/**
 * The rows that have a key of the batch's, each opened to see that it does.
 * @throws KEY_TAKEN where there is one and `refuseFrom` numbers the batch's first record
 */
export async function findKeys(
  table: OpenTable,
  access: Pick<TableAccess, 'locate' | 'opened'>,
  batch: Batch,
  refuseFrom: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Located> {
  const { schema } = table;
  const rows = batchRows(batch);
  const filter = haveKeys(schema, rows);
  const found = await access.locate(filter, table, signal);
  const textOf = keyTextOf(schema);
  for await (const row of access.opened(filter, found, table, signal)) {
    if (refuseFrom === undefined) continue;
    const taken = textOf(row);
    const line = refuseFrom + rows.findIndex((other) => textOf(other) === taken);
    throw new OpalineError('KEY_TAKEN', { table: schema.table, line });
  }
  return found;
}

/** The batch without records whose key a later one has. @throws KEY_TAKEN instead if `refuse` */
function lastOfEachKey(schema: Schema, batch: Batch, line: number, refuse: boolean): Batch {
  if (batch.rows === 1) return batch;
  const rows = batchRows(batch);
  const textOf = keyTextOf(schema);
  const last = new Map<string, readonly Value[]>();
  for (const [i, row] of rows.entries()) {
    const text = textOf(row);
    if (refuse && last.has(text)) {
      throw new OpalineError('KEY_TAKEN', { table: schema.table, line: line + i });
    }
    last.set(text, row);
  }
  if (last.size === rows.length) return batch;
  const batches = new RowBatches(schema, last.size);
  for (const row of last.values()) batches.add(row);
  const [made] = batches.finish();
  return made!;
}
