import { OpalineError } from '../../errors/opaline-error.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import type { SealPool } from '../seal/pool.ts';
import type { KeptParts } from '../seal/segment.ts';
import type { Uploads } from './uploads.ts';

/** One segment to be: at most SEGMENT_ROWS rows; holes and kept parts as for sealSegment. */
export interface SegmentJob {
  readonly batch: Batch;
  readonly holes?: Uint32Array;
  readonly kept?: KeptParts;
}

/** A segment whose parts are stored and that no manifest names yet. */
export interface UploadedSegment {
  readonly entry: Omit<SegmentEntry, 'birthEpoch'>;
  readonly root: Uint8Array;
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  /** Rows stored so far. */
  readonly onRows?: (rows: number) => void;
}

/** Seal jobs into segments and store their parts, a few at a time: at most width + 1 are in memory. */
export async function uploadSegments(
  jobs: AsyncIterable<SegmentJob>,
  schema: Schema,
  pool: SealPool,
  uploads: Uploads,
  options: UploadOptions,
): Promise<UploadedSegment[]> {
  const { table, epoch } = uploads;
  // A segment with private groups may be hundreds of megabytes.
  const width = schema.groupBy.length === 0 ? pool.width : Math.min(2, pool.width);
  const segments: UploadedSegment[] = [];
  const running = new Set<Promise<void>>();
  let rows = 0;
  let failure: unknown;

  const sealAndStore = async (job: SegmentJob, position: number): Promise<void> => {
    const sealed = await pool.seal({ schema, table, epoch, ...job }, options.signal);
    for (const part of sealed.parts) await uploads.put(part);
    segments[position] = { entry: sealed.entry, root: sealed.root };
    rows += job.batch.rows;
    options.onRows?.(rows);
  };

  try {
    let position = 0;
    for await (const job of jobs) {
      const work = sealAndStore(job, position++)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => running.delete(work));
      running.add(work);
      if (running.size >= width) await Promise.race(running);
      if (failure !== undefined) break;
    }
  } catch (error) {
    failure ??= error;
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure;
  if (options.signal?.aborted) throw new OpalineError('ABORTED', {});
  return segments;
}
