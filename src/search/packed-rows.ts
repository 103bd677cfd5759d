import { OpalineError } from '../errors/opaline-error.ts';
import type { RowSet } from '../table/row-set.ts';

/**
 * A run of ascending rows as bits, for constructions that cut lists into pieces of one size: the gaps between
 * neighbours in Rice's code (Golomb 1966; Rice 1979), whose parameter follows from the list's density. At
 * parameter 0 the gaps are unary, which is a bitmap, so dense lists need no form of their own.
 *
 * ```
 * parameter (5) | rows − 1 (18) | first row (18) | per further row: ⌊gap / 2^parameter⌋ zeros, a one, then the
 * low bits of the gap, where gap is the number of rows left out
 * ```
 * Bit k of a sequence is bit k & 31 of word k >>> 5.
 */
export const RUN_BITS = 41;

const PARAMETER_BITS = 5;
const ROW_BITS = 18;

/** The parameter that suits a list of `count` of `rows` rows: mean gap times ln 2, as a power of two. */
export function riceParameter(count: number, rows: number): number {
  return Math.max(0, Math.floor(Math.log2((rows / count) * Math.LN2)));
}

/**
 * bits[i]: what rows from + 1 to from + i of a list take after row `from`, in the room of a buffer of `to` − `from`
 * numbers or more.
 */
export function runningBits(
  list: Uint32Array,
  from: number,
  to: number,
  parameter: number,
  bits: Uint32Array,
): void {
  let sum = 0;
  bits[0] = 0;
  for (let i = from + 1; i < to; i++) {
    sum += ((list[i]! - list[i - 1]! - 1) >>> parameter) + 1 + parameter;
    bits[i - from] = sum;
  }
}

/** Where the run that begins at row `start` of a list ends, at the latest, for `room` bits; at least one row. */
export function runEnd(bits: Uint32Array, start: number, count: number, room: number): number {
  const most = bits[start]! + room - RUN_BITS;
  if (bits[count - 1]! <= most) return count;
  let low = start;
  let high = count - 1;
  // bits[low] fits, bits[high] does not.
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (bits[middle]! <= most) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Bits that a run of a list takes, by `runningBits`. */
export function runBits(bits: Uint32Array, start: number, end: number): number {
  return RUN_BITS + bits[end - 1]! - bits[start]!;
}

/** About how many runs of `room` bits a list of `count` rows takes that are spread evenly over the segment. */
export function expectedRuns(count: number, rows: number, room: number): number {
  const parameter = riceParameter(count, rows);
  const leftOut = (rows * count) / (count + 1) - count;
  // Each gap costs a one, its low bits, and zeros for what is above them.
  const bits = (count - 1) * (1 + parameter) + Math.max(0, leftOut) / 2 ** parameter;
  if (RUN_BITS + bits <= room) return 1;
  return Math.ceil(bits / Math.max(1, room - RUN_BITS - parameter - 1));
}

/** Encode list[from, to), ascending and not empty, into zeroed words from bit `at` on. */
export function packRun(
  list: Uint32Array,
  from: number,
  to: number,
  parameter: number,
  words: Uint32Array,
  at: number,
): void {
  putBits(words, at, parameter, PARAMETER_BITS);
  putBits(words, at + PARAMETER_BITS, to - from - 1, ROW_BITS);
  putBits(words, at + PARAMETER_BITS + ROW_BITS, list[from]!, ROW_BITS);
  let bit = at + RUN_BITS;
  const mask = 2 ** parameter - 1;
  for (let i = from + 1; i < to; i++) {
    const gap = list[i]! - list[i - 1]! - 1;
    bit += gap >>> parameter;
    words[bit >>> 5]! |= 1 << (bit & 31);
    putBits(words, bit + 1, gap & mask, parameter);
    bit += 1 + parameter;
  }
}

/**
 * Add the rows of an encoded run to a set.
 * @throws BYTES_INVALID naming `what` unless it is rows of the segment, ascending, and zeros to the end
 */
export function unpackRun(words: Uint32Array, at: number, set: RowSet, what: string): void {
  const end = 32 * words.length;
  if (at + RUN_BITS > end) damaged(what);
  const parameter = takeBits(words, at, PARAMETER_BITS);
  const count = takeBits(words, at + PARAMETER_BITS, ROW_BITS);
  let row = takeBits(words, at + PARAMETER_BITS + ROW_BITS, ROW_BITS);
  if (parameter > ROW_BITS || row >= set.rows) damaged(what);
  set.add(row);
  let bit = at + RUN_BITS;
  for (let i = 0; i < count; i++) {
    const one = nextOne(words, bit);
    if (one < 0 || one + 1 + parameter > end) damaged(what);
    row += 1 + (one - bit) * 2 ** parameter + takeBits(words, one + 1, parameter);
    if (row >= set.rows) damaged(what);
    set.add(row);
    bit = one + 1 + parameter;
  }
  if (nextOne(words, bit) >= 0) damaged(what);
}

/** Write the low `width` ≤ 31 bits of a value into zeroed words. */
export function putBits(words: Uint32Array, at: number, value: number, width: number): void {
  if (width === 0) return;
  const shift = at & 31;
  words[at >>> 5]! |= value << shift;
  if (shift + width > 32) words[(at >>> 5) + 1]! |= value >>> (32 - shift);
}

/** `width` ≤ 31 bits; the caller has checked that they are there. */
export function takeBits(words: Uint32Array, at: number, width: number): number {
  const shift = at & 31;
  let bits = words[at >>> 5]! >>> shift;
  if (shift + width > 32) bits |= words[(at >>> 5) + 1]! << (32 - shift);
  return (bits & (2 ** width - 1)) >>> 0;
}

/** The first bit from `at` on that is one, or −1. */
function nextOne(words: Uint32Array, at: number): number {
  let w = at >>> 5;
  if (w >= words.length) return -1;
  let word = words[w]! & (-1 << (at & 31));
  while (word === 0) {
    if (++w === words.length) return -1;
    word = words[w]!;
  }
  return 32 * w + 31 - Math.clz32(word & -word);
}

function damaged(what: string): never {
  throw new OpalineError('BYTES_INVALID', { what, reason: 'a list of rows is damaged' });
}
