import type { DeltaRow } from '../../gate/delta-rows.ts';
import type { Located } from '../../gate/locate.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { type DeltaEntry, DELTA_ROWS, type SegmentEntry } from '../../table/manifest.ts';
import type { Batch } from '../../table/value.ts';
import { type Append, type Appended, segmentJobs } from './append.ts';
import { batchRows } from './batch-rows.ts';
import { uploadDelta } from './delta-entry.ts';
import { limitIndexes } from './index-limits.ts';
import { limitPrivateGroups } from './group-limit.ts';
import { publishTable, removeSuperseded } from './publication.ts';
import { goneWith, segmentsLess } from './remove-rows.ts';
import { RowBatches } from './row-batches.ts';
import { uploadSegments, type UploadOptions } from './upload.ts';
import { Uploads } from './uploads.ts';

/** What of a delta stays as it is, and the rows that are to be written anew. */
interface Delta {
  readonly kept: { readonly entry: DeltaEntry; readonly rows: readonly DeltaRow[] }[];
  readonly loose: DeltaRow[];
}

/**
 * Take rows out of a table and put others in, in one publication: whoever looks sees all of it or nothing. A
 * table that does not exist is made.
 *
 * New rows go to the delta. Its entries double in size like the digits of a binary counter, so that 4,096
 * single puts leave a dozen entries and each row is sealed a dozen times at most. A delta that would overflow
 * becomes a segment together with the new rows.
 *
 * @param found rows of `before`, to go
 */
export async function replaceRows(
  { folder, link, pool, table, schema, before, wrap }: Append,
  found: Located,
  incoming: Batch,
  options: UploadOptions,
): Promise<Appended> {
  const epoch = (before?.manifest.epoch ?? 0) + 1;
  const uploads = new Uploads(link, table, epoch, options.signal);
  const roots = new Map(before?.roots);
  const pending = before?.pending;
  const sealing = before?.sealing ?? schema;
  try {
    for await (const _ of limitPrivateGroups(
      sealing,
      before,
      limitIndexes(sealing, before === undefined, single(incoming)),
    ));
    const segments: SegmentEntry[] =
      before === undefined
        ? []
        : await segmentsLess(
            { link, table: before },
            found,
            await goneWith(before, found),
            uploads,
            options.signal === undefined ? {} : { signal: options.signal },
          );
    const old = segments.length;
    const { kept, loose } = await splitDelta(before, found.delta);
    const held = kept.reduce((sum, { rows }) => sum + rows.length, loose.length);
    const delta: DeltaEntry[] = [];
    if (held + incoming.rows <= DELTA_ROWS) {
      for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
        if (last.rows.length > loose.length + incoming.rows) break;
        loose.unshift(...last.rows);
        kept.pop();
      }
      const batches = new RowBatches(schema);
      for (const row of loose) batches.add(row);
      for (const row of batchRows(incoming)) batches.add(row);
      delta.push(...kept.map(({ entry }) => entry));
      for (const batch of batches.finish()) {
        const { entry, root } = await uploadDelta(batch, uploads);
        delta.push({ ...entry, birthEpoch: epoch });
        roots.set(entry.id, root);
      }
    } else {
      const rows = everyRow([...kept.flatMap((entry) => entry.rows), ...loose], incoming, before);
      for (const { entry, root } of await uploadSegments(
        segmentJobs(sealing, rows),
        sealing,
        pool,
        uploads,
        options,
      )) {
        segments.push({ ...entry, birthEpoch: epoch });
        roots.set(entry.id, root);
      }
    }
    await publishTable(folder, link, {
      table,
      epoch,
      schema,
      segments,
      delta,
      roots,
      wrap,
      pending,
    });
    if (before !== undefined) await removeSuperseded(link, before);
    return { epoch, rows: incoming.rows, segments: segments.length - old };
  } catch (error) {
    await uploads.discard();
    throw error;
  }
}

/** The entries without the rows at some positions: those that lose one are taken apart. */
async function splitDelta(
  before: OpenTable | undefined,
  positions: readonly number[],
): Promise<Delta> {
  const delta: Delta = { kept: [], loose: [] };
  if (before === undefined) return delta;
  const gone = new Set(positions);
  const all = await before.deltaRows();
  let from = 0;
  for (const entry of before.manifest.delta) {
    const places = Array.from({ length: entry.rows }, (_, i) => from + i);
    from += entry.rows;
    const left = places.filter((place) => !gone.has(place)).map((place) => all[place]!);
    if (left.length === entry.rows) delta.kept.push({ entry, rows: left });
    else delta.loose.push(...left);
  }
  return delta;
}

async function* single(batch: Batch): AsyncGenerator<Batch> {
  yield batch;
}

async function* everyRow(
  old: readonly DeltaRow[],
  incoming: Batch,
  before: OpenTable | undefined,
): AsyncGenerator<Batch> {
  if (before !== undefined) {
    const batches = new RowBatches(before.schema);
    for (const row of old) batches.add(row);
    yield* batches.finish();
  }
  yield incoming;
}
