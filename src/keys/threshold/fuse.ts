import { OpalineError } from '../../errors/opaline-error.ts';
import { plainModulus } from '../../params/plain-modulus.ts';
import {
  type DividedParameters,
  divisionOf,
  thresholdNoise,
} from '../../params/threshold-noise.ts';
import { fromResidues, product } from '../../ring/residues.ts';

/**
 * The message of an LWE sample (a, b) from the partial decryptions of a quorum: x = b + Σ d_i is q'·m/t and an error
 * that `thresholdNoise` bounds for `rows` rows. Signed, in (−t/2, t/2], of a sum; the residue, in [0, t), of a check.
 *
 * An error beyond the bound is refused: a partial that is wrong at random passes with a probability of twice the
 * bound over q'/t. One that is off by a multiple of q'/t shifts the sum and is not seen here; whoever must
 * distrust custodians verifies the sum (gate/verified/), or compares a second quorum.
 *
 * @param b a residue a limb @param partials as many as the quorum, each a residue a limb
 * @throws BYTES_INVALID for a wrong number of partials, or residues that are not below their primes;
 *   PARTIALS_INVALID for an error beyond the bound
 */
export function fuse(
  parameters: DividedParameters,
  b: Uint32Array,
  partials: readonly Uint32Array[],
  rows: number,
): bigint {
  const limbs = b.length;
  const primes = parameters.dataPrimes.slice(0, limbs);
  const fits = (residues: Uint32Array): boolean =>
    residues.length === primes.length && residues.every((residue, i) => residue < primes[i]!);
  if (limbs < 1 || primes.length !== limbs || ![b, ...partials].every(fits)) {
    throw invalid('residues that its parameters do not have');
  }
  if (partials.length !== divisionOf(parameters).quorum) throw invalid('not of a whole quorum');
  const q = product(primes);
  const t = plainModulus(parameters);
  const total = partials.reduce((sum, partial) => sum + fromResidues(partial, primes), 0n);
  const x = (fromResidues(b, primes) + total) % q;
  // ⌊t·x/q⌉, then t·x − q·m is t times the error.
  const message = (2n * t * x + q) / (2n * q);
  const scaled = t * x - q * message;
  const error = scaled < 0n ? -scaled : scaled;
  const { numerator, denominator } = thresholdNoise(parameters, rows, limbs).bound;
  if (error * denominator > t * numerator) throw new OpalineError('PARTIALS_INVALID', {});
  const residue = message % t;
  return parameters.preset !== 'check' && residue > t / 2n ? residue - t : residue;
}

function invalid(reason: string): OpalineError<'BYTES_INVALID'> {
  return new OpalineError('BYTES_INVALID', { what: 'partial decryptions', reason });
}
