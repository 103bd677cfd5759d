import { Reader, Writer } from '../../bytes/codec.ts';
import { compareBytes } from '../../bytes/compare.ts';
import { LEAST_PAYLOAD, MAX_PAYLOAD, MAX_ROWS } from './format.ts';

const WHAT = 'the state of a smoothed index';
/** Of a keyword's name: two of 2^18 share one with a probability of 2^-61. */
export const NAME_BYTES = 12;
const KEYWORD_BYTES: number = NAME_BYTES + 8;
const MAX_LIST_VALUES: number = 2 ** 18;

/** What the vault keeps of an index, sealed: how often each keyword is expected, and how long its list is. */
export interface SmoothState {
  readonly rows: number;
  /** Bytes of a value's plaintext. */
  readonly payload: number;
  /** Of the keywords, ascending, NAME_BYTES each. */
  readonly names: readonly Uint8Array[];
  /** Of a value of each keyword. */
  readonly weights: Uint32Array;
  /** Values that each keyword's list takes. */
  readonly lengths: Uint32Array;
}

export function encodeState({ rows, payload, names, weights, lengths }: SmoothState): Uint8Array {
  const writer = new Writer(16 + KEYWORD_BYTES * names.length)
    .u32(rows)
    .u32(payload)
    .u32(names.length);
  names.forEach((name, i) => writer.raw(name).u32(weights[i]!).u32(lengths[i]!));
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeState(bytes: Uint8Array): SmoothState {
  const reader: Reader = new Reader(bytes, WHAT);
  const rows = reader.u32();
  const payload = reader.u32();
  const sound =
    rows >= 1 &&
    rows <= MAX_ROWS &&
    payload >= LEAST_PAYLOAD &&
    payload <= MAX_PAYLOAD &&
    payload % 8 === 0;
  if (!sound) reader.fail('sizes that no index has');
  const count = reader.count(KEYWORD_BYTES);
  if (count === 0) reader.fail('no keyword');
  const names: Uint8Array[] = [];
  const weights = new Uint32Array(count);
  const lengths = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const name = reader.raw(NAME_BYTES);
    if (i > 0 && compareBytes(names[i - 1]!, name) >= 0) reader.fail('names are not in order');
    names.push(name);
    weights[i] = reader.u32();
    lengths[i] = reader.u32();
    if (weights[i] === 0 || lengths[i] === 0 || lengths[i]! > MAX_LIST_VALUES) {
      reader.fail('a keyword without weight or values');
    }
  }
  reader.end();
  return { rows, payload, names, weights, lengths };
}

/** First value of each keyword, and, last, how many values there are. */
export function firstValues({ lengths }: Pick<SmoothState, 'lengths'>): Uint32Array {
  const firsts = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, i) => (firsts[i + 1] = firsts[i]! + length));
  return firsts;
}

/** The weight of every value: its keyword's. */
export function valueWeights({ weights, lengths }: SmoothState): Uint32Array {
  const firsts = firstValues({ lengths });
  const all = new Uint32Array(firsts[lengths.length]!);
  weights.forEach((weight, i) => all.fill(weight, firsts[i], firsts[i + 1]));
  return all;
}

/** Which keyword has a name, or −1. */
export function findName({ names }: SmoothState, name: Uint8Array): number {
  let low = 0;
  let high = names.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareBytes(names[middle]!, name);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
