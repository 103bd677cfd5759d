import { assign } from './assignment.ts';
import type { Guess } from './observation.ts';

/**
 * The sorting attack (Naveed–Kamara–Wright, CCS 2015, §5.1) on a dense order-revealing column, one that holds every
 * value of its domain: the i-th ciphertext is the i-th value. Where ciphertexts are fewer than values, which are
 * missing is not known, and no guess is made.
 * Uses: the number of distinct ciphertexts, in order; the domain.
 */
export function sortingAttack(ciphertexts: number, values: number): Guess {
  return Int32Array.from({ length: ciphertexts }, (_, i) => (ciphertexts === values ? i : -1));
}

/**
 * The cumulative attack (ibid., §5.2): the assignment of values to ciphertexts under which histograms and
 * cumulative distributions differ least, their squared differences added up (Hungarian method).
 * Uses: the rows of each distinct ciphertext, in the ciphertexts' order; the auxiliary histogram in the values'
 * order. At most as many ciphertexts as values.
 */
export function cumulativeAttack(ordered: readonly number[], auxiliary: readonly number[]): Guess {
  const [seen, expected] = [shares(ordered), shares(auxiliary)];
  const cost = new Float64Array(ordered.length * auxiliary.length);
  seen.forEach((token, t) => {
    expected.forEach((value, v) => {
      cost[t * expected.length + v] =
        (token.share - value.share) ** 2 + (token.below - value.below) ** 2;
    });
  });
  return assign(cost, ordered.length, auxiliary.length);
}

function shares(rows: readonly number[]): { share: number; below: number }[] {
  const total = rows.reduce((sum, count) => sum + count, 0);
  let before = 0;
  return rows.map((count) => {
    before += count;
    return { share: count / total, below: before / total };
  });
}
