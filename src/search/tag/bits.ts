/**
 * How long a tag may be, and for which columns there is none.
 *
 * A tag of b bits puts about R/2^b of a segment's R rows under one tag. The planner of CipherSweet
 * ("Blind index planning") keeps that number in 2 ≤ R/2^b < √R: below 2 a tag stands for one value, from √R
 * on a query brings so many false positives that it is a scan. Of the lengths in between, the
 * **shortest** is taken: it puts the most values under a tag, and costs a query less than √R rows more than it finds.
 */
export interface TagStatistics {
  /** Of the segment. */
  readonly rows: number;
  /** Keywords: distinct values, and NULL where there is one. */
  readonly distinct: number;
  /** Rows of the most frequent keyword. */
  readonly mode: number;
}

export type TagPlan =
  | { readonly bits: number }
  /** What the column lacks, and which index serves it. */
  | { readonly refused: string };

/** Fewer rows may have no length with 2 ≤ R/2^b < √R, nor a histogram to speak of. */
const FEW_ROWS = 16;
/** Keywords that share a tag on average, at least: with fewer, a tag hides nothing by being short. */
export const VALUES_PER_TAG = 2;
/**
 * Share of the rows that one keyword may have. A keyword's rows all have one tag, however short it is, so
 * a frequent one stands out. An eighth is what the mode has where 2,048 values follow Zipf's law (1/H(2048)), and 2,048
 * are the fewest that the shortest tag of a full segment hides.
 */
export const MODE_SHARE: number = 1 / 8;

const INSTEAD = '"sse" shows nothing of it at rest, "sse-padded" not even which rows a query finds';

/** The fewest bits with R/2^b < √R, among those with R/2^b ≥ 2. */
export function shortestTag(rows: number): number {
  let bits = 0;
  while (4 ** bits <= rows) bits++;
  return Math.min(bits, longestTag(rows));
}

/** The most bits with R/2^b ≥ 2; 0 for a segment of one to three rows. */
export function longestTag(rows: number): number {
  return Math.max(0, 30 - Math.clz32(rows));
}

/** The length of a column's tags, or why it gets none. `asked`: bits that the schema gives. */
export function planTag({ rows, distinct, mode }: TagStatistics, asked?: number): TagPlan {
  if (rows < FEW_ROWS) return { bits: segmentTag({ rows, distinct }, asked) };
  const shortest = shortestTag(rows);
  const longest = longestTag(rows);
  if (asked !== undefined && (asked > longest || asked < shortest)) {
    const fit = shortest === longest ? `${shortest}` : `${shortest} to ${longest}`;
    return { refused: `tags of ${fit} bits for ${rows} rows, not of ${asked}` };
  }
  const bits = asked ?? shortest;
  const needed = VALUES_PER_TAG * 2 ** bits;
  if (distinct < needed) {
    return {
      refused: `at least ${needed} distinct values in ${rows} rows (there are ${distinct}), or tags would tell them apart; ${INSTEAD}`,
    };
  }
  if (mode > MODE_SHARE * rows) {
    return {
      refused: `a column of which no value has more than an eighth of the rows (one has ${mode} of ${rows}), or its tag would be known by its size; ${INSTEAD}`,
    };
  }
  return { bits };
}

/**
 * The length for a segment of a table whose column has tags already. A segment that is small, or whose values are
 * few, gets shorter tags, down to none: that costs queries more rows of it, and never shows more.
 */
export function segmentTag(
  { rows, distinct }: Omit<TagStatistics, 'mode'>,
  asked?: number,
): number {
  const bits = Math.min(asked ?? shortestTag(rows), longestTag(rows));
  return Math.max(0, Math.min(bits, Math.floor(Math.log2(distinct / VALUES_PER_TAG))));
}
