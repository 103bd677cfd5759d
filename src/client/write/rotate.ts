import { OpalineError } from '../../errors/opaline-error.ts';
import { MAX_PAIRS } from '../../search/iex/size.ts';
import type { CallOptions } from '../../store/link.ts';
import type { Pending } from '../../table/manifest-content.ts';
import {
  type DeltaEntry,
  liveRows,
  partsOf,
  SEGMENT_ROWS,
  type SegmentEntry,
} from '../../table/manifest.ts';
import { isOld } from '../../table/rotation.ts';
import { sameSchema } from '../../table/schema-check.ts';
import type { Schema } from '../../table/schema.ts';
import type { SealPool } from '../seal/pool.ts';
import { uploadDelta } from './delta-entry.ts';
import { hasColumnsOf, keptColumns } from './kept-columns.ts';
import { liveBatches, wholeSegment } from './live-rows.ts';
import { publishTable } from './publication.ts';
import type { Removal } from './remove-rows.ts';
import { RowBatches } from './row-batches.ts';
import { pairsInBatch, segmentBatches } from './segment-batches.ts';
import { type SegmentJob, uploadSegments, type UploadOptions } from './upload.ts';
import { Uploads } from './uploads.ts';

/** A change of every segment: what Pending says of it, from which epoch on apart. */
export type Rotating = Omit<Pending, 'since'>;

/** What is done with one table, or one that has begun goes on with. */
export interface RotateOptions extends UploadOptions {
  /** Publish whenever so many rows are made anew; see `stepOf`. */
  readonly stepRows?: number;
}

export interface Rotated {
  readonly epoch: number;
  /** Segments and rows made anew now. */
  readonly segments: number;
  readonly rows: number;
  /** It had begun before. */
  readonly resumed: boolean;
  /** Every segment has what the next schema says, and some have more: all are to be made once more. */
  readonly again: boolean;
}

/** Publications that a rotation takes at most: a query that one overtakes starts over. */
const MOST_STEPS = 32;

/**
 * Replace every segment and delta entry of a table by one under a root of its own, with an index,
 * records and metadata made anew, and bring the table to the schema that `wanted` names. Goes on with a
 * rotation that has begun; one that wants other things begins anew and does both.
 *
 * Publishes every few segments, so that whoever is stopped loses little; in between, segments of both
 * generations are searched side by side, each under its own keys, by the schema as it was. A rotation of keys
 * moves the table to a fresh wrapping key before the first new root is wrapped, so that none of them is
 * ever under a key from before; and to another once the last old root is gone, which is then under no
 * key that the vault still has.
 * @throws what reading and storing segments does, with all that was published in place
 */
export async function rotateTable(
  removal: Removal,
  wanted: Rotating,
  pool: SealPool,
  options: RotateOptions,
): Promise<Rotated> {
  const { folder, link, table } = removal;
  const { id, manifest } = table;
  const resumed = goesOn(table.pending, wanted, table.schema);
  const pending = resumed ? table.pending! : begin(table.pending, wanted, manifest.epoch);
  const sealing = resumed ? table.sealing : table.sealingFor(pending.schema);
  const all = manifest.segments.filter((entry) => isOld(entry, pending));
  const step = options.stepRows ?? stepOf(all);
  const roots = new Map(table.roots);
  let { epoch, segments, delta } = manifest;
  let wrap = removal.wrap;
  let isFresh = resumed || !pending.keys;
  let done = 0;
  let superseded: string[] = [];
  for (;;) {
    const old = segments.filter((entry) => isOld(entry, pending));
    const chosen = takeRows(old, step);
    const next =
      chosen.length < old.length
        ? { schema: table.schema, pending }
        : end(pending, sealing, table.schema, epoch + 1);
    const uploads = new Uploads(link, id, epoch + 1, options.signal);
    try {
      const begun = done;
      const made = await makeAnew(removal, chosen, sealing, pending, pool, uploads, {
        ...options,
        onRows: (rows) => options.onRows?.(begun + rows),
      });
      const entries = await deltaAnew(removal, delta, pending, uploads, roots);
      if (!isFresh || (pending.keys && next.pending === undefined)) {
        wrap = await folder.wraps.successor(id);
      }
      epoch++;
      const born = new Map<string, SegmentEntry[]>();
      for (const { from, entry, root } of made) {
        born.set(from, [...(born.get(from) ?? []), { ...entry, birthEpoch: epoch }]);
        roots.set(entry.id, root);
      }
      const replaced = new Set(chosen.map((entry) => entry.id));
      segments = segments.flatMap((entry) =>
        replaced.has(entry.id) ? (born.get(entry.id) ?? []) : [entry],
      );
      delta = entries.map((entry) =>
        entry.birthEpoch === 0 ? { ...entry, birthEpoch: epoch } : entry,
      );
      await publishTable(folder, link, { table: id, epoch, segments, delta, roots, wrap, ...next });
    } catch (error) {
      await uploads.discard();
      throw error;
    }
    await folder.wraps.settle(id, wrap.id);
    isFresh = true;
    done += chosen.reduce((sum, entry) => sum + entry.rows, 0);
    if (chosen.length === old.length) {
      await sweep(removal, { ...manifest, segments, delta });
      const again = next.pending !== undefined;
      return { epoch, segments: all.length, rows: done, resumed, again };
    }
    // Those of the step before are left for the queries that may be reading them.
    await link.remove(id, superseded).catch(() => undefined);
    const kept = new Set([...partsOf({ ...manifest, segments, delta })].map((part) => part.id));
    superseded = [...partsOf({ ...manifest, segments: chosen, delta: [] })]
      .map((part) => part.id)
      .filter((part) => !kept.has(part));
  }
}

