/**
 * Checked, frozen scheme parameters. Only `params/check.ts` makes them from a literal, after
 * verifying security, primality and the bounds that the engine relies on.
 */
export interface Parameters {
  readonly preset: 'sum';
  readonly scheme: 'bfv';
  /** Ring degree. */
  readonly n: number;
  /** Primes of a data-level ciphertext, in SEAL's order. */
  readonly dataPrimes: readonly number[];
  /** SEAL's key-switching prime, part of the security budget. */
  readonly specialPrime: number;
  /** Plaintext modulus t = 2^k. */
  readonly plainBits: number;
  /** log2 of the product of all primes, rounded up. */
  readonly totalBits: number;
  /** Classical security in bits by the HE-standard table. */
  readonly security: 128 | 192 | 256;
}
