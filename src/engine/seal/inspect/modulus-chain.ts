import { equalBytes } from '../../../bytes/compare.ts';
import { OpalineError } from '../../../errors/index.ts';
import { computeParmsId } from '../parms-id.ts';
import { isDegree } from './limits.ts';
import type { ParametersBytes, SealScheme } from './parameters-bytes.ts';
import { isPrime64 } from './prime.ts';

/** One level of a modulus chain: the primes left, and the identity that its objects carry. */
export interface Level {
  readonly parmsId: Uint8Array;
  readonly primes: readonly bigint[];
}

/** Every level that objects under some parameters can have. */
export interface ModulusChain {
  readonly scheme: SealScheme;
  readonly n: number;
  readonly plainModulus: bigint;
  /** Keys: all primes. */
  readonly key: Level;
  /** Ciphertexts and plaintexts, fresh ones first. With a single prime it is the key level. */
  readonly data: readonly Level[];
}

/**
 * The chain SEAL would make of parameters, without SEAL: the checks of SEALContext::validate and
 * create_next_context_data (native/src/seal/context.cpp), security apart.
 *
 * Throws PARAMETERS_INVALID for parameters whose context SEAL refuses: they parse, and no object can
 * belong to them.
 */
export function modulusChain(parameters: ParametersBytes): ModulusChain {
  const { scheme, n, primes, plainModulus: t } = parameters;
  if (!isDegree(n)) throw invalid('the degree is not a power of two from 2 to 131072');
  for (const prime of primes) {
    if (!isPrime64(prime)) throw invalid('a coefficient modulus is not prime');
    if (prime % BigInt(2 * n) !== 1n) throw invalid('a prime is not 1 modulo 2n');
    if (t % prime === 0n && t !== 0n) throw invalid('a prime divides the plaintext modulus');
  }
  if (new Set(primes).size < primes.length) throw invalid('a prime occurs twice');
  if (scheme === 'ckks' && t !== 0n) throw invalid('CKKS has no plaintext modulus');
  if (scheme !== 'ckks' && t === 0n) throw invalid('the plaintext modulus is missing');

  const level = (count: number): Level => {
    const left = primes.slice(0, count);
    return { parmsId: computeParmsId(scheme, n, left, t), primes: left };
  };
  const key = level(primes.length);
  const data: Level[] = primes.length === 1 ? [key] : [];
  for (let count = primes.length - 1; count > 0; count -= 1) {
    // The chain ends where the plaintext modulus would reach the ciphertext modulus.
    if (modulusOf(primes.slice(0, count)) <= t) break;
    data.push(level(count));
  }
  if (data.length === 0 || modulusOf(primes) <= t) {
    throw invalid('the plaintext modulus reaches the ciphertext modulus');
  }
  return { scheme, n, plainModulus: t, key, data };
}

/** The level with that identity; `data` is looked at first or `key`, since one can be both. */
export function levelOf(levels: readonly Level[], parmsId: Uint8Array): Level | undefined {
  return levels.find((level) => equalBytes(level.parmsId, parmsId));
}

export function modulusOf(primes: readonly bigint[]): bigint {
  return primes.reduce((product, prime) => product * prime, 1n);
}

function invalid(reason: string): OpalineError<'PARAMETERS_INVALID'> {
  return new OpalineError('PARAMETERS_INVALID', { reason });
}
