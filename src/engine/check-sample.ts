/** What every engine asks of an encrypted sum before it looks into it. */
import { OpalineError } from '../errors/index.ts';
import type { CheckParameters, Parameters, ProductParameters } from '../params/parameters.ts';
import { plainModulus } from '../params/plain-modulus.ts';
import { product } from '../ring/residues.ts';
import type { LweSample } from './engine.ts';

/** Of a plaintext modulus. */
type ExactParameters = Parameters | CheckParameters | ProductParameters;

/** The primes of so many limbs; undefined where the parameters have no such level: SEAL ends its chain above t. */
export function primesOf(
  parameters: ExactParameters,
  limbs: number,
): readonly number[] | undefined {
  const primes = parameters.dataPrimes.slice(0, Math.max(limbs, 0));
  return primes.length === limbs && product(primes) > plainModulus(parameters) ? primes : undefined;
}

/** The same. @param what for messages @throws BYTES_INVALID where there is no such level */
export function requireLevel(
  what: string,
  parameters: ExactParameters,
  limbs: number,
): readonly number[] {
  const primes = primesOf(parameters, limbs);
  if (primes !== undefined) return primes;
  throw invalid(what, `${limbs} limbs are no level of its parameters`);
}

/**
 * The primes of a sample that the parameters have.
 * @param what for messages
 * @throws BYTES_INVALID for a level, length or residue that they do not have
 */
export function checkSample(
  what: string,
  parameters: Parameters | CheckParameters,
  { limbs, a, b }: LweSample,
): readonly number[] {
  const primes = requireLevel(what, parameters, limbs);
  checkResidues(what, b, primes, 1);
  checkResidues(what, a, primes, parameters.n);
  return primes;
}

/** @throws BYTES_INVALID unless there are `each` residues a prime, all below it */
export function checkResidues(
  what: string,
  residues: Uint32Array,
  primes: readonly number[],
  each: number,
): void {
  if (residues.length !== primes.length * each) {
    throw invalid(what, 'a polynomial of the wrong length');
  }
  for (const [limb, prime] of primes.entries()) {
    let worst = 0;
    for (let i = limb * each; i < (limb + 1) * each; i += 1) {
      const residue = residues[i]!;
      if (residue > worst) worst = residue;
    }
    if (worst >= prime) throw invalid(what, 'a coefficient is not below its prime');
  }
}

function invalid(what: string, reason: string): OpalineError<'BYTES_INVALID'> {
  return new OpalineError('BYTES_INVALID', { what, reason });
}
