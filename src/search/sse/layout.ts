import { LABEL_BYTES, LARGE_RECORD, SMALL_RECORD } from './format.ts';
import { postingBits } from './posting.ts';

/**
 * How a posting list is cut into records: one small record, then large ones, then the small ones
 * that the rest needs. It depends on the list's length and on the segment's rows alone, so whoever
 * opens the first record (which begins with the length) knows where all others are, and nobody else
 * learns which records belong together.
 */
export interface ListLayout {
  /** Large records. */
  readonly large: number;
  /** Small records, the first included. */
  readonly small: number;
}

export const SMALL_PAYLOAD: number = SMALL_RECORD - LABEL_BYTES;
export const LARGE_PAYLOAD: number = LARGE_RECORD - LABEL_BYTES;
/** The list's length, before the encoded rows. */
export const COUNT_WORDS = 1;

/** Small records that cost more than one large one. */
const SMALL_LIMIT = Math.floor(LARGE_RECORD / SMALL_RECORD);

/** `count` is 1 to `rows`. */
export function layoutOf(count: number, rows: number): ListLayout {
  const rest = 4 * COUNT_WORDS + Math.ceil(postingBits(count, rows) / 8) - SMALL_PAYLOAD;
  if (rest <= 0) return { large: 0, small: 1 };
  const large = Math.floor(rest / LARGE_PAYLOAD);
  const small = Math.ceil((rest - large * LARGE_PAYLOAD) / SMALL_PAYLOAD);
  return small > SMALL_LIMIT ? { large: large + 1, small: 1 } : { large, small: small + 1 };
}

/** Bytes of all records of a list: the length of its keystream and its size at rest. */
export function listBytes({ large, small }: ListLayout): number {
  return large * LARGE_RECORD + small * SMALL_RECORD;
}

/** Size of record number `record` of a list. */
export function recordBytes(layout: ListLayout, record: number): number {
  return record > 0 && record <= layout.large ? LARGE_RECORD : SMALL_RECORD;
}
