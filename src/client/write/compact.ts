import { isOpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { decodeIexState, SEGMENT_PAIRS } from '../../search/iex/size.ts';
import type { CallOptions } from '../../store/link.ts';
import { SEGMENT_ROWS, type SegmentEntry } from '../../table/manifest.ts';
import type { Batch } from '../../table/value.ts';
import type { SealPool } from '../seal/pool.ts';
import { storedProducts } from '../seal/product.ts';
import { liveBatches } from './live-rows.ts';
import { publishTable, removeSuperseded } from './publication.ts';
import type { Removal } from './remove-rows.ts';
import { RowBatches } from './row-batches.ts';
import { pairedColumns, segmentBatches } from './segment-batches.ts';
import { type SegmentJob, uploadSegments, type UploadOptions } from './upload.ts';
import { Uploads } from './uploads.ts';

export interface Compaction {
  /** The epoch published; the table's own where there was nothing to do. */
  readonly epoch: number;
  /** Rows written anew. */
  readonly rows: number;
  readonly segmentsBefore: number;
  readonly segmentsAfter: number;
}

/**
 * What compaction takes apart: segments with deleted rows, those without a product that is stored by
 * now, and those that are not full, of rows or of pairs of keywords, where there is more than one, or a
 * delta to merge with. Nothing where the table is as compact as it can be.
 */
export async function segmentsToCompact(table: OpenTable): Promise<readonly SegmentEntry[]> {
  const { segments, delta } = table.manifest;
  const lacking = new Set(await segmentsWithoutProducts(table));
  const isWorn = (entry: SegmentEntry): boolean =>
    entry.deleted !== undefined || lacking.has(entry);
  const worn = segments.filter(isWorn);
  const full = await segmentsFullOfPairs(table);
  const small = segments.filter(
    (entry) => !isWorn(entry) && entry.rows < SEGMENT_ROWS && !full.has(entry),
  );
  const merges = small.length + worn.length > 1 || delta.length > 0;
  return merges ? [...worn, ...small] : worn;
}

/** Segments with an index of so many pairs of keywords that two of them would not make one. */
async function segmentsFullOfPairs(table: OpenTable): Promise<ReadonlySet<SegmentEntry>> {
  const full = new Set<SegmentEntry>();
  if (pairedColumns(table.sealing).length === 0) return full;
  for (const entry of table.manifest.segments) {
    if (await holdsOf(() => isFullOfPairs(table, entry))) full.add(entry);
  }
  return full;
}

async function isFullOfPairs(table: OpenTable, entry: SegmentEntry): Promise<boolean> {
  const { rungs = [] } = await table.meta(entry);
  for (const [position, { index }] of rungs.entries()) {
    if (index !== 'iex') continue;
    const pairs = decodeIexState(await table.rungState(entry, position));
    if (pairs !== undefined && pairs > SEGMENT_PAIRS / 2) return true;
  }
  return false;
}

/** False of a segment whose metadata is damaged or missing. */
async function holdsOf(test: () => Promise<boolean>): Promise<boolean> {
  try {
    return await test();
  } catch (error) {
    if (isOpalineError(error, 'PART_CORRUPT') || isOpalineError(error, 'PART_MISSING')) {
      return false;
    }
    throw error;
  }
}

/**
 * Segments of an earlier version, which stored fewer products of such a table. One whose metadata is
 * damaged is not among them: to say so is for queries and `doctor --deep`.
 */
export async function segmentsWithoutProducts(table: OpenTable): Promise<readonly SegmentEntry[]> {
  const wanted = storedProducts(table.schema).map((factors) => factors.join());
  const lacks = (entry: SegmentEntry): Promise<boolean> =>
    holdsOf(async () => {
      const { products } = await table.meta(entry);
      const stored = new Set(products.map(({ factors }) => factors.join()));
      return !wanted.every((factors) => stored.has(factors));
    });
  const { segments } = table.manifest;
  const found = await Promise.all(segments.map(lacks));
  return segments.filter((_, i) => found[i]!);
}

/**
 * Merge the delta and small or worn segments into segments of SEGMENT_ROWS rows, newly permuted and
 * without the deleted rows. Streams: a few segments are in memory at a time.
 */
export async function compactTable(
  { folder, link, table, wrap }: Removal,
  pool: SealPool,
  options: UploadOptions,
): Promise<Compaction> {
  const { id, schema, manifest } = table;
  const chosen = new Set(await segmentsToCompact(table));
  const before = manifest.segments.length;
  if (chosen.size === 0 && manifest.delta.length === 0) {
    return { epoch: manifest.epoch, rows: 0, segmentsBefore: before, segmentsAfter: before };
  }
  const epoch = manifest.epoch + 1;
  const uploads = new Uploads(link, id, epoch, options.signal);
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  try {
    const rows = async function* (): AsyncGenerator<Batch> {
      const delta = new RowBatches(schema);
      for (const row of await table.deltaRows()) delta.add(row);
      yield* delta.finish();
      yield* liveBatches(link, table, [...chosen], call);
    };
    const jobs = async function* (): AsyncGenerator<SegmentJob> {
      for await (const batch of segmentBatches(table.sealing, rows())) yield { batch };
    };
    const made = await uploadSegments(jobs(), table.sealing, pool, uploads, options);
    const segments = [
      ...manifest.segments.filter((entry) => !chosen.has(entry)),
      ...made.map(({ entry }) => ({ ...entry, birthEpoch: epoch })),
    ];
    const roots = new Map(table.roots);
    for (const { entry, root } of made) roots.set(entry.id, root);
    await publishTable(folder, link, {
      table: id,
      epoch,
      schema,
      segments,
      delta: [],
      roots,
      wrap,
      pending: table.pending,
    });
    await removeSuperseded(link, table);
    const written = made.reduce((sum, { entry }) => sum + entry.rows, 0);
    return { epoch, rows: written, segmentsBefore: before, segmentsAfter: segments.length };
  } catch (error) {
    await uploads.discard();
    throw error;
  }
}
