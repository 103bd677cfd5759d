import { discreteGaussian, type RandomBytes } from '../bytes/discrete-gaussian.ts';
import { doubleParts } from '../bytes/double.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** What a release must withstand. */
export interface FloodBudget {
  /** τ: how many values may ever be released under this key. */
  readonly queries: number;
  /** s: bits of security left against a distinguisher of all of them; 30 at least. */
  readonly bits: number;
}

export interface Flooded {
  readonly value: number;
  /** The released value is farther from the decrypted one with a probability below 2^-40 only. */
  readonly within: number;
}

const LEAST_BITS = 30;
/** Of a Gaussian, the share beyond 7.5 deviations is below 2^-43; rounding adds half a deviation. */
const DEVIATIONS = 8;
/** Steps of the noise's grid in one bound: the noise is as good as continuous. */
const STEPS = 2 ** 20;

/**
 * What of an approximate decryption may leave the owner: the error of a CKKS ciphertext is a linear
 * function of the secret key, and exact decryptions give the key away (Li and Micciancio, EUROCRYPT
 * 2021). Gaussian noise of deviation √(12τ)·2^(s/2)·B, B the largest error there can be, hides it (Li,
 * Micciancio, Schultz and Sorrell, CRYPTO 2022); rounding to a multiple of half a deviation, which alone
 * is no defence, then drops the digits that say nothing.
 *
 * `bound` is the proved worst case of the error of `value`, in its units.
 *
 * @throws PARAMETERS_INVALID for fewer than 30 bits, no query, or a bound that is none
 */
export function floodReal(
  value: number,
  bound: number,
  { queries, bits }: FloodBudget,
  random: RandomBytes,
): Flooded {
  if (!Number.isFinite(value) || !(bound > 0) || !Number.isFinite(bound)) {
    throw invalid('flooding needs a finite value and a positive bound of its error');
  }
  if (!Number.isSafeInteger(queries) || queries < 1) throw invalid('at least one release');
  if (!Number.isInteger(bits) || bits < LEAST_BITS) {
    throw invalid(`flooding needs at least ${LEAST_BITS} bits`);
  }
  // In steps of `unit`, a power of two, σ² = 12·τ·2^s·(B/unit)².
  const unit = 2 ** Math.floor(Math.log2(bound / STEPS));
  const steps = BigInt(Math.ceil(bound / unit));
  const variance = 12n * BigInt(queries) * (1n << BigInt(bits)) * steps * steps;
  const noise = discreteGaussian({ numerator: variance, denominator: 1n }, random);
  const deviation = Math.sqrt(12 * queries) * 2 ** (bits / 2) * Number(steps) * unit;
  const grid = 2 ** Math.floor(Math.log2(deviation));
  // The sum is exact: a double and the noise over a common power of two.
  const released = Math.round(exactSum(value, noise, unit, grid));
  return { value: released * grid, within: DEVIATIONS * deviation };
}

/** (value + noise·unit)/grid, both powers of two, rounded once. */
function exactSum(value: number, noise: bigint, unit: number, grid: number): number {
  const { mantissa, exponent } = doubleParts(value);
  const low = Math.min(exponent, Math.log2(unit));
  const sum =
    (BigInt(mantissa) << BigInt(exponent - low)) + (noise << BigInt(Math.log2(unit) - low));
  const shift = BigInt(Math.log2(grid) - low);
  // Two more bits than the integer part, so that rounding sees which side it is on.
  return shift >= 2n ? Number(sum >> (shift - 2n)) / 4 : Number(sum) / Number(1n << shift);
}

function invalid(reason: string): OpalineError<'PARAMETERS_INVALID'> {
  return new OpalineError('PARAMETERS_INVALID', { reason });
}
