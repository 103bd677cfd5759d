import { assign } from './assignment.ts';
import type { Auxiliary, Guess, Observed } from './observation.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Probabilities of things never seen; log 0 would outweigh everything. */
const LEAST = 1e-9;

/**
 * Search and access pattern attack (Oya–Kerschbaum, "Hiding the Access Pattern is Not Enough: Exploiting Search Pattern
 * Leakage in Searchable Encryption", USENIX Security 2021, §4): the assignment of keywords to tokens of maximum
 * likelihood, where the queries of each token are Poisson in the keyword's popularity, and its volume binomial in the
 * keyword's share of rows: a linear assignment problem. `weight` is the paper's α: 1 uses popularity alone, 0 volumes alone.
 * Uses: how often each token is sent; the size of its row set or reply; auxiliary volumes and popularity. At most as many
 * tokens as keywords.
 */
export function sapAttack(
  observed: Observed,
  auxiliary: Auxiliary & Required<Pick<Auxiliary, 'popularity'>>,
  random: SeededRandom,
  weight = 0.5,
): Guess {
  const tokens = random.permutation(observed.volumes.length);
  const keywords = random.permutation(auxiliary.volumes.length);
  const sent = new Float64Array(tokens.length);
  for (const token of observed.sequence) sent[token]! += 1;
  const cost = new Float64Array(tokens.length * keywords.length);
  keywords.forEach((keyword, k) => {
    const share = bounded(auxiliary.volumes[keyword]! / auxiliary.rows);
    const [inside, outside] = [Math.log(share), Math.log1p(-share)];
    const popular = Math.log(bounded(auxiliary.popularity[keyword]!));
    tokens.forEach((token, t) => {
      const volume = observed.volumes[token]!;
      const byVolume = volume * inside + (observed.rows - volume) * outside;
      const byQueries = sent[token]! * popular;
      cost[t * keywords.length + k] = -weight * byQueries - (1 - weight) * byVolume;
    });
  });
  const chosen = assign(cost, tokens.length, keywords.length);
  const guess = new Int32Array(tokens.length);
  tokens.forEach((token, t) => {
    guess[token] = keywords[chosen[t]!] ?? -1;
  });
  return guess;
}

const bounded = (share: number): number => Math.min(1 - LEAST, Math.max(LEAST, share));
