import { assign } from './assignment.ts';
import type { Auxiliary, Guess, Observed } from './observation.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * Frequency analysis (Naveed–Kamara–Wright, "Inference Attacks on Property-Preserving Encrypted Databases", CCS
 * 2015, §4.1): the i-th most frequent token is the i-th most frequent value. Equal frequencies fall in a random
 * order on both sides.
 * Uses: the size of each token's row set; the auxiliary histogram.
 */
export function frequencyMatching(
  observed: Pick<Observed, 'volumes'>,
  auxiliary: Pick<Auxiliary, 'volumes'>,
  random: SeededRandom,
): Guess {
  const tokens = byVolume(observed.volumes, random);
  const values = byVolume(auxiliary.volumes, random);
  const guess = new Int32Array(tokens.length).fill(-1);
  tokens.forEach((token, rank) => {
    guess[token] = values[rank] ?? -1;
  });
  return guess;
}

function byVolume(volumes: readonly number[], random: SeededRandom): number[] {
  return random.permutation(volumes.length).toSorted((a, b) => volumes[b]! - volumes[a]!);
}

/**
 * ℓp-optimisation (ibid., §4.2): the assignment of values to tokens under which the two normalised histograms differ
 * least in the ℓp norm. Where tokens of every value are seen it agrees with the ranks; of a part of them it
 * finds which values are missing.
 * Uses: the size of each token's row set; the auxiliary histogram.
 */
export function lpMatching(
  observed: Pick<Observed, 'rows' | 'volumes'>,
  auxiliary: Pick<Auxiliary, 'rows' | 'volumes'>,
  random: SeededRandom,
  p = 2,
): Guess {
  // The solver takes the first of equal costs: both sides stand in a random order.
  const tokens = random.permutation(observed.volumes.length);
  const values = random.permutation(auxiliary.volumes.length);
  const cost = new Float64Array(tokens.length * values.length);
  tokens.forEach((token, t) => {
    const seen = observed.volumes[token]! / observed.rows;
    values.forEach((value, v) => {
      const expected = auxiliary.volumes[value]! / auxiliary.rows;
      cost[t * values.length + v] = Math.abs(seen - expected) ** p;
    });
  });
  const chosen = assign(cost, tokens.length, values.length);
  const guess = new Int32Array(tokens.length);
  tokens.forEach((token, t) => {
    guess[token] = values[chosen[t]!] ?? -1;
  });
  return guess;
}
