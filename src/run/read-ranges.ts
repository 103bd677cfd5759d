import type { Backend } from '../store/backend.ts';

/** Bytes [at, at + length) of a part. */
export interface ByteRange {
  readonly at: number;
  readonly length: number;
}

/** Reads under way at once. */
const LANES = 8;
/** Bytes of one read, unless one range has more. */
const MOST_BYTES = 1 << 20;

/**
 * Ranges of a part, in the order asked for, where they may overlap and repeat. Those that lie no further apart than
 * `backend.seekBytes` are read as one, and are views of what was read.
 * @throws what the backend's `readRange` does
 */
export async function readRanges(
  backend: Pick<Backend, 'readRange' | 'seekBytes'>,
  table: string,
  part: string,
  ranges: readonly ByteRange[],
): Promise<Uint8Array[]> {
  const out: Uint8Array[] = Array.from({ length: ranges.length });
  const reads = readsOf(ranges, backend.seekBytes);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < reads.length) {
      const { at, end, members } = reads[next++]!;
      const bytes = await backend.readRange(table, part, at, end - at);
      for (const i of members) {
        const { at: from, length } = ranges[i]!;
        out[i] = bytes.subarray(from - at, from - at + length);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, reads.length) }, lane));
  return out;
}

interface Read {
  readonly at: number;
  end: number;
  /** Numbers of the ranges in it. */
  readonly members: number[];
}

function readsOf(ranges: readonly ByteRange[], seekBytes: number): Read[] {
  const order = Array.from(ranges.keys()).sort((a, b) => ranges[a]!.at - ranges[b]!.at);
  const reads: Read[] = [];
  for (const i of order) {
    const { at, length } = ranges[i]!;
    const last = reads.at(-1);
    const end = at + length;
    const isClose = last !== undefined && at - last.end <= seekBytes;
    if (isClose && Math.max(end, last.end) - last.at <= MOST_BYTES) {
      last.members.push(i);
      last.end = Math.max(last.end, end);
    } else {
      reads.push({ at, end, members: [i] });
    }
  }
  return reads;
}
