import { compareBytes, equalBytes } from '../bytes/compare.ts';
import { sha256 } from '../bytes/hash.ts';
import { fromHex } from '../bytes/hex.ts';
import { Writer } from '../bytes/codec.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { evaluatePredicate } from '../plan/interpret.ts';
import type { Predicate } from '../plan/physical.ts';
import { toSetPredicate } from '../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { Value } from '../table/value.ts';
import { openMatching } from './checked-rows.ts';
import type { OpenTable } from './open-table.ts';
import { findRows, prepareRows } from './rows.ts';

/**
 * Where reading a table's matching rows goes on. They come in the order of the segments and of the rows
 * in them, which is random, then the delta's in the order of their tags, pseudorandom values of their
 * keys. Appends add segments at the end and rows to the delta; a delta that overflows becomes the last
 * segment: so a place stays good while others append, put and delete. What the place has passed must be there
 * as it was, though: after an erasure, a compaction or the end of an emptied segment it is not, and the
 * place has expired.
 */
export interface Place {
  readonly epoch: number;
  /** The segment last read from, and the next row in it; undefined: none yet. */
  readonly segment: { readonly id: string; readonly row: number } | undefined;
  /** Digest of the ids of the segments up to that one. */
  readonly passed: Uint8Array;
  /** Set once the delta was begun: rows up to that tag are read, and `count` of those that have it. */
  readonly floor: { readonly tag: Uint8Array; readonly count: number } | undefined;
}

export const TAG_BYTES = 16;

/** The place before the first row. */
export function firstPlace(table: OpenTable): Place {
  const passed = digestOf(table, -1);
  return { epoch: table.manifest.epoch, segment: undefined, passed, floor: undefined };
}

export interface Page {
  /** Cells of all columns. */
  readonly rows: readonly (readonly Value[])[];
  /** Undefined: these were the last. */
  readonly next: Place | undefined;
}

export interface PageRequest {
  readonly filter: Predicate;
  readonly place: Place;
  /** Rows at most, at least 1. */
  readonly limit: number;
  /** TAG_BYTES of a row, the same of rows of one key. */
  readonly tagOf: (row: readonly Value[]) => Uint8Array;
  /** Rows of a segment that were found before, by the reader of one query; it keeps those of the last. */
  readonly memory?: PageMemory;
}

/** What a reader of many pages of one query keeps, so that the store finds a segment's rows once. */
export interface PageMemory {
  last?: { readonly epoch: number; readonly segment: string; readonly rows: Uint32Array };
}

/**
 * The next matching rows of a table. Each is opened and checked to match, as by openMatching.
 * @throws CURSOR_EXPIRED where the place cannot be gone on from
 */
export async function readPage(
  request: PageRequest,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<Page> {
  const { filter, place, limit, tagOf } = request;
  const { segments, epoch } = table.manifest;
  const { table: name, key } = table.schema;
  const at = place.segment;
  const position = at === undefined ? -1 : segments.findIndex(({ id }) => id === at.id);
  const lost = at !== undefined && position < 0;
  if (lost || place.epoch > epoch || !equalBytes(place.passed, digestOf(table, position))) {
    throw new OpalineError('CURSOR_EXPIRED', { table: name });
  }
  const { floor } = place;
  // Rows of the delta that were read may be in a new segment now; only a key tells which.
  if (floor !== undefined && key === undefined && position < segments.length - 1) {
    throw new OpalineError('CURSOR_EXPIRED', { table: name });
  }
  const taken: (readonly Value[])[] = [];
  let next: Place = place;
  const placeAt = (segment: number, row: number, from: Place['floor']): Place => ({
    epoch,
    segment: segment < 0 ? undefined : { id: segments[segment]!.id, row },
    passed: digestOf(table, segment),
    floor: from,
  });

  for await (const { entry, rows } of candidates(request, position, table, link, options)) {
    const index = segments.indexOf(entry);
    // With a floor some rows are not taken: then a few at a time are opened until there are enough.
    for (let from = 0; from < rows.length;) {
      if (taken.length === limit) return { rows: taken, next };
      const some = rows.slice(from, from + limit - taken.length);
      from += some.length;
      const opened = await openMatching(filter, entry, some, table, link, options);
      for (const row of opened) {
        if (floor === undefined || compareBytes(tagOf(row), floor.tag) > 0) taken.push(row);
      }
      next = placeAt(index, some.at(-1)! + 1, floor);
    }
  }

  const delta = (await table.deltaRows())
    .filter((row) => evaluatePredicate(filter, table.schema, row) === true)
    .map((row) => ({ row, tag: tagOf(row) }))
    .sort((a, b) => compareBytes(a.tag, b.tag));
  let last = floor ?? { tag: new Uint8Array(TAG_BYTES), count: 0 };
  let passed = 0;
  const end = segments.length - 1;
  for (const { row, tag } of delta) {
    const order = compareBytes(tag, last.tag);
    if (floor !== undefined && compareBytes(tag, floor.tag) <= 0) {
      if (compareBytes(tag, floor.tag) < 0 || ++passed <= floor.count) continue;
    }
    if (taken.length === limit) return { rows: taken, next };
    taken.push(row);
    last = { tag, count: order === 0 ? last.count + 1 : 1 };
    next = placeAt(end, segments[end]?.rows ?? 0, last);
  }
  return { rows: taken, next: undefined };
}

interface Candidates {
  readonly entry: SegmentEntry;
  readonly rows: Uint32Array;
}

/** The matching rows of the segments from a place on, as the store finds them: enough for the page and one more. */
async function* candidates(
  { filter, place, limit, memory }: PageRequest,
  position: number,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): AsyncGenerator<Candidates, void, undefined> {
  const { segments, epoch } = table.manifest;
  const set = toSetPredicate(
    filter,
    (column) => table.schema.columns[table.columnIndex(column)]?.nullable ?? true,
  );
  const ask = async (
    entries: readonly SegmentEntry[],
    most: { readonly limit?: number },
  ): Promise<Candidates[]> => {
    if (entries.length === 0) return [];
    const prepared = await prepareRows({ orderBy: [], ...most }, set, table, link, entries);
    const found = await findRows(prepared, table, link, options);
    return entries.flatMap((entry) => found.filter((one) => one.entry === entry).slice(0, 1));
  };
  const whole = async (entry: SegmentEntry): Promise<Uint32Array> => {
    const kept = memory?.last;
    if (kept?.epoch === epoch && kept.segment === entry.id) return kept.rows;
    const rows = (await ask([entry], {}))[0]?.rows ?? new Uint32Array(0);
    if (memory !== undefined) memory.last = { epoch, segment: entry.id, rows };
    return rows;
  };
  const current = segments[position];
  if (current !== undefined && place.segment!.row < current.rows) {
    const rows = await whole(current);
    const from = rows.findIndex((row) => row >= place.segment!.row);
    if (from >= 0) yield { entry: current, rows: rows.subarray(from) };
  }
  const rest = segments.slice(position + 1);
  if (place.floor === undefined && memory === undefined) {
    yield* await ask(rest, { limit: limit + 1 });
    return;
  }
  for (const entry of rest) yield { entry, rows: await whole(entry) };
}

/** Of the ids of the first segments, up to and with `last`. */
function digestOf(table: OpenTable, last: number): Uint8Array {
  const writer = new Writer();
  for (const { id } of table.manifest.segments.slice(0, last + 1)) writer.raw(fromHex(id, 'an id'));
  return sha256(writer.finish()).subarray(0, TAG_BYTES);
}
