/**
 * BFV queries against plaintext polynomials, as FastPIR has them (Ahmad, Yang, Agrawal, El Abbadi, Gupta, "Addra:
 * Metadata-private voice communication over fully untrusted infrastructure", OSDI 2021, §4): the query selects by
 * encrypted zeros and a one, the store multiplies by what it has and adds. Coefficient packing replaces FastPIR's rotations, and with
 * them all keys: the one is a power of X, which moves the bucket that is asked for to the front.
 *
 * The table is groups × blocks polynomials P_{k,i} of n = 4096 coefficients of 32 bits. Bucket j of block i has the
 * coefficients [j·w, (j + 1)·w) of each P_{k,i}. The query for it is, per block, an encryption of X^(−j·w), in all other
 * blocks of 0; the reply, per group k, Σ_i query_i·P_{k,i}, whose first w coefficients are the bucket's.
 *
 * **Security.** Each retrieval has a ternary secret of its own that is uniform, errors are discrete Gaussian of
 * σ = 3.2, q has 81 bits; the HE standard allows 109 for 128-bit classical security at n = 4096 (params/security.ts).
 *
 * **Correctness.** With t = 2^32, q = q0·q1·q2, q' = q0·q1, coefficients of P signed, |P| ≤ 2^31:
 *
 * 1. c0 + c1·s = e_i + ⌊q/t⌉·m_i, m_i = 0 or ±X^(n − j·w). The sum over blocks of the product with P_{k,i} is
 *    ⌊q/t⌉·P + E at each of the first w coefficients, E = Σ_i (e_i·P_{k,i}) a sum of n·M errors (M blocks), each times
 *    at most 2^31: sub-Gaussian with parameter σ·2^31·√(n·M) (the sampler: lwe/parameters.ts, step 1). Rounding q/t is
 *    off by at most 2^31/2 in the product.
 * 2. Dropping q2 divides by it and adds at most (n + 1)/2, by the rounding of c0 and c1 and ‖s‖₁ ≤ n (params/noise.ts).
 * 3. The word is right where |E| < B = q2·(q'/2t − (n + 1)/2) − 2^30, B > 2^47.9: but for probability
 *    2·exp(−B²/(2·σ²·2^62·n·M)). For M ≤ 256 that is below 2^-1000, over any number of retrievals.
 */
export const RING_DEGREE = 4096;
/** The three data primes of the `sum` preset (params/presets.ts), of which a reply keeps the first two. */
export const PRIMES: readonly [number, number, number] = [133963777, 134012929, 134111233];
export const REPLY_PRIMES: readonly [number, number] = [PRIMES[0], PRIMES[1]];
export const PRIME_BITS = 27;
/** log2 of t: a coefficient is a word. */
export const WORD_BITS = 32n;
/** σ² = 3.2². */
export const ERROR_VARIANCE: { readonly numerator: bigint; readonly denominator: bigint } = {
  numerator: 256n,
  denominator: 25n,
};
export const MOST_BLOCKS = 256;
export const MOST_GROUPS = 256;
export const MOST_HEIGHT: number = 2 ** 15;
/** A bucket has room for its seal and something to say. */
export const LEAST_HEIGHT = 64;

export interface BfvDimensions {
  /** Words of a bucket in one polynomial: a power of two. */
  readonly words: number;
  readonly groups: number;
  readonly blocks: number;
}

export const heightOf = ({ words, groups }: BfvDimensions): number => 4 * words * groups;
export const bucketsOf = ({ words, blocks }: BfvDimensions): number =>
  (blocks * RING_DEGREE) / words;

/** log2 of the bound on the probability that a word decrypts wrongly (step 3). */
export function wrongWordBits({ blocks }: BfvDimensions): number {
  const [q0, q1, q2] = PRIMES;
  const bound = q2 * ((q0 * q1) / 2 ** 33 - (RING_DEGREE + 1) / 2) - 2 ** 30;
  const variance = Number(ERROR_VARIANCE.numerator) / Number(ERROR_VARIANCE.denominator);
  const exponent = (bound / 2 ** 31) ** 2 / (2 * variance * RING_DEGREE * blocks);
  return 1 - exponent / Math.LN2;
}

export function areBfvDimensions({ words, groups, blocks }: BfvDimensions): boolean {
  const within = (value: number, most: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= most;
  return (
    within(words, RING_DEGREE) &&
    RING_DEGREE % words === 0 &&
    within(groups, MOST_GROUPS) &&
    within(blocks, MOST_BLOCKS) &&
    heightOf({ words, groups, blocks }) >= LEAST_HEIGHT &&
    heightOf({ words, groups, blocks }) <= MOST_HEIGHT
  );
}
