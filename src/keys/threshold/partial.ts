import { uniformBelow } from '../../bytes/discrete-gaussian.ts';
import { randomBytes } from '../../bytes/random.ts';
import type { LweSample } from '../../engine/engine.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Parameters } from '../../params/parameters.ts';
import { divisionOf, floodBound } from '../../params/threshold-noise.ts';
import { constantOfProduct } from '../../ring/inner-product.ts';
import { lagrangeAtZero } from '../../ring/interpolate.ts';
import { multiplyMod } from '../../ring/modular.ts';
import { toResidues } from '../../ring/residues.ts';

/** What a custodian holds of a ring secret. */
export interface SecretShare {
  /** From 1: the point at which a dealt share was taken; of a joint key the party's number. */
  readonly index: number;
  /** A point of Shamir's polynomials, or a summand of a joint secret. */
  readonly kind: 'dealt' | 'joint';
  /** `dataPrimes.length·n` residues, coefficient form. */
  readonly residues: Uint32Array;
}

/**
 * A custodian's part of the decryption of one LWE sample: the scalar λ_i·⟨a, s_i⟩ + e_i, a residue a limb, where
 * ⟨a, s⟩ is the constant coefficient of a·s. The Lagrange coefficient is inside, so that the noise is added once,
 * unscaled: e_i is fresh, uniform in [−B, B] for the bound of a sum over `rows` rows (threshold-noise.ts). Nothing
 * else of the share leaves: a whole polynomial would open every other coefficient.
 *
 * @param quorum indexes of the custodians who answer, this one among them
 * @throws INTERNAL for a quorum of another size, BYTES_INVALID for a sample that the parameters do not have
 */
export function partialDecryption(
  parameters: Parameters,
  share: SecretShare,
  sample: LweSample,
  quorum: readonly number[],
  rows: number,
): Uint32Array {
  const { n, dataPrimes } = parameters;
  if (quorum.length !== divisionOf(parameters).quorum || !quorum.includes(share.index)) {
    throw new OpalineError('INTERNAL', { reason: 'this is not the quorum of the key' });
  }
  checkSample(parameters, sample);
  const primes = dataPrimes.slice(0, sample.limbs);
  const products = constantOfProduct(sample.a, share.residues, n, primes);
  const noise = drawNoise(floodBound(parameters, rows, sample.limbs));
  const errors = toResidues(noise, primes);
  return Uint32Array.from(primes, (prime, limb) => {
    const lambda = share.kind === 'joint' ? 1 : lagrangeAtZero(quorum, share.index, prime);
    return (multiplyMod(lambda, products[limb]!, prime) + errors[limb]!) % prime;
  });
}

/** Uniform in [−bound, bound]. */
function drawNoise(bound: bigint): bigint {
  return uniformBelow(2n * bound + 1n, randomBytes) - bound;
}

/** Throws BYTES_INVALID for a level, length or residue that the parameters do not have. */
export function checkSample({ n, dataPrimes }: Parameters, { limbs, a, b }: LweSample): void {
  const fail = (reason: string): never => {
    throw new OpalineError('BYTES_INVALID', { what: 'an encrypted sum', reason });
  };
  if (!Number.isInteger(limbs) || limbs < 1 || limbs > dataPrimes.length) {
    fail(`${limbs} limbs are no level of its parameters`);
  }
  if (b.length !== limbs || a.length !== limbs * n) fail('a polynomial of the wrong length');
  for (let limb = 0; limb < limbs; limb += 1) {
    const prime = dataPrimes[limb]!;
    let below = b[limb]! < prime;
    for (let i = limb * n; i < (limb + 1) * n; i += 1) below = below && a[i]! < prime;
    if (!below) fail('a coefficient is not below its prime');
  }
}
