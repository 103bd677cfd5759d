import { Reader, Writer } from '../../../bytes/codec.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { MAX_ENTRIES, MAX_ROWS } from '../format.ts';
import { type Fingerprint, isSalt, SALT_BYTES } from './entry.ts';

/** Most batches of an index, the first included: each is one more part that a lookup asks. */
export const MAX_BATCHES = 64;

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
  /** Fingerprints, ascending: the high and the low word of each. */
  readonly names: Uint32Array;
  /** By keyword, its entries in batch 0. */
  readonly first: Uint32Array;
  /** By keyword, its runs in others, ascending by batch; absent where there are none. */
  readonly later: ReadonlyMap<number, readonly Run[]>;
}

/** A keyword's entries in one batch. */
export type NamedCount = Fingerprint & { readonly count: number };

/** Negative, zero or positive. */
export function compareFingerprints(a: Fingerprint, b: Fingerprint): number {
  return a.high - b.high || a.low - b.low;
}

/** The state of an index with one batch; `names` ascend. */
export function newState(rows: number, salt: Uint8Array, names: readonly NamedCount[]): MitraState {
  return {
    rows,
    salts: [salt],
    names: Uint32Array.from(names.flatMap(({ high, low }) => [high, low])),
    first: Uint32Array.from(names, ({ count }) => count),
    later: new Map(),
  };
}

/** The runs of a keyword, ascending by batch; none for one that has no entry. */
export function runsOf(state: MitraState, of: Fingerprint): readonly Run[] {
  let low = 0;
  let high = state.first.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareFingerprints(nameOf(state, middle), of);
    if (order === 0) return runsAt(state, middle);
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return [];
}

function nameOf({ names }: MitraState, at: number): Fingerprint {
  return { high: names[2 * at]!, low: names[2 * at + 1]! };
}

function runsAt({ first, later }: MitraState, at: number): readonly Run[] {
  const others = later.get(at) ?? [];
  return first[at] === 0 ? others : [{ batch: 0, count: first[at]! }, ...others];
}

/**
 * ```
 * rows u32 | batches u32 | salts | fingerprints, words
 * per keyword: entries in batch 0, varint
 * others u32 | per keyword with entries in others: steps from the one before, varint; runs, varint;
 *   per run: steps from the batch before, varint; count, varint
 * ```
 */
export function encodeState({ rows, salts, names, first, later }: MitraState): Uint8Array {
  const writer = new Writer(64 + 10 * first.length).u32(rows).u32(salts.length);
  for (const salt of salts) writer.raw(salt);
  writer.words(names);
  for (const count of first) writer.varint(count);
  writer.u32(later.size);
  let previous = -1;
  for (const [at, runs] of [...later].toSorted(([a], [b]) => a - b)) {
    writer.varint(at - previous).varint(runs.length);
    previous = at;
    let before = 0;
    for (const { batch, count } of runs) {
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
  const names = reader.words();
  if (names.length % 2 !== 0 || !ascend(names)) reader.fail('keywords are not in order');
  const count = names.length / 2;
  const first = Uint32Array.from({ length: count }, () => reader.varint());
  const later = new Map<number, readonly Run[]>();
  const others = reader.count(4, count);
  let at = -1;
  for (let i = 0; i < others; i++) {
    at += step(reader, count - 1 - at);
    let batch = 0;
    const runs = Array.from({ length: step(reader, batches - 1) }, () => {
      batch += step(reader, batches - 1 - batch);
      return { batch, count: step(reader, MAX_ENTRIES) };
    });
    later.set(at, runs);
  }
  reader.end();
  for (let i = 0; i < count; i++) {
    const entries = (later.get(i) ?? []).reduce((sum, run) => sum + run.count, first[i]!);
    if (entries === 0 || entries > MAX_ENTRIES) reader.fail('a count is out of range');
  }
  return { rows, salts, names, first, later };
}

function ascend(names: Uint32Array): boolean {
  for (let i = 2; i + 1 < names.length; i += 2) {
    const order = names[i - 2]! - names[i]! || names[i - 1]! - names[i + 1]!;
    if (order >= 0) return false;
  }
  return true;
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
  state: MitraState,
  salt: Uint8Array,
  changed: readonly NamedCount[],
  replaces: boolean,
): MitraState {
  const batch = state.salts.length;
  if (batch >= MAX_BATCHES) {
    throw new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the number of batches of a mitra index',
      size: batch + 1,
      limit: MAX_BATCHES,
    });
  }
  const names: number[] = [];
  const first: number[] = [];
  const later = new Map<number, readonly Run[]>();
  const put = (name: Fingerprint, runs: readonly Run[]): void => {
    if (runs.length === 0) return;
    const inFirst = runs[0]!.batch === 0;
    const rest = inFirst ? runs.slice(1) : runs;
    if (rest.length > 0) later.set(first.length, rest);
    names.push(name.high, name.low);
    first.push(inFirst ? runs[0]!.count : 0);
  };
  const putChanged = ({ high, low, count }: NamedCount, before: readonly Run[]): void => {
    const kept = replaces ? [] : before;
    put({ high, low }, count === 0 ? kept : [...kept, { batch, count }]);
  };
  let next = 0;
  for (let at = 0; at < state.first.length; at++) {
    const name = nameOf(state, at);
    const runs = runsAt(state, at);
    let order = 1;
    while (next < changed.length && (order = compareFingerprints(changed[next]!, name)) < 0) {
      putChanged(changed[next++]!, []);
    }
    if (next < changed.length && order === 0) putChanged(changed[next++]!, runs);
    else put(name, runs);
  }
  while (next < changed.length) putChanged(changed[next++]!, []);
  return {
    rows: state.rows,
    salts: [...state.salts, salt],
    names: Uint32Array.from(names),
    first: Uint32Array.from(first),
    later,
  };
}
