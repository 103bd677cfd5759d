/**
 * The rows of each keyword of one column of one segment: what every construction over a multimap is
 * built of.
 */
export interface Postings {
  /** Rows of the segment, 1 to 2^18. */
  readonly rows: number;
  /** Distinct. Values, NULL, prefixes and grams are different keywords: the first byte tells (keyword.ts). */
  readonly keywords: readonly Uint8Array[];
  /** Rows of keyword i, ascending and at least one, are members[starts[i]] to members[starts[i + 1] − 1]. */
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
}

/** Rows of keyword i; a view. */
export function rowsOf({ starts, members }: Postings, i: number): Uint32Array {
  return members.subarray(starts[i]!, starts[i + 1]!);
}