/** Whether a rotation that has begun does what is wanted. */
function goesOn(pending: Pending | undefined, wanted: Rotating, schema: Schema): boolean {
  if (pending === undefined) return false;
  if ((wanted.keys && !pending.keys) || (wanted.columns && !pending.columns)) return false;
  return wanted.schema === undefined || sameSchema(pending.schema ?? schema, wanted.schema);
}

function begin(before: Pending | undefined, wanted: Rotating, epoch: number): Pending {
  return {
    since: epoch,
    keys: wanted.keys || before?.keys === true,
    columns: wanted.columns || before?.columns === true,
    schema: wanted.schema ?? before?.schema,
  };
}

/**
 * What holds once every segment serves `sealing`: the next schema; and where segments have what only the
 * one before asked for, that they are to be made once more, without it.
 */
function end(
  { schema, keys }: Pending,
  sealing: Schema,
  now: Schema,
  epoch: number,
): { schema: Schema; pending: Pending | undefined } {
  if (schema === undefined) return { schema: now, pending: undefined };
  if (sameSchema(schema, sealing)) return { schema, pending: undefined };
  return { schema, pending: { since: epoch, keys, columns: false, schema: undefined } };
}

/** At least a full segment, and so much that there are at most MOST_STEPS. */
function stepOf(segments: readonly SegmentEntry[]): number {
  const rows = segments.reduce((sum, entry) => sum + entry.rows, 0);
  return Math.max(SEGMENT_ROWS, Math.ceil(rows / MOST_STEPS));
}

/** As many segments as have so many rows together, at least one where there is one. */
function takeRows(segments: readonly SegmentEntry[], rows: number): readonly SegmentEntry[] {
  let sum = 0;
  const count = segments.findIndex((entry) => (sum += entry.rows) >= rows);
  return count === -1 ? segments : segments.slice(0, count + 1);
}

interface MadeAnew {
  /** Id of the segment that it replaces. */
  readonly from: string;
  readonly entry: Omit<SegmentEntry, 'birthEpoch'>;
  readonly root: Uint8Array;
}

/**
 * A segment of which every row is deleted has no successor where its columns are made anew, and one that is to get an
 * index of more pairs of keywords than one may have has several.
 */
async function makeAnew(
  { link, table }: Removal,
  chosen: readonly SegmentEntry[],
  sealing: Schema,
  { columns }: Pending,
  pool: SealPool,
  uploads: Uploads,
  options: UploadOptions,
): Promise<MadeAnew[]> {
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const from: string[] = [];
  const jobs = async function* (): AsyncGenerator<SegmentJob> {
    for (const entry of chosen) {
      const meta = await table.meta(entry);
      if (!columns && hasColumnsOf(meta, sealing)) {
        const whole = await wholeSegment(link, table, entry, call);
        if (pairsInBatch(sealing, whole.batch) <= MAX_PAIRS) {
          from.push(entry.id);
          yield { ...whole, kept: keptColumns(entry, meta, sealing) };
          continue;
        }
      }
      if (liveRows(entry) === 0) continue;
      for await (const batch of segmentBatches(sealing, liveBatches(link, table, [entry], call))) {
        from.push(entry.id);
        yield { batch };
      }
    }
  };
  const made = await uploadSegments(jobs(), sealing, pool, uploads, options);
  return made.map((segment, i) => ({ ...segment, from: from[i]! }));
}

/** Old delta entries as one under a root of its own, birth epoch 0; the others as they are. */
async function deltaAnew(
  { table }: Removal,
  delta: readonly DeltaEntry[],
  pending: Pending,
  uploads: Uploads,
  roots: Map<string, Uint8Array>,
): Promise<readonly DeltaEntry[]> {
  if (!delta.some((entry) => isOld(entry, pending))) return delta;
  const rows = await table.deltaRows();
  const batches = new RowBatches(table.schema);
  let at = 0;
  for (const entry of delta) {
    const own = rows.slice(at, (at += entry.rows));
    if (isOld(entry, pending)) for (const row of own) batches.add(row);
  }
  const [batch] = batches.finish();
  if (batch === undefined) throw new OpalineError('INTERNAL', { reason: 'an empty delta' });
  const { entry, root } = await uploadDelta(batch, uploads);
  roots.set(entry.id, root);
  return [{ ...entry, birthEpoch: 0 }, ...delta.filter((other) => !isOld(other, pending))];
}

/**
 * Remove every part that the new head does not name, those of runs that were killed among them: only who
 * holds the vault's lock may. Best effort: `doctor` finds the rest.
 */
async function sweep({ link, table }: Removal, now: Parameters<typeof partsOf>[0]): Promise<void> {
  try {
    const named = new Set([...partsOf(now)].map(({ id }) => id));
    const left = (await link.parts(table.id)).map(({ id }) => id).filter((id) => !named.has(id));
    await link.remove(table.id, left);
  } catch {
    // The table is already the new one.
  }
}
