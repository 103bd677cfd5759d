import { getHeapStatistics } from 'node:v8';

/**
 * JavaScript heap that a row of the lab's table takes at one time, in bytes: texts of notes, codes, histograms of keys,
 * and what plaintext schemes keep beside it. An estimate from what is kept, not a measurement.
 */
const BYTES_A_ROW = 300;
/** Share of the heap that a table may fill: answers and attacks need the rest. */
const SHARE = 0.8;

/** Why a table of so many rows cannot be measured in this process; undefined: it can. */
export function noRoomFor(
  rows: number,
  heap: number = getHeapStatistics().heap_size_limit,
): string | undefined {
  const needed = (rows * BYTES_A_ROW) / SHARE;
  if (needed <= heap) return undefined;
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  return (
    `a table of as many rows takes about ${megabytes(needed)} MiB of JavaScript heap, and this process may use ` +
    `${megabytes(heap)}: run it with NODE_OPTIONS=--max-old-space-size=${megabytes(needed)}`
  );
}
