import { checkParameters } from './check.ts';
import type { Parameters } from './parameters.ts';

/** Bits of the plaintext modulus t = 2^k that the `sum` preset offers. */
export type SumPlainBits = 32 | 48;

const sum = (plainBits: SumPlainBits): Parameters =>
  checkParameters({
    preset: 'sum',
    scheme: 'bfv',
    n: 4096,
    // SEAL's CoeffModulus.Create(4096, [27, 27, 27, 27]): the largest such primes, in its order.
    dataPrimes: [133963777, 134012929, 134111233],
    specialPrime: 134176769,
    plainBits,
  });

const made = new Map<SumPlainBits, Parameters>();

/**
 * The `sum` preset: BFV at n = 4096, one row per coefficient, three data primes of 27 bits and a
 * key-switching prime (108 bits of the 109 that 128-bit classical security allows).
 * The same frozen object for the same k.
 */
export function sumParameters(plainBits: SumPlainBits): Parameters {
  const known = made.get(plainBits);
  if (known !== undefined) return known;
  const parameters = sum(plainBits);
  made.set(plainBits, parameters);
  return parameters;
}
