import { shapeError } from './shapes.ts';

/** Low bits of a word that are multiplied apart from the high ones, so that sums stay below 2^53. */
const LOW_BITS = 14;
const LOW_MASK = (1 << LOW_BITS) - 1;
/** 2^27·2^14·2^11 = 2^52. */
const TERMS = 1 << 11;

/**
 * The constant coefficient of a·s in Z_q[X]/(X^n + 1), limb by limb: a_0·s_0 − Σ_{j>0} a_j·s_{n−j}. What an LWE
 * sample's first part and a secret have in common.
 *
 * @param a `moduli.length·n` residues, coefficient form; of `s` at least as many, further limbs are not read
 * @returns a residue a limb
 * @throws INTERNAL for another length
 */
export function constantOfProduct(
  a: Uint32Array,
  s: Uint32Array,
  n: number,
  moduli: readonly number[],
): Uint32Array {
  if (a.length !== moduli.length * n || s.length < a.length) {
    throw shapeError(
      'inner product',
      `${a.length} and ${s.length} words of ${moduli.length} limbs`,
    );
  }
  return Uint32Array.from(moduli, (q, limb) => {
    const at = limb * n;
    // Of the terms after the first, which X^n = −1 makes negative.
    let taken = 0;
    for (let from = 1; from < n; from += TERMS) {
      const to = Math.min(n, from + TERMS);
      let low = 0;
      let high = 0;
      for (let j = from; j < to; j += 1) {
        const word = a[at + j]!;
        const other = s[at + n - j]!;
        low += (word & LOW_MASK) * other;
        high += (word >>> LOW_BITS) * other;
      }
      taken = (taken + times(high % q, 2 ** LOW_BITS, q) + (low % q)) % q;
    }
    const first =
      times(a[at]! >>> LOW_BITS, s[at]!, q) * 2 ** LOW_BITS + (a[at]! & LOW_MASK) * s[at]!;
    return ((first % q) + q - taken) % q;
  });
}

/** a·b mod q for a·b below 2^53. */
const times = (a: number, b: number, q: number): number => (a * b) % q;
