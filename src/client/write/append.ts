import type { OpenTable } from '../../gate/open-table.ts';
import type { StoreLink } from '../../store/link.ts';
import type { WrappingKey } from '../../table/manifest-content.ts';
import { DELTA_ROWS } from '../../table/manifest.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { gather } from '../seal/gather.ts';
import type { SealPool } from '../seal/pool.ts';
import { uploadDelta } from './delta-entry.ts';
import { limitPrivateGroups } from './group-limit.ts';
import { limitIndexes } from './index-limits.ts';
import { publishTable, removeSuperseded } from './publication.ts';
import { RowBatches } from './row-batches.ts';
import { segmentBatches } from './segment-batches.ts';
import { type UploadOptions, uploadSegments } from './upload.ts';
import { Uploads } from './uploads.ts';

export interface Append {
  readonly folder: OpenFolder;
  readonly link: StoreLink;
  readonly pool: SealPool;
  readonly table: string;
  readonly schema: Schema;
  /** Undefined: the table is new. */
  readonly before: OpenTable | undefined;
  readonly wrap: WrappingKey;
}

export interface Appended {
  readonly epoch: number;
  readonly rows: number;
  readonly segments: number;
}

/**
 * Add rows to a table, or make it of them. A few rows go to the delta of a table that exists; when the
 * delta would overflow it becomes a segment together with them; many rows become segments of their own.
 */
export async function appendRows(
  append: Append,
  incoming: AsyncIterable<Batch>,
  options: UploadOptions,
): Promise<Appended> {
  const { folder, link, pool, table, schema, before, wrap } = append;
  const epoch = (before?.manifest.epoch ?? 0) + 1;
  const uploads = new Uploads(link, table, epoch, options.signal);
  const roots = new Map(before?.roots);
  const segments = [...(before?.manifest.segments ?? [])];
  let delta = [...(before?.manifest.delta ?? [])];
  const held = delta.reduce((sum, entry) => sum + entry.rows, 0);
  const pending = before?.pending;
  const sealing = before?.sealing ?? schema;
  try {
    const fit = limitIndexes(sealing, before === undefined, incoming);
    const limited = limitPrivateGroups(sealing, before, fit);
    const [few, all] = await peek(limited, DELTA_ROWS);
    let added = 0;
    if (before !== undefined && few !== undefined && held + few.rows <= DELTA_ROWS) {
      if (few.rows > 0) {
        const { entry, root } = await uploadDelta(few, uploads);
        delta.push({ ...entry, birthEpoch: epoch });
        roots.set(entry.id, root);
        added = few.rows;
        options.onRows?.(added);
      }
    } else {
      const old = few === undefined ? 0 : held;
      const rows = old === 0 ? all : chain(await opened(before!), all);
      if (old > 0) delta = [];
      const uploaded = await uploadSegments(
        segmentJobs(sealing, rows),
        sealing,
        pool,
        uploads,
        options,
      );
      for (const { entry, root } of uploaded) {
        segments.push({ ...entry, birthEpoch: epoch });
        roots.set(entry.id, root);
        added += entry.rows;
      }
      added -= old;
    }
    const next = { table, epoch, schema, segments, delta, roots, wrap, pending };
    await publishTable(folder, link, next);
    if (before !== undefined) await removeSuperseded(link, before);
    const made = segments.length - (before?.manifest.segments.length ?? 0);
    return { epoch, rows: added, segments: made };
  } catch (error) {
    await uploads.discard();
    throw error;
  }
}

/** Rows as segments to be. */
export async function* segmentJobs(
  schema: Schema,
  rows: AsyncIterable<Batch>,
): AsyncGenerator<{ batch: Batch }> {
  for await (const batch of segmentBatches(schema, rows)) yield { batch };
}

/** The delta's rows as batches. */
async function opened(table: OpenTable): Promise<Iterable<Batch>> {
  const batches = new RowBatches(table.schema);
  for (const row of await table.deltaRows()) batches.add(row);
  return batches.finish();
}

/** The rows as one batch if there are at most `most`, else undefined; and all of them in any case. */
async function peek(
  batches: AsyncIterable<Batch>,
  most: number,
): Promise<[few: Batch | undefined, all: AsyncIterable<Batch>]> {
  const read: Batch[] = [];
  let rows = 0;
  const rest = batches[Symbol.asyncIterator]();
  for (;;) {
    const next = await rest.next();
    if (next.done === true) break;
    read.push(next.value);
    rows += next.value.rows;
    if (rows > most) return [undefined, chain(read, { [Symbol.asyncIterator]: () => rest })];
  }
  for await (const few of gather(chain(read), Math.max(1, rows))) return [few, chain(read)];
  return [{ rows: 0, columns: [] }, chain(read)];
}

async function* chain(...parts: (Iterable<Batch> | AsyncIterable<Batch>)[]): AsyncGenerator<Batch> {
  for (const part of parts) yield* part;
}
