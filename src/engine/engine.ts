import type { Parameters } from '../params/parameters.ts';

/**
 * One encrypted sum, as an LWE sample of the table's ring secret: the constant coefficient of c0
 * and the whole polynomial c1, so that c0 + (c1·s)[0] = ⌊q/t⌉·m + noise.
 */
export interface LweSample {
  /** Limbs left after modulus switching: 1 to parameters.dataPrimes.length. */
  readonly limbs: number;
  /** One residue a limb. */
  readonly b: Uint32Array;
  /** `limbs · n` residues, [limb][coefficient], coefficient form. */
  readonly a: Uint32Array;
}

/**
 * A fresh seeded symmetric ciphertext of n values, one per coefficient: c0 as limbs in coefficient
 * form, and the seed from which SEAL's generator expands c1.
 */
export interface SeededCiphertext {
  /** dataPrimes.length · n residues, coefficient form. */
  readonly c0: Uint32Array;
  /** SEAL's 64-byte seed. */
  readonly seed: Uint8Array;
}

/** What a store may do: no secret, no way to a plaintext. */
export interface PublicEngine extends Disposable {
  readonly kind: 'seal' | 'plain';
  readonly parameters: Parameters;
  /** c1 of a seeded ciphertext: dataPrimes.length · n residues, coefficient form. */
  expand(ciphertext: SeededCiphertext): Uint32Array;
}

/** What only the vault may do. Made by keys/secret.ts alone. */
export interface SecretEngine extends Disposable {
  readonly kind: 'seal' | 'plain';
  readonly parameters: Parameters;
  /** Encrypt n signed values, |v| < t/2, one per coefficient. Missing ones count as 0. */
  encrypt(values: ArrayLike<bigint> | Float64Array): SeededCiphertext;
  /** The signed message in (−t/2, t/2] of an LWE sample. */
  decrypt(sample: LweSample): bigint;
  /** The n signed values of a fresh ciphertext: what `encrypt` was given. For t up to 2^53. */
  decryptFresh(ciphertext: SeededCiphertext): Float64Array;
}
