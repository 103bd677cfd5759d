import type { ColumnBoundaries } from '../boundaries.ts';
import type { GroupedRows } from './column.ts';
import { edgeRecordBytes, encodeEdge, leastEdgeBytes } from '../token/edge.ts';
import { ALIGN, padSize } from '../format.ts';
import { BLOCK_ROWS, blocksOf, levelsOf, nodesAt, type RangeNode } from '../tree.ts';

/** The blocks of ranks of a column, as the vault will open them. */
export interface EdgeBlocks {
  readonly boundaries: ColumnBoundaries;
  readonly plain: readonly Uint8Array[];
  /** Bytes to which each is padded, in the same order. */
  readonly sizes: readonly number[];
  /** Records that hold no block: there are as many records as if no row were NULL. */
  readonly decoys: readonly number[];
}

export function edgeBlocks(
  values: readonly Uint8Array[],
  { starts, rows }: GroupedRows,
  segmentRows: number,
): EdgeBlocks {
  const first: Uint8Array[] = [];
  const last: Uint8Array[] = [];
  const plain: Uint8Array[] = [];
  let code = 0;
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const to = Math.min(rows.length, from + BLOCK_ROWS);
    const held: Uint8Array[] = [];
    const ends = [0];
    for (let rank = from; rank < to;) {
      while (starts[code + 1]! <= rank) code++;
      rank = Math.min(to, starts[code + 1]!);
      held.push(values[code]!);
      ends.push(rank - from);
    }
    first.push(held[0]!);
    last.push(held.at(-1)!);
    const block = {
      values: held,
      starts: Uint32Array.from(ends),
      rows: rows.subarray(from, to),
    };
    plain.push(encodeEdge(block, segmentRows));
  }
  return { boundaries: { first, last }, plain, ...paddedSizes(plain, segmentRows) };
}

/**
 * All blocks of a column take the size of its largest, itself padded, so that sizes at rest say
 * nothing of how values are spread over blocks. Only where that would more than quadruple the bytes
 * (a few values of extreme length) does each block take the next power of two, and the number of
 * blocks of each such size shows.
 */
function paddedSizes(
  plain: readonly Uint8Array[],
  segmentRows: number,
): { sizes: number[]; decoys: number[] } {
  const records = blocksOf(segmentRows);
  const lengths = plain.map((block) => block.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const least = leastEdgeBytes(Math.min(segmentRows, BLOCK_ROWS), segmentRows);
  const common = alignedSize(padSize(Math.max(least, ...lengths), ALIGN));
  const sizes =
    common * lengths.length <= 4 * Math.max(total, common)
      ? lengths.map(() => common)
      : lengths.map((length) => alignedSize(2 ** Math.ceil(Math.log2(Math.max(least, length)))));
  const decoy = Math.min(common, ...sizes);
  return { sizes, decoys: Array.from({ length: records - plain.length }, () => decoy) };
}

/** The next plaintext size whose record is a multiple of ALIGN. */
function alignedSize(size: number): number {
  const overhead = edgeRecordBytes(0);
  return Math.ceil((overhead + size) / ALIGN) * ALIGN - overhead;
}

/** Number of rows under each stored node, level by level. */
export function nodeCounts(rows: number): { node: RangeNode; count: number }[] {
  const blocks = blocksOf(rows);
  const nodes: { node: RangeNode; count: number }[] = [];
  for (let level = 0; level < levelsOf(blocks); level++) {
    const width = BLOCK_ROWS * 2 ** level;
    for (let index = 0; index < nodesAt(level, blocks); index++) {
      const count = Math.min(rows, (index + 1) * width) - index * width;
      nodes.push({ node: { level, index }, count });
    }
  }
  return nodes;
}

/**
 * The rows by rank, sorted by row within runs of BLOCK_ROWS·2^level, for each level in turn: node
 * `index` of that level is run `index`. The same array is yielded only until the next level is asked.
 */
export function* sortedLevels(order: Uint32Array): Generator<Uint32Array> {
  let current = order.slice();
  let spare = new Uint32Array(order.length);
  for (let from = 0; from < current.length; from += BLOCK_ROWS) {
    current.subarray(from, from + BLOCK_ROWS).sort();
  }
  const levels = levelsOf(blocksOf(order.length));
  for (let level = 0; level < levels; level++) {
    yield current;
    const width = BLOCK_ROWS * 2 ** level;
    for (let from = 0; from < current.length; from += 2 * width) {
      mergeRuns(current, from, from + width, from + 2 * width, spare);
    }
    [current, spare] = [spare, current];
  }
}

/** Merge from[a, b) and from[b, end) into the same places of `to`. */
function mergeRuns(from: Uint32Array, a: number, b: number, end: number, to: Uint32Array): void {
  const middle = Math.min(b, from.length);
  const stop = Math.min(end, from.length);
  let i = a;
  let j = middle;
  for (let out = a; out < stop; out++) {
    to[out] = j >= stop || (i < middle && from[i]! < from[j]!) ? from[i++]! : from[j++]!;
  }
}
