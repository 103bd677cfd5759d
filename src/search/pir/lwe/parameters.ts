/**
 * Regev encryption as SimplePIR uses it (Henzinger, Hong, Corrigan-Gibbs, Meiklejohn, Vaikuntanathan,
 * "One Server for the Price of Two", USENIX Security 2023, §3.1 and §4): a query for column u of a matrix D
 * of bytes is A·s + e + Δ·δ_u, its answer D·query, all modulo q = 2^32, and Δ = q/p = 2^24 for p = 256.
 *
 * **Security.** n = 1024, s uniform, e discrete Gaussian of σ = 25.6. The paper takes σ = 6.4 and counts
 * 128 bits (§4). By the primal attack (Alkim, Ducas, Pöppelmann, Schwabe, USENIX Security 2016;
 * BKZ's Gram–Schmidt norms by the geometric series assumption, any number of samples) with the cost
 * 2^(0.292·β + 16.4) of the HE standard, which holds for Opaline's other presets, that is β = 326 and 112
 * bits; the standard's own row for n = 1024 (27 bits, σ = 3.2) is β = 384 and 128 bits. Four times the
 * error, q and n kept, gives β = 395 and 132 bits, for columns that a segment does not have. (YPIR, Menon and
 * Wu, USENIX Security 2024, takes σ = 11·√(2π) = 27.6 with this n and q.)
 *
 * **Correctness.** p divides q, so answer − (D·A)·s = Δ·D_u + D·e modulo q without a rounding term, and byte i
 * is right whenever |Σ_j D_ij·e_j| < Δ/2 = 2^23.
 *
 * 1. A discrete Gaussian over the integers is sub-Gaussian: E exp(t·e_j) ≤ exp(t²σ²/2) for all t (Canonne,
 *    Kamath, Steinke, "The discrete Gaussian for differential privacy", NeurIPS 2020). The sampler
 *    (`gaussian.ts`) rounds the probability of each e ≠ 0 down and gives 0 what is left over; since
 *    E exp(t·e_j) is a mean of cosh(t·e) ≥ cosh 0, that can only lower it: the bound holds for the sampler as
 *    it is.
 * 2. D_ij ≤ 255 and the e_j are independent, so for m columns P(|Σ_j D_ij·e_j| ≥ Δ/2) ≤ 2·exp(−x/m) with
 *    x = (Δ/2)² / (2·σ²·255²) = 2^46 / (2·655.36·65025) > 825,000. The matrix was made before e was drawn, so
 *    this holds for whatever it has in it.
 * 3. All of h bytes of a column are right but for probability 2·h·exp(−825,000/m). For m ≤ 2^14 and
 *    h ≤ 2^15 that is below exp(11.1 − 50.3) < 2^-56 a retrieval: 2^16 retrievals, more than any lookup makes,
 *    fail with less than 2^-40. A failure is a bucket that does not open, so a refusal and never a wrong row.
 */

/** Dimension of a secret: words of a row of A and of the hint. */
export const SECRET_WORDS = 1024;
/** σ² = 25.6² = 16384/25. */
export const ERROR_VARIANCE: { readonly numerator: bigint; readonly denominator: bigint } = {
  numerator: 16_384n,
  denominator: 25n,
};
/** log2 of Δ. */
export const SCALE_BITS = 24;
/** The largest matrix that the bound above covers. */
export const MOST_COLUMNS: number = 2 ** 14;
export const MOST_HEIGHT: number = 2 ** 15;
/** A bucket has room for its seal and something to say. */
export const LEAST_HEIGHT = 64;
/** Columns come in multiples of what a vector register takes. */
export const COLUMN_STEP = 16;

export interface Dimensions {
  /** Bytes of a bucket, which is a column of the matrix. */
  readonly height: number;
  readonly columns: number;
}

/** log2 of the bound on the probability that one retrieval decrypts wrongly (steps 2 and 3). */
export function failureBits({ height, columns }: Dimensions): number {
  const variance = Number(ERROR_VARIANCE.numerator) / Number(ERROR_VARIANCE.denominator);
  const exponent = 2 ** (2 * SCALE_BITS - 2) / (2 * variance * 255 * 255);
  return Math.log2(2 * height) - exponent / columns / Math.LN2;
}

/** True for a matrix whose every retrieval surely enough decrypts. */
export function areDimensions({ height, columns }: Dimensions): boolean {
  return (
    Number.isInteger(height) &&
    Number.isInteger(columns) &&
    height >= LEAST_HEIGHT &&
    height <= MOST_HEIGHT &&
    columns >= COLUMN_STEP &&
    columns <= MOST_COLUMNS &&
    columns % COLUMN_STEP === 0
  );
}
