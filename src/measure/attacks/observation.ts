/**
 * What the store sees of queries for single keywords of one index. Tokens are numbered at random; a token is
 * whatever is the same again when the same keyword is asked for again.
 */
export interface Observed {
  /** Rows (documents) of the index. */
  readonly rows: number;
  /** Rows that each token finds, or the size of its reply. */
  readonly volumes: readonly number[];
  /** Rows that tokens i and j both find, at i · tokens + j; of response-revealing indexes. */
  readonly together?: Float64Array;
  /** The token of each query, in the order of the queries. */
  readonly sequence: readonly number[];
}

/** What an attacker knows beside the store's view; each attack names what it takes. */
export interface Auxiliary {
  /** Rows that the attacker knows, or has similar ones of. */
  readonly rows: number;
  /** How many of them each keyword has: keywords are numbered by this list. */
  readonly volumes: readonly number[];
  /** How many of them keywords i and j share, at i · keywords + j. */
  readonly together?: Float64Array;
  /** Share of queries that ask for each keyword. */
  readonly popularity?: readonly number[];
  /** Probability that keyword j is asked for after keyword i, at i · keywords + j. */
  readonly transitions?: Float64Array;
  /** Tokens of which the attacker knows the keyword. */
  readonly known?: readonly { readonly token: number; readonly keyword: number }[];
}

/** A keyword for each token, −1 where the attack names none. */
export type Guess = Int32Array;

/**
 * How many rows each pair of `lists` shares, and each list with itself; lists hold row numbers below `rows`, once
 * each. `counted` says which rows count, 1 or 0; default: all.
 */
export function countTogether(
  lists: readonly ArrayLike<number>[],
  rows: number,
  counted?: Uint8Array,
): Float64Array {
  // The lists that hold each row, row by row.
  const starts = new Uint32Array(rows + 1);
  for (const list of lists) for (let i = 0; i < list.length; i++) starts[list[i]! + 1]! += 1;
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const holders = new Uint32Array(starts[rows]!);
  const next = starts.slice();
  lists.forEach((list, l) => {
    for (let i = 0; i < list.length; i++) holders[next[list[i]!]!++] = l;
  });
  const width = lists.length;
  const together = new Float64Array(width * width);
  for (let row = 0; row < rows; row++) {
    if (counted?.[row] === 0) continue;
    const [from, to] = [starts[row]!, starts[row + 1]!];
    for (let i = from; i < to; i++) {
      const at = holders[i]! * width;
      for (let j = from; j < to; j++) together[at + holders[j]!]! += 1;
    }
  }
  return together;
}
