import { OpalineError } from '../errors/opaline-error.ts';
import type { RungQuery, VaultRung } from '../search/token-rung.ts';
import { openRung } from '../search/token-rung.ts';
import type { Ask } from '../search/rung.ts';
import type { StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { FurtherIndex } from '../table/search-index.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import type { OpenTable } from './open-table.ts';

/** A further index of a column in one segment, in the hands of the vault. */
export interface RungIndex {
  /** Its number in fragments. */
  readonly number: number;
  readonly rung: VaultRung;
}

/** The number of a column's index of that rung; −1 where the segment has none. */
export function rungNumber({ rungs }: SegmentMeta, column: number, index: FurtherIndex): number {
  return rungs?.findIndex((one) => one.column === column && one.index === index.index) ?? -1;
}

/** @throws PART_MISSING, PART_CORRUPT */
export async function openRungIndex(
  table: OpenTable,
  segment: SegmentEntry,
  column: number,
  index: FurtherIndex,
  number: number,
): Promise<RungIndex> {
  const entry = segment.rungs[number];
  if (entry === undefined) {
    throw new OpalineError('MANIFEST_INVALID', { reason: 'an index of a segment is not named' });
  }
  const rung = await openRung({
    index,
    key: table.segmentKeys(segment.id).rung(column, index.index),
    state: await table.rungState(segment, number),
    rows: segment.rows,
    part: entry.parts[0]!.id,
  });
  return { number, rung };
}

/**
 * The rows of a hiding index.
 * @throws PART_CORRUPT when the store's answer is not what was stored
 */
export async function lookupRows(
  { number, rung }: RungIndex,
  query: RungQuery,
  table: OpenTable,
  segment: SegmentEntry,
  link: StoreLink,
): Promise<Uint32Array> {
  const rows = await rung.lookup!(query, askOver(link, table, segment, number));
  requireRows(rows, segment, number);
  return rows;
}

/**
 * The rows that a hiding index has of each keyword, in the order given.
 * @throws PART_CORRUPT when the store's answer is not what was stored
 */
export async function lookupKeywords(
  { number, rung }: RungIndex,
  keywords: readonly Uint8Array[],
  table: OpenTable,
  segment: SegmentEntry,
  link: StoreLink,
): Promise<Uint32Array[]> {
  const ask = askOver(link, table, segment, number);
  const found: Uint32Array[] = [];
  if (rung.lookupEach !== undefined) found.push(...(await rung.lookupEach(keywords, ask)));
  else
    for (const one of keywords)
      found.push(await rung.lookup!({ kind: 'keyword', keyword: one }, ask));
  for (const rows of found) requireRows(rows, segment, number);
  return found;
}

function askOver(link: StoreLink, table: OpenTable, segment: SegmentEntry, number: number): Ask {
  const { parts } = segment.rungs[number]!;
  return async (queries, part = 0) => {
    const index = parts[part]!.id;
    const replies = await link.search({ table: table.id, index, labels: queries });
    if (replies.length !== queries.length) corrupt(index);
    return replies;
  };
}

function requireRows(rows: Uint32Array, segment: SegmentEntry, number: number): void {
  const ascend = rows.every((row, i) => (i === 0 ? 0 : rows[i - 1]! + 1) <= row);
  if (!ascend || (rows.at(-1) ?? 0) >= segment.rows) corrupt(segment.rungs[number]!.parts[0]!.id);
}

function corrupt(part: string): never {
  throw new OpalineError('PART_CORRUPT', { part, reason: 'its answer is not of this index' });
}
