import { OpalineError } from '../../errors/opaline-error.ts';
import { type ColumnBoundaries, decodeBoundaries } from '../../search/sse/boundaries.ts';
import { BLOCK_ROWS } from '../../search/sse/tree.ts';
import type { SegmentMeta } from '../../table/segment-meta.ts';
import type { ColumnType } from '../../table/value.ts';
import type { OpenTable } from '../open-table.ts';
import { canonicalKey, compareKeys, type Key } from './key.ts';

/** Rows of one segment whose values are neighbours: those of one value, or of a run of blocks of ranks. */
export interface Unit {
  /** Position among the manifest's segments. */
  readonly segment: number;
  readonly low: Key;
  readonly high: Key;
  /** Rows that have such a value, deleted ones too. */
  readonly rows: number;
  readonly source:
    | { readonly kind: 'value'; readonly canonical: Uint8Array }
    /** Blocks from `from` up to `to`, of so many in the segment. */
    | { readonly kind: 'blocks'; readonly from: number; readonly to: number; readonly of: number };
}

/** What of a column's order is asked for. */
export interface Demand {
  /** The least, the greatest value. */
  readonly low: boolean;
  readonly high: boolean;
  /** Anything between. */
  readonly inner: boolean;
  /** How many values there are. */
  readonly distinct: boolean;
}

/** One segment's part of a column. */
export interface SegmentOrder {
  readonly units: readonly Unit[];
  /** Where the units are runs of blocks. */
  readonly boundaries?: ColumnBoundaries;
}

/** A list a value beats blocks of 1,024 neighbours while there are at most this many a block. */
const VALUES_A_BLOCK = 2;

/**
 * The units of a column in one segment: by value where distinct values are counted or there are few,
 * else by block, coarser away from the end where only an extreme is asked for.
 */
export async function segmentOrder(
  table: OpenTable,
  meta: SegmentMeta,
  segment: number,
  column: number,
  demand: Demand,
): Promise<SegmentOrder> {
  const { distinct, nulls } = meta.columns[column]!;
  if (distinct === 0) return { units: [] };
  const entry = table.manifest.segments[segment]!;
  const { type } = table.schema.columns[column]!;
  const section = await table.column(entry, column);
  const boundaries = section.boundaries && decodeBoundaries(section.boundaries);
  const { dictionary } = section;
  const byValue =
    boundaries === undefined ||
    demand.distinct ||
    distinct <= VALUES_A_BLOCK * boundaries.first.length;
  if (dictionary !== undefined && byValue) {
    return {
      units: dictionary.map(({ value: canonical, rows }) => {
        const key = canonicalKey(canonical, type);
        return { segment, low: key, high: key, rows, source: { kind: 'value', canonical } };
      }),
    };
  }
  if (boundaries === undefined) {
    throw new OpalineError('PART_CORRUPT', {
      part: entry.metadata.id,
      reason: 'a column has neither a dictionary nor boundaries',
    });
  }
  const rows = entry.rows - nulls;
  const runs = blockRuns(boundaries.first.length, demand);
  const units = runs.map(([from, to]) => blocksUnit(segment, boundaries, type, rows, from, to));
  return { units, boundaries };
}

export function blocksUnit(
  segment: number,
  boundaries: ColumnBoundaries,
  type: ColumnType,
  rows: number,
  from: number,
  to: number,
): Unit {
  return {
    segment,
    low: canonicalKey(boundaries.first[from]!, type),
    high: canonicalKey(boundaries.last[to - 1]!, type),
    rows: Math.min(rows, to * BLOCK_ROWS) - from * BLOCK_ROWS,
    source: { kind: 'blocks', from, to, of: boundaries.first.length },
  };
}

/** Runs of blocks from an end that double in length, so that about 2·log2 of them cover a segment. */
function blockRuns(blocks: number, { low, high, inner, distinct }: Demand): [number, number][] {
  const runs: [number, number][] = [];
  const single = inner || distinct;
  // Up to the middle from each end that is asked for, or all the way from the only one.
  const middle = single || low === high ? Math.ceil(blocks / 2) : low ? blocks : 0;
  for (let from = 0, width = 1; from < middle; from += width) {
    width = single || from === 0 ? 1 : from;
    runs.push([from, Math.min(middle, from + width)]);
  }
  for (let to = blocks, width = 1; to > middle; to -= width) {
    width = single || to === blocks ? 1 : blocks - to;
    runs.push([Math.max(middle, to - width), to]);
  }
  return runs;
}

/** A unit that holds a single value: its count is all there is to know. */
export function isExact({ low, high }: Unit): boolean {
  return compareKeys(low, high) === 0;
}
