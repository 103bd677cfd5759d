import { Reader, Writer } from '../../../bytes/codec.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { MAX_ENTRIES, MAX_ROWS } from '../format.ts';
import { type Fingerprint, isSalt, SALT_BYTES } from './entry.ts';

/** Most batches of an index, the first included: each is one more part that a lookup asks. */
export const MAX_BATCHES = 256;

/** Entries 1 to `count` of a keyword in a batch. */
export interface Run {
  readonly batch: number;
  readonly count: number;
}

/**
 * What the vault keeps: how many entries each keyword has in each batch (the paper's FileCnt, section 4). About 9 bytes a
 * keyword (a fingerprint of 8, a count), 16 a batch, and 4 to 6 for a keyword that has changed.
 *
 * Keywords are named by fingerprints, 64 bits of a PRF. Among 2^18 keywords two share one with
 * probability 2^-29, which a build refuses; a later, or an absent, keyword is taken for another with probability 2^-46.
 */
export interface MitraState {
  readonly rows: number;
  readonly salts: readonly Uint8Array[];
  /** Ascending. */
  readonly keywords: readonly (Fingerprint & { readonly runs: readonly Run[] })[];
}

/** Negative, zero or positive. */
export function compareFingerprints(a: Fingerprint, b: Fingerprint): number {
  return a.high - b.high || a.low - b.low;
}

/** The runs of a keyword, ascending by batch; none for one that has no entry. */
export function runsOf({ keywords }: MitraState, of: Fingerprint): readonly Run[] {
  let low = 0;
  let high = keywords.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareFingerprints(keywords[middle]!, of);
    if (order === 0) return keywords[middle]!.runs;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return [];
}

/**
 * ```
 * rows u32 | batches u32 | salts | keywords u32 | fingerprints, 8 bytes each
 * per keyword: entries in batch 0, varint
 * others u32 | per keyword with entries in others: steps from the one before, varint; runs, varint;
 *   per run: steps from the batch before, varint; count, varint
 * ```
 */
export function encodeState({ rows, salts, keywords }: MitraState): Uint8Array {
  const writer = new Writer(64 + 10 * keywords.length).u32(rows).u32(salts.length);
  for (const salt of salts) writer.raw(salt);
  writer.u32(keywords.length);
  for (const { high, low } of keywords) writer.u32(high).u32(low);
  for (const { runs } of keywords) writer.varint(runs[0]?.batch === 0 ? runs[0].count : 0);
  const others = keywords.flatMap(({ runs }, at) => {
    const later = runs.filter(({ batch }) => batch > 0);
    return later.length === 0 ? [] : [{ at, later }];
  });
  writer.u32(others.length);
  let previous = -1;
  for (const { at, later } of others) {
    writer.varint(at - previous).varint(later.length);
    previous = at;
    let before = 0;
    for (const { batch, count } of later) {
      writer.varint(batch - before).varint(count);
      before = batch;
    }
  }
  return writer.finish();
}

/** @throws BYTES_INVALID unless the bytes are a state: they come from where they were sealed, and are checked all the same. */
export function decodeState(bytes: Uint8Array): MitraState {
  const reader = new Reader(bytes, 'mitra state');
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const batches = reader.count(SALT_BYTES, MAX_BATCHES);
  const salts = Array.from({ length: batches }, () => reader.raw(SALT_BYTES).slice());
  if (batches === 0 || !salts.every(isSalt)) reader.fail('not salts of batches');
  const count = reader.count(9, MAX_ENTRIES);
  const names = Array.from({ length: count }, () => ({ high: reader.u32(), low: reader.u32() }));
  if (names.some((name, i) => i > 0 && compareFingerprints(names[i - 1]!, name) >= 0)) {
    reader.fail('keywords are not in order');
  }
  const keywords = names.map((name) => {
    const entries = reader.varint();
    return { ...name, runs: entries === 0 ? [] : [{ batch: 0, count: entries }] };
  });
  const others = reader.count(4, count);
  let at = -1;
  for (let i = 0; i < others; i++) {
    at += step(reader, count - 1 - at);
    const runs = step(reader, batches - 1);
    let batch = 0;
    for (let run = 0; run < runs; run++) {
      batch += step(reader, batches - 1 - batch);
      keywords[at]!.runs.push({ batch, count: step(reader, MAX_ENTRIES) });
    }
  }
  reader.end();
  for (const { runs } of keywords) {
    const entries = runs.reduce((sum, run) => sum + run.count, 0);
    if (entries === 0 || entries > MAX_ENTRIES) reader.fail('a count is out of range');
  }
  return { rows, salts, keywords };
}

/** A varint from 1 to `most`. */
function step(reader: Reader, most: number): number {
  const value = reader.varint();
  if (value < 1 || value > most) reader.fail('a step is out of range');
  return value;
}

/**
 * The state with one more batch, which holds entries of some keywords, ascending. Where it replaces, what these keywords
 * had before is forgotten.
 * @throws REQUEST_TOO_LARGE when the index has its most batches already: it must be built anew.
 */
export function withBatch(
  { rows, salts, keywords }: MitraState,
  salt: Uint8Array,
  changed: readonly (Fingerprint & { readonly count: number })[],
  replaces: boolean,
): MitraState {
  const batch = salts.length;
  if (batch >= MAX_BATCHES) {
    throw new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the number of batches of a mitra index',
      size: batch + 1,
      limit: MAX_BATCHES,
    });
  }
  const merged: (Fingerprint & { runs: readonly Run[] })[] = [];
  const change = ({ high, low }: Fingerprint, runs: readonly Run[], at: number): void => {
    const { count } = changed[at]!;
    const kept = replaces ? [] : runs;
    const all = count === 0 ? kept : [...kept, { batch, count }];
    if (all.length > 0) merged.push({ high, low, runs: all });
  };
  let next = 0;
  for (const known of keywords) {
    while (next < changed.length && compareFingerprints(changed[next]!, known) < 0) {
      change(changed[next]!, [], next);
      next++;
    }
    if (next < changed.length && compareFingerprints(changed[next]!, known) === 0) {
      change(known, known.runs, next);
      next++;
    } else {
      merged.push(known);
    }
  }
  for (; next < changed.length; next++) change(changed[next]!, [], next);
  return { rows, salts: [...salts, salt], keywords: merged };
}
