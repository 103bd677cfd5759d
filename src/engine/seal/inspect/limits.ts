/** SEAL_POLY_MOD_DEGREE_MAX (native/src/seal/util/defines.h). */
export const MAX_DEGREE = 131_072;
/** SEAL_COEFF_MOD_COUNT_MAX. */
export const MAX_LIMBS = 64;
/** SEAL_USER_MOD_BIT_COUNT_MAX: every modulus a user can choose is below 2^60. */
export const MODULUS_LIMIT: bigint = 1n << 60n;

/** A power of two from 2 to 131,072: the degrees SEAL has. */
export function isDegree(n: number): boolean {
  return n >= 2 && n <= MAX_DEGREE && (n & (n - 1)) === 0;
}
