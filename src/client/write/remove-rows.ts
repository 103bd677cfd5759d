import { sha256 } from '../../bytes/hash.ts';
import { randomId } from '../../bytes/random.ts';
import type { Located } from '../../gate/locate.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { encodeDeletedRows } from '../../table/deleted-rows.ts';
import type { WrappingKey } from '../../table/manifest-content.ts';
import type { DeltaEntry, SegmentEntry } from '../../table/manifest.ts';
import { RowSet } from '../../table/row-set.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import type { SealPool } from '../seal/pool.ts';
import { uploadDelta } from './delta-entry.ts';
import { segmentInPlace } from './live-rows.ts';
import { publishTable, removeSuperseded } from './publication.ts';
import { indexesWithout } from './update-indexes.ts';
import { RowBatches } from './row-batches.ts';
import { type SegmentJob, uploadSegments } from './upload.ts';
import { Uploads } from './uploads.ts';

export interface Removal {
  readonly folder: OpenFolder;
  readonly link: StoreLink;
  readonly table: OpenTable;
  readonly wrap: WrappingKey;
}

/**
 * Delete rows: each segment's are listed in a part that keeps them out of every row set until
 * compaction; the delta is written anew without them; a segment of which nothing is left is dropped.
 * Indexes that change record by record learn of it.
 */
export async function deleteRows(
  removal: Removal,
  found: Located,
  options: CallOptions,
): Promise<number> {
  return await rewrite(removal, found, options, async (uploads, gone) => {
    return { segments: await segmentsLess(removal, found, gone, uploads, options), roots: [] };
  });
}

/** A table's segments with more rows deleted; without those of which nothing is left. */
export async function segmentsLess(
  { link, table }: Pick<Removal, 'link' | 'table'>,
  found: Located,
  gone: Gone,
  uploads: Uploads,
  options: CallOptions,
): Promise<SegmentEntry[]> {
  const segments: SegmentEntry[] = [];
  for (const entry of table.manifest.segments) {
    const rows = gone.get(entry.id);
    if (rows === undefined) segments.push(entry);
    else if (rows.count < entry.rows) {
      const bytes = encodeDeletedRows(rows);
      const part = { id: randomId(), bytes, digest: sha256(bytes) };
      await uploads.put({ table: uploads.table, kind: 'deleted', ...part });
      const { id, digest } = part;
      const deleted = { rows: rows.count, part: { id, bytes: bytes.length, digest } };
      const now = found.segments.filter(({ entry: one }) => one.id === entry.id);
      const fresh = Uint32Array.from(now.flatMap((one) => [...one.rows])).sort();
      const rungs = await indexesWithout(fresh, entry, table, link, uploads, options);
      segments.push({ ...entry, deleted, rungs });
    }
  }
  return segments;
}

/**
 * Erase rows, and with them every row of the table that was deleted before: each segment that holds
 * one is made anew, in place, with zeros where they were and nothing of them in its lists, dictionaries
 * and records; the old segment's root goes with the wrapping key, which is replaced. What an old copy
 * of the store holds of those segments, ciphertext columns apart, can no longer be read by anybody.
 *
 * @param next the wrapping key to move the table to
 */
export async function eraseRows(
  removal: Removal,
  next: WrappingKey,
  pool: SealPool,
  found: Located,
  options: CallOptions,
): Promise<number> {
  const { folder, link, table } = removal;
  const epoch = await rewrite({ ...removal, wrap: next }, found, options, async (uploads, gone) => {
    const segments: SegmentEntry[] = [];
    const roots: [string, Uint8Array][] = [];
    for (const entry of table.manifest.segments) {
      const holes = gone.get(entry.id) ?? (await table.deletedRows(entry));
      const count = holes.count;
      if (count === 0) segments.push(entry);
      if (count === 0 || count === entry.rows) continue;
      const job = async function* (): AsyncGenerator<SegmentJob> {
        const batch = await segmentInPlace(link, table, entry, holes, options);
        yield { batch, holes: holes.toArray() };
      };
      const [made] = await uploadSegments(job(), table.sealing, pool, uploads, options);
      segments.push({ ...made!.entry, birthEpoch: table.manifest.epoch + 1 });
      roots.push([made!.entry.id, made!.root]);
      options.onProgress?.(segments.length, table.manifest.segments.length);
    }
    return { segments, roots };
  });
  await folder.wraps.settle(table.id, next.id);
  return epoch;
}

/** The rows of a segment to be gone, those already deleted among them; absent: as before. */
export type Gone = ReadonlyMap<string, RowSet>;

/** What is gone of each segment when the rows that were found are. */
export async function goneWith(table: OpenTable, found: Located): Promise<Gone> {
  const gone = new Map<string, RowSet>();
  for (const { entry, rows } of found.segments) {
    const before = gone.get(entry.id) ?? (await table.deletedRows(entry));
    gone.set(entry.id, before.or(RowSet.of(entry.rows, rows)));
  }
  return gone;
}

async function rewrite(
  removal: Removal,
  found: Located,
  options: CallOptions,
  segmentsWithout: (
    uploads: Uploads,
    gone: Gone,
  ) => Promise<{ segments: SegmentEntry[]; roots: [string, Uint8Array][] }>,
): Promise<number> {
  const { folder, link, table, wrap } = removal;
  const { id, schema, manifest } = table;
  const epoch = manifest.epoch + 1;
  const uploads = new Uploads(link, id, epoch, options.signal);
  try {
    const gone = await goneWith(table, found);
    const made = await segmentsWithout(uploads, gone);
    const delta = await deltaWithout(table, found.delta, uploads, epoch);
    const roots = new Map([...(table.roots ?? []), ...made.roots, ...delta.roots]);
    const next = { table: id, epoch, schema, segments: made.segments, delta: delta.entries };
    await publishTable(folder, link, { ...next, roots, wrap, pending: table.pending });
    await removeSuperseded(link, table);
    return epoch;
  } catch (error) {
    await uploads.discard();
    throw error;
  }
}

async function deltaWithout(
  table: OpenTable,
  positions: readonly number[],
  uploads: Uploads,
  epoch: number,
): Promise<{ entries: readonly DeltaEntry[]; roots: [string, Uint8Array][] }> {
  if (positions.length === 0) return { entries: table.manifest.delta, roots: [] };
  const gone = new Set(positions);
  const rows = await table.deltaRows();
  const batches = new RowBatches(table.schema);
  for (const [position, row] of rows.entries()) if (!gone.has(position)) batches.add(row);
  const [batch] = batches.finish();
  if (batch === undefined) return { entries: [], roots: [] };
  const { entry, root } = await uploadDelta(batch, uploads);
  return { entries: [{ ...entry, birthEpoch: epoch }], roots: [[entry.id, root]] };
}
