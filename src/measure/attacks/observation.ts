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

/** How many of `rows` rows each pair of `lists` shares, and each list with itself; lists hold row numbers, once each. */
export function countTogether(lists: readonly ArrayLike<number>[], rows: number): Float64Array {
  const holders: number[][] = [];
  lists.forEach((list, i) => {
    for (let at = 0; at < list.length; at++) (holders[list[at]!] ??= []).push(i);
  });
  const width = lists.length;
  const together = new Float64Array(width * width);
  for (let row = 0; row < rows; row++) {
    const held = holders[row] ?? [];
    for (const i of held) for (const j of held) together[i * width + j]! += 1;
  }
  return together;
}
