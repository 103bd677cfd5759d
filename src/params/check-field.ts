/**
 * Arithmetic modulo the prime in which sums are verified, exact in doubles: p = 2^48 − 59, so that 2^48 ≡ 59.
 */
import { OpalineError } from '../errors/index.ts';

/** The largest prime below 2^48. */
export const CHECK_PRIME: number = 2 ** 48 - 59;

const P = CHECK_PRIME;
const HALF = 2 ** 24;
/** 2^48 mod p. */
const FOLD = 59;
/** Residues of values that a ciphertext of `sum` holds are multiplied: |v| < 2^47. */
const VALUE_LIMIT = 2 ** 47;

/** A residue of a whole number below 2^53. */
function reduce(value: number): number {
  const rest = value - Math.floor(value / P) * P;
  // The quotient of doubles may be off by one.
  if (rest < 0) return rest + P;
  return rest >= P ? rest - P : rest;
}

/**
 * factor·v + pad mod p for each value, in [0, p).
 *
 * With factor = a1·2^24 + a0 and |v| = x1·2^24 + x0 (x1 < 2^23) the product is a1·x1·2^48 + (a1·x0 + a0·x1)·2^24 +
 * a0·x0. 59·a1·x1 < 59·2^47 < 2^53; the middle sum is below 2^49, of which the part above 2^24 counts 59 times;
 * every other term is below 2^48. So each step is exact in a double.
 *
 * @param factor in [0, p) @param values whole, |v| < 2^47 @param pads in [0, p), one a value
 * @throws INTERNAL for a value out of range
 */
export function multiplyAdd(
  factor: number,
  values: Float64Array,
  pads: Float64Array,
): Float64Array {
  const a1 = Math.floor(factor / HALF);
  const a0 = factor - a1 * HALF;
  const out = new Float64Array(values.length);
  let inRange = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const x = Math.abs(value);
    inRange = inRange && Number.isInteger(value) && x < VALUE_LIMIT;
    const x1 = Math.floor(x / HALF);
    const x0 = x - x1 * HALF;
    const middle = a1 * x0 + a0 * x1;
    const high = Math.floor(middle / HALF);
    const low = (middle - high * HALF) * HALF;
    const product = reduce(reduce(FOLD * a1 * x1) + FOLD * high + low + a0 * x0);
    const signed = value < 0 && product > 0 ? P - product : product;
    const sum = signed + pads[i]!;
    out[i] = sum >= P ? sum - P : sum;
  }
  if (inRange) return out;
  out.fill(0);
  throw new OpalineError('INTERNAL', { reason: 'a value that is verified is out of range' });
}

/** Σ of residues mod p, reduced once. */
export class ResidueSum {
  private low = 0;
  private high = 0;

  /** @param residue in [0, p) */
  add(residue: number): void {
    const high = Math.floor(residue / HALF);
    this.high += high;
    this.low += residue - high * HALF;
  }

  /** In [0, p). At most 2^28 terms. */
  get value(): number {
    const total = BigInt(this.high) * BigInt(HALF) + BigInt(this.low);
    return Number(total % BigInt(P));
  }
}

/** Whether check − pads ≡ factor·sum mod p: all in [0, p) but the sum, which is signed and of any size. */
export function isConsistent(factor: number, sum: bigint, check: bigint, pads: bigint): boolean {
  return (check - pads - BigInt(factor) * sum) % BigInt(P) === 0n;
}
