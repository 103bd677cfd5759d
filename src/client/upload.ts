import { OpalineError } from '../errors/opaline-error.ts';
import type { TableKeys } from '../keys/secret.ts';
import type { StoreLink } from '../store/link.ts';
import { SEGMENT_ROWS, type SegmentEntry } from '../table/manifest.ts';
import type { Schema } from '../table/schema.ts';
import type { Batch } from '../table/value.ts';
import { gather } from './seal/gather.ts';
import type { SealPool } from './seal/pool.ts';

export interface Upload {
  readonly segments: readonly Omit<SegmentEntry, 'birthEpoch'>[];
  readonly rows: number;
  readonly bytes: number;
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: number) => void;
}

/**
 * Seal batches into segments and store their parts, a few at a time: at most width + 1 segments are
 * in memory. Nothing is visible until a manifest names it; on failure what was stored is removed.
 */
export async function uploadSegments(
  batches: AsyncIterable<Batch>,
  schema: Schema,
  table: string,
  keys: TableKeys,
  pool: SealPool,
  link: StoreLink,
  options: UploadOptions,
): Promise<Upload> {
  const stored: string[] = [];
  const segments: Omit<SegmentEntry, 'birthEpoch'>[] = [];
  const running = new Set<Promise<void>>();
  let rows = 0;
  let bytes = 0;
  let failure: unknown;

  const sealAndStore = async (batch: Batch, position: number): Promise<void> => {
    const { entry, parts } = await pool.seal({ schema, table, batch, keys }, options.signal);
    for (const part of parts) {
      if (options.signal?.aborted) throw new OpalineError('ABORTED', {});
      stored.push(part.id);
      await link.put(part, options.signal === undefined ? {} : { signal: options.signal });
      bytes += part.bytes.length;
    }
    segments[position] = entry;
    rows += batch.rows;
    options.onRows?.(rows);
  };

  try {
    let position = 0;
    for await (const batch of gather(batches, SEGMENT_ROWS)) {
      const job = sealAndStore(batch, position++)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => running.delete(job));
      running.add(job);
      if (running.size >= pool.width) await Promise.race(running);
      if (failure !== undefined) break;
    }
  } catch (error) {
    failure ??= error;
  }
  await Promise.all(running);
  if (failure !== undefined) {
    // Best effort: parts that no manifest names are also found by a later clean-up.
    await link.remove(table, stored).catch(() => undefined);
    throw failure;
  }
  return { segments, rows, bytes };
}
