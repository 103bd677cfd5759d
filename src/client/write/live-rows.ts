import { deletedRows } from '../../gate/deleted-rows.ts';
import type { DeltaRow } from '../../gate/delta-rows.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { type FetchedRows, fetchRows } from '../../gate/sealed-rows.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import { RowSet } from '../../table/row-set.ts';
import type { Batch } from '../../table/value.ts';
import { checkAbort } from '../ingest/reading.ts';
import { RowBatches } from './row-batches.ts';
import { turn } from '../../run/turn.ts';

/** Rows opened between two looks at the signal. */
const STEP = 4096;

/**
 * Open the rows of segments that are not deleted, one segment in memory at a time. The order is that
 * of the segments, which is random already.
 * @throws PART_MISSING, PART_CORRUPT, ABORTED
 */
export async function* liveBatches(
  link: StoreLink,
  table: OpenTable,
  segments: readonly SegmentEntry[],
  options: CallOptions,
): AsyncGenerator<Batch> {
  const batches = new RowBatches(table.schema);
  for (const entry of segments) {
    const gone = await deletedRows(link, table, entry);
    for await (const row of openRows(link, table, entry, gone, options)) {
      if (row !== undefined) batches.add(row);
      yield* batches.drain();
    }
  }
  yield* batches.finish();
}

/** One segment's rows in place, as a batch in which the rows of `holes` are NULL. */
export async function segmentInPlace(
  link: StoreLink,
  table: OpenTable,
  entry: SegmentEntry,
  holes: RowSet,
  options: CallOptions,
): Promise<Batch> {
  const batches = new RowBatches(table.schema, entry.rows);
  for await (const row of openRows(link, table, entry, holes, options)) batches.add(row);
  const [batch] = batches.finish();
  return batch!;
}

/**
 * One segment's rows in place, the deleted ones among them, as a batch in which the erased ones are NULL;
 * and where these are.
 */
export async function wholeSegment(
  link: StoreLink,
  table: OpenTable,
  entry: SegmentEntry,
  options: CallOptions,
): Promise<{ batch: Batch; holes: Uint32Array }> {
  const gone = await deletedRows(link, table, entry);
  const sealed = await fetchSegmentRows(link, table, entry, options);
  const erased = gone.toArray().filter((row) => sealed.isErased(row));
  const holes = RowSet.of(entry.rows, erased);
  const batches = new RowBatches(table.schema, entry.rows);
  for await (const row of openEach(sealed, entry, holes, options)) batches.add(row);
  const [batch] = batches.finish();
  return { batch: batch!, holes: erased };
}

/** Every row of a segment in order; undefined for those in `skip`. */
async function* openRows(
  link: StoreLink,
  table: OpenTable,
  entry: SegmentEntry,
  skip: RowSet,
  options: CallOptions,
): AsyncGenerator<DeltaRow | undefined> {
  yield* openEach(await fetchSegmentRows(link, table, entry, options), entry, skip, options);
}

async function fetchSegmentRows(
  link: StoreLink,
  table: OpenTable,
  { id, rows, records }: SegmentEntry,
  options: CallOptions,
): Promise<FetchedRows> {
  const { schema } = table;
  const key = table.segmentKeys(id).records;
  return await fetchRows(link, { table: table.id, id, rows, records, key, schema }, options);
}

async function* openEach(
  sealed: FetchedRows,
  { rows }: SegmentEntry,
  skip: RowSet,
  options: CallOptions,
): AsyncGenerator<DeltaRow | undefined> {
  for (let row = 0; row < rows; row++) {
    if (row % STEP === 0) {
      checkAbort(options.signal);
      await turn();
    }
    yield skip.has(row) ? undefined : sealed.open(row);
  }
}
