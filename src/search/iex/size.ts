import { Reader, Writer } from '../../bytes/codec.ts';

/** Most pairs of keywords in a row, over all rows of a segment: 0.5 GiB of tiny records at most. */
export const MAX_PAIRS: number = 2 ** 25;

/** Most distinct keywords of one document: its pairs then fit an index by themselves. */
export const MAX_KEYWORDS = 8_192;

/** A segment that is made anew begins another before it would have more pairs, as long as rows can be told apart. */
export const SEGMENT_PAIRS: number = MAX_PAIRS / 2;

/** Pairs of two of a row's distinct keywords. */
export const pairsOf = (keywords: number): number => (keywords * (keywords - 1)) / 2;

/** The sealed state of an index: its pairs in rows, which decide whether segments can be merged. Asking takes none of it. */
export function encodeIexState(pairs: number): Uint8Array {
  return new Writer(4).u32(pairs).finish();
}

/**
 * The pairs that an index was built of; undefined for one of an earlier version, whose state is empty.
 * @throws BYTES_INVALID
 */
export function decodeIexState(bytes: Uint8Array): number | undefined {
  if (bytes.length === 0) return undefined;
  const reader = new Reader(bytes, 'the state of an iex index');
  const pairs = reader.u32();
  reader.end();
  return pairs;
}
