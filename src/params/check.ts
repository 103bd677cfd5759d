import { OpalineError } from '../errors/index.ts';
import { product } from '../ring/residues.ts';
import { checkRing } from '../ring/shapes.ts';
import type { Parameters } from './parameters.ts';
import { securityLevel } from './security.ts';

/** Unchecked parameters, as written in code or read from a manifest. */
export interface ParametersLiteral {
  readonly preset: string;
  readonly scheme: string;
  readonly n: number;
  readonly dataPrimes: readonly number[];
  readonly specialPrime: number;
  readonly plainBits: number;
}

/** Bits of SEAL's auxiliary prime γ, at least (SEAL_INTERNAL_MOD_BIT_COUNT is 61). */
const GAMMA_BITS = 60n;
const PLAIN_BITS = [32, 48];

/**
 * Check a literal and freeze it.
 *
 * Beyond shape, primality and the HE-standard bound it checks that q·L·8 ≤ γ·t for L data primes,
 * which noise.ts needs to leave the error of SEAL's RNS decryption out of its bounds.
 *
 * @throws PARAMETERS_INVALID with what is wrong
 */
export function checkParameters(literal: ParametersLiteral): Parameters {
  const { preset, scheme, n, dataPrimes, specialPrime, plainBits } = literal;
  if (preset !== 'sum') throw invalid('the only preset of this version is "sum"');
  if (scheme !== 'bfv') throw invalid('the preset "sum" uses the scheme "bfv"');
  if (!PLAIN_BITS.includes(plainBits)) {
    throw invalid(`the plaintext modulus must be 2^${PLAIN_BITS.join(' or 2^')}`);
  }
  if (!Array.isArray(dataPrimes)) throw invalid('the data primes must be a list');
  checkRing(n, [...dataPrimes, specialPrime]);

  const dataModulus = product(dataPrimes);
  const totalBits = (dataModulus * BigInt(specialPrime)).toString(2).length;
  const security = securityLevel(n, totalBits);
  if (security === undefined) {
    throw invalid(`a modulus of ${totalBits} bits at n = ${n} gives less than 128-bit security`);
  }
  const t = 1n << BigInt(plainBits);
  if (dataModulus <= t) throw invalid('the plaintext modulus reaches the ciphertext modulus');
  if (dataModulus * BigInt(dataPrimes.length) * 8n > t << GAMMA_BITS) {
    throw invalid('the ciphertext modulus is too large for exact RNS decryption');
  }
  return Object.freeze({
    preset,
    scheme,
    n,
    dataPrimes: Object.freeze([...dataPrimes]),
    specialPrime,
    plainBits,
    totalBits,
    security,
  });
}

function invalid(reason: string): OpalineError<'PARAMETERS_INVALID'> {
  return new OpalineError('PARAMETERS_INVALID', { reason });
}
