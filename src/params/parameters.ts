/**
 * Checked, frozen scheme parameters. Only `params/check.ts` makes them from a literal, after
 * verifying security, primality and the bounds that the engine relies on.
 */
export interface Parameters extends RingParameters {
  readonly preset: 'sum' | 'threshold';
  readonly scheme: 'bfv';
  /** Plaintext modulus t = 2^k. */
  readonly plainBits: number;
  /** Of `threshold` alone: among whom the secret is divided, which its noise depends on. */
  readonly division?: Division;
}

/** Among whom a ring secret is divided. */
export interface Division {
  /** Ternary secrets whose sum is the key's: 1 of a key that a dealer shared out, all of a joint key. */
  readonly parties: number;
  /** Custodians whose partial decryptions make one decryption. */
  readonly quorum: number;
}

/** Parameters whose ciphertexts can be multiplied: one row per slot. */
export interface ProductParameters extends RingParameters {
  readonly preset: 'product';
  readonly scheme: 'bgv';
  /**
   * Primes whose product is the plaintext modulus t. Each is 1 modulo 2n, so that Z_t[X]/(X^n + 1) is
   * n copies of Z_t (slots), and below 2^24, so that t's arithmetic is exact in doubles and each
   * prime's transform is the ring's own.
   */
  readonly plainPrimes: readonly [number, number];
}

/**
 * Parameters of the columns that verify sums: those of the sums but for the plaintext modulus, which is a prime, so
 * that a sum is checked in a field. To a store and to custodians the two are the same.
 */
export interface CheckParameters extends RingParameters {
  readonly preset: 'check';
  readonly scheme: 'bfv';
  /** t, of 48 bits. */
  readonly plainPrime: number;
  /** Of the checks of a divided table alone: that of its sums. */
  readonly division?: Division;
}

/** Parameters of approximate arithmetic on reals: one row per slot, n/2 of them. */
export interface RealParameters extends RingParameters {
  readonly preset: 'real';
  readonly scheme: 'ckks';
  /** A fresh ciphertext holds its values times 2^scaleBits. */
  readonly scaleBits: number;
}

export interface RingParameters {
  /** Ring degree. */
  readonly n: number;
  /** Primes of a data-level ciphertext, in SEAL's order. */
  readonly dataPrimes: readonly number[];
  /** SEAL's key-switching prime, part of the security budget. */
  readonly specialPrime: number;
  /** log2 of the product of all primes, rounded up. */
  readonly totalBits: number;
  /** Classical security in bits by the HE-standard table. */
  readonly security: 128 | 192 | 256;
}

export type AnyParameters = Parameters | CheckParameters | ProductParameters | RealParameters;
