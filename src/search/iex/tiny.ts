import type { RowSet } from '../../table/row-set.ts';
import { decodePosting, encodePosting, postingBits } from '../sse/posting.ts';

/**
 * A short list as one word: its length in the low 4 bits, 1 to 15, and above it the rows as sse encodes them
 * (Elias–Fano or a bitmap), if they fit the 28 bits that are left.
 */
const LENGTH_BITS = 4;
const ROW_BITS = 32 - LENGTH_BITS;

/** Rows of the longest list that fits, by the segment's rows: lists up to it all fit. */
export function longestTiny(rows: number): number {
  let count = 0;
  const most = Math.min(rows, 2 ** LENGTH_BITS - 1);
  while (count < most && postingBits(count + 1, rows) <= ROW_BITS) count++;
  return count;
}

/** list[from, to), at least one row and at most `longestTiny`. `room` is a zeroed word, zero again afterwards. */
export function encodeTiny(
  list: Uint32Array,
  from: number,
  to: number,
  rows: number,
  room: Uint32Array,
): number {
  encodePosting(list, from, to, rows, room, 0);
  const word = ((room[0]! << LENGTH_BITS) | (to - from)) >>> 0;
  room[0] = 0;
  return word;
}

/**
 * The rows of a word; undefined for a length that no such word has.
 * @throws BYTES_INVALID unless it is as many distinct rows below `rows` as it says.
 */
export function decodeTiny(word: number, rows: number): RowSet | undefined {
  const count = word & (2 ** LENGTH_BITS - 1);
  if (count < 1 || count > longestTiny(rows)) return undefined;
  return decodePosting(Uint32Array.of(word >>> LENGTH_BITS), count, rows);
}
