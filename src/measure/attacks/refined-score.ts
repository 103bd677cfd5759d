import type { Auxiliary, Guess, Observed } from './observation.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Tokens that become known in each round: RefSpeed of the paper. */
const REFINEMENT_SPEED = 10;
/** A distance of 0 would score infinitely high, twice over. */
const LEAST_DISTANCE = 1e-12;

/**
 * The refined score attack (Damie–Hahn–Peter, "A Highly Accurate Query-Recovery Attack against Searchable Encryption
 * using Non-Indexed Documents", USENIX Security 2021, §4 and §5). A token's co-occurrences with the known queries' tokens
 * are compared with a keyword's with the known keywords in similar documents: score = −ln ‖difference‖. In each round the
 * tokens whose best score leads the second best by most (certainty) become known queries too; at the end the
 * rest get their best keyword.
 * Uses: intersections of row sets; similar documents, not the indexed ones; some known queries.
 */
export function refinedScore(
  observed: Observed & Required<Pick<Observed, 'together'>>,
  auxiliary: Auxiliary & Required<Pick<Auxiliary, 'together' | 'known'>>,
  random: SeededRandom,
  speed: number = REFINEMENT_SPEED,
): Guess {
  const tokens = observed.volumes.length;
  const keywords = auxiliary.volumes.length;
  const guess = new Int32Array(tokens).fill(-1);
  /** Squared distance of token t and keyword k over the known queries so far, at t · keywords + k. */
  const squared = new Float64Array(tokens * keywords);
  const learn = (token: number, keyword: number): void => {
    guess[token] = keyword;
    for (let t = 0; t < tokens; t++) {
      const seen = observed.together[t * tokens + token]! / observed.rows;
      for (let k = 0; k < keywords; k++) {
        squared[t * keywords + k]! +=
          (seen - auxiliary.together[k * keywords + keyword]! / auxiliary.rows) ** 2;
      }
    }
  };
  for (const { token, keyword } of auxiliary.known) learn(token, keyword);
  for (;;) {
    const order = random.permutation(keywords);
    const predictions = random
      .permutation(tokens)
      .filter((token) => guess[token] === -1)
      .map((token) => ({ token, ...bestOf(squared, token * keywords, order) }))
      .toSorted((a, b) => b.certainty - a.certainty);
    if (predictions.length <= speed) {
      for (const { token, keyword } of predictions) guess[token] = keyword;
      return guess;
    }
    for (const { token, keyword } of predictions.slice(0, speed)) learn(token, keyword);
  }
}

function bestOf(
  squared: Float64Array,
  from: number,
  order: readonly number[],
): { keyword: number; certainty: number } {
  let keyword = -1;
  let [best, second] = [-Infinity, -Infinity];
  for (const k of order) {
    const score = -Math.log(Math.max(LEAST_DISTANCE, Math.sqrt(squared[from + k]!)));
    if (score > best) {
      second = best;
      best = score;
      keyword = k;
    } else if (score > second) {
      second = score;
    }
  }
  return { keyword, certainty: second === -Infinity ? 0 : best - second };
}
