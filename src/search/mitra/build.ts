import { OpalineError } from '../../errors/opaline-error.ts';
import { type Postings, rowsOf } from '../postings.ts';
import type { BuiltRung } from '../rung.ts';
import { RegionWriter } from '../sse/build/lists.ts';
import { padSize } from '../sse/format.ts';
import { allocatePart, MAX_ENTRIES, MAX_ROWS } from './format.ts';
import { type Change, EntryCipher, newSalt } from './token/entry.ts';
import {
  compareFingerprints,
  decodeState,
  encodeState,
  MAX_BATCHES,
  type NamedCount,
  newState,
  withBatch,
} from './token/state.ts';

/** Step in which the number of entries is rounded up. */
const ENTRY_STEP = 32;

/** A change of one row under one keyword. */
export interface KeywordChange extends Change {
  readonly keyword: Uint8Array;
}

/** A keyword's list as it is now, to take the place of its entries. */
export interface KeywordList {
  readonly keyword: Uint8Array;
  /** Ascending; may be empty. */
  readonly rows: Uint32Array;
}

/** The changes of one keyword in one batch, in their order. */
interface KeywordEntries {
  readonly keyword: Uint8Array;
  readonly count: number;
  readonly change: (i: number) => Change;
}

/**
 * The index of one column of one segment: an addition for each posting.
 *
 * `key` is 32 bytes and belongs to this build alone. The part's size depends on the rounded number of postings.
 * @throws INTERNAL when the postings are not as `Postings` says; REQUEST_TOO_LARGE above 2^26 postings.
 */
export function buildMitra(key: Uint8Array, postings: Postings): BuiltRung {
  const { rows, keywords, starts } = postings;
  checkKey(key);
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) invalid('row count out of range');
  if (starts.length !== keywords.length + 1) invalid('a keyword has no start');
  const salt = newSalt();
  const { part, names } = writeBatch(
    key,
    salt,
    rows,
    keywords.map((keyword, i) => additions(keyword, rowsOf(postings, i))),
  );
  return { part, state: encodeState(newState(rows, salt, names)) };
}

/**
 * A batch of changes: one more part, whose entries have labels that no token issued before could ask for (forward privacy),
 * and the state that goes with it. `state` is that of the index with all its earlier batches. Changes of one keyword apply
 * in their order; the part's size depends on the rounded number of changes.
 * @throws REQUEST_TOO_LARGE when the index has 64 batches: build it anew. BYTES_INVALID for a damaged state, INTERNAL for
 *   a row that the segment does not have.
 */
export function updateMitra(
  key: Uint8Array,
  state: Uint8Array,
  changes: readonly KeywordChange[],
): BuiltRung {
  const groups = new Map<string, KeywordChange[]>();
  for (const change of changes) {
    const id = change.keyword.join();
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [change]);
    else group.push(change);
  }
  const entries = [...groups.values()].map((group) => ({
    keyword: group[0]!.keyword,
    count: group.length,
    change: (i: number) => group[i]!,
  }));
  return addBatch(key, state, entries, false);
}

/**
 * Write keywords' lists anew, without their deleted rows, once a search has brought them (the clean-up after a search). What
 * the keywords had before is forgotten: later lookups ask for live rows alone, under labels that the store has not
 * seen in any query.
 * @throws as `updateMitra`.
 */
export function rewriteMitra(
  key: Uint8Array,
  state: Uint8Array,
  lists: readonly KeywordList[],
): BuiltRung {
  const entries = lists.map(({ keyword, rows }) => additions(keyword, rows));
  return addBatch(key, state, entries, true);
}

/** Whether an index of that state takes another batch. @throws BYTES_INVALID for a damaged state */
export function takesBatch(state: Uint8Array): boolean {
  return decodeState(state).salts.length < MAX_BATCHES;
}

function addBatch(
  key: Uint8Array,
  state: Uint8Array,
  entries: readonly KeywordEntries[],
  replaces: boolean,
): BuiltRung {
  checkKey(key);
  const before = decodeState(state);
  const salt = newSalt();
  const { part, names } = writeBatch(key, salt, before.rows, entries);
  return { part, state: encodeState(withBatch(before, salt, names, replaces)) };
}

function additions(keyword: Uint8Array, rows: Uint32Array): KeywordEntries {
  return { keyword, count: rows.length, change: (i) => ({ row: rows[i]!, op: 'add' }) };
}

function writeBatch(
  key: Uint8Array,
  salt: Uint8Array,
  rows: number,
  keywords: readonly KeywordEntries[],
): { part: Uint8Array; /** Ascending. */ names: NamedCount[] } {
  const total = keywords.reduce((sum, { count }) => sum + count, 0);
  if (total > MAX_ENTRIES) {
    throw new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the number of postings of a mitra index',
      size: total,
      limit: MAX_ENTRIES,
    });
  }
  const { part, entries } = allocatePart(rows, padSize(total, ENTRY_STEP));
  const writer = new RegionWriter(entries);
  const cipher = new EntryCipher(key);
  const names = keywords.map(({ keyword, count, change }) => {
    const name = cipher.selectKeyword(keyword);
    cipher.selectBatch(salt);
    for (let c = 1; c <= count; c++) {
      const each = change(c - 1);
      if (!Number.isInteger(each.row) || each.row < 0 || each.row >= rows) invalid('no such row');
      cipher.seal(c, each, entries.view, writer.next());
    }
    return { ...name, count };
  });
  cipher.destroy();
  writer.finish();
  names.sort(compareFingerprints);
  if (names.some((name, i) => i > 0 && compareFingerprints(names[i - 1]!, name) === 0)) {
    invalid('a keyword is there twice, or two share a fingerprint');
  }
  return { part, names };
}

function checkKey(key: Uint8Array): void {
  if (key.length !== 32) invalid('the key is not 32 bytes');
}

function invalid(reason: string): never {
  throw new OpalineError('INTERNAL', { reason: `mitra: ${reason}` });
}
