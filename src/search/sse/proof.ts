import { LABEL_BYTES } from './format.ts';

/**
 * MACs of the posting lists of an index, for a vault that opens the lists itself and trusts no store to have found them.
 *
 * Every list of the segment has an entry, label (6 bytes) ‖ MAC (16 bytes), in the bucket that its label names. A
 * bucket is a sealed record of the index (format.ts) at a label of its own, and there is one for each number, so that it
 * shows as well that a keyword has no list: a keyword whose label is in no entry of its bucket. Entries and places are under
 * keys of the segment and of the epoch in which it was published.
 */
export const ENTRY_LABEL = 6;
export const ENTRY_MAC = 16;
export const ENTRY_BYTES: number = ENTRY_LABEL + ENTRY_MAC;

/** Lists that a bucket has on average. */
const MEAN = 64;
/**
 * Entries that a bucket has room for. More than one bucket: places are pseudorandom, so a bucket's load is close to Poisson
 * of mean 64, above 144 with a chance of e^(144 − 64 − 144·ln(144/64)) < 2^-52 (Chernoff).
 */
const CAPACITY = 144;

export interface ProofShape {
  readonly buckets: number;
  /** Entries a bucket has room for. */
  readonly capacity: number;
}

/** @param lists the number of lists, padded */
export function proofShape(lists: number): ProofShape {
  const buckets = Math.max(1, Math.ceil(lists / MEAN));
  return { buckets, capacity: buckets === 1 ? Math.max(1, lists) : CAPACITY };
}

/** Bytes of a bucket's content: the number of its entries, and room for as many as it may have; 4 modulo 16. */
export function bucketBytes({ capacity }: ProofShape): number {
  return Math.ceil((2 + capacity * ENTRY_BYTES - 4) / 16) * 16 + 4;
}

/** The bucket of a list by the last word of its first record's label. */
export function bucketOf(label: Uint8Array, buckets: number): number {
  const view = new DataView(label.buffer, label.byteOffset, LABEL_BYTES);
  return Math.floor((view.getUint32(12, true) / 2 ** 32) * buckets);
}
