import type {
  AnyParameters,
  CheckParameters,
  Parameters,
  ProductParameters,
  RealParameters,
} from '../params/parameters.ts';

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
 * A sum of products of ciphertexts: (c0, c1, c2) with c0 + c1·s + c2·s² = m·f + t·noise, where m has
 * the sums in its slots and f is the correction factor that modulus switching down to `limbs` leaves.
 */
export interface ProductSum {
  readonly limbs: number;
  /** `3 · limbs · n` residues, [polynomial][limb][place], evaluation form. */
  readonly polynomials: Uint32Array;
}

/**
 * A fresh seeded symmetric ciphertext of n values: c0 as limbs, and the seed from which SEAL's
 * generator expands c1.
 */
export interface SeededCiphertext {
  /** dataPrimes.length · n residues: coefficient form (BFV) or evaluation form (BGV). */
  readonly c0: Uint32Array;
  /** SEAL's 64-byte seed. */
  readonly seed: Uint8Array;
}

/** A fresh ciphertext of n values under a public key: neither half follows from a seed. */
export interface WholeCiphertext {
  /** dataPrimes.length · n residues, coefficient form. */
  readonly c0: Uint32Array;
  /** The same, evaluation form. */
  readonly c1: Uint32Array;
}

/** Encrypts n signed values, |v| < t/2, one per coefficient or slot; what columns are made with. */
export interface ColumnEncryptor {
  readonly parameters: AnyParameters;
  encrypt(values: ArrayLike<bigint> | Float64Array): SeededCiphertext | WholeCiphertext;
}

/** Encryption under a public key, whose secret may be nowhere in one piece. */
export interface PublicKeyEngine extends Disposable {
  readonly kind: 'seal';
  readonly parameters: Parameters;
  /** Missing values count as 0. */
  encrypt(values: ArrayLike<bigint> | Float64Array): WholeCiphertext;
}

/** The same of columns that verify sums under that key: encrypts residues modulo a prime. */
export interface PublicCheckEngine extends Disposable {
  readonly parameters: CheckParameters;
  /** At most n residues, one per coefficient. Missing ones count as 0. */
  encrypt(residues: Float64Array): WholeCiphertext;
}

/** What a store may do: no secret, no way to a plaintext. */
export interface PublicEngine extends Disposable {
  readonly kind: 'seal' | 'plain';
  readonly parameters: AnyParameters;
  /** c1 of a seeded ciphertext: dataPrimes.length · n residues in the form that c0 has. */
  expand(ciphertext: SeededCiphertext): Uint32Array;
}

/** Opens sums, or checks of sums, and encrypts nothing. What only the vault may do; made by keys/secret.ts alone. */
export interface SumDecryptor extends Disposable {
  readonly parameters: Parameters | CheckParameters;
  /**
   * The message of an LWE sample: signed, in (−t/2, t/2], of a sum; the residue, in [0, t), of a check.
   * @throws BYTES_INVALID for a level, length or residue that the parameters do not have
   */
  decrypt(sample: LweSample): bigint;
}

/** What only the vault may do. Made by keys/secret.ts alone. */
export interface SecretEngine extends SumDecryptor {
  readonly kind: 'seal' | 'plain';
  readonly parameters: Parameters;
  /** Encrypt n signed values, |v| < t/2, one per coefficient. Missing ones count as 0. */
  encrypt(values: ArrayLike<bigint> | Float64Array): SeededCiphertext;
  /** The n signed values of a fresh ciphertext: what `encrypt` was given. For t up to 2^53. */
  decryptFresh(ciphertext: SeededCiphertext): Float64Array;
}

/** Columns that verify sums: as SecretEngine, modulo a prime. Made by keys/secret.ts alone. */
export interface CheckEngine extends SumDecryptor {
  readonly parameters: CheckParameters;
  /** Encrypt at most n residues, one per coefficient. Missing ones count as 0. */
  encrypt(residues: Float64Array): SeededCiphertext;
}

/** Opens sums of products. What only the vault may do; made by keys/secret.ts alone. */
export interface ProductDecryptor extends Disposable {
  readonly parameters: ProductParameters;
  /**
   * Σ over all slots, each as its signed value in (−t/2, t/2).
   * @throws BYTES_INVALID for a level, length or residue that the parameters do not have
   */
  decryptTotal(sum: ProductSum): bigint;
}

/** Makes ciphertexts that can be multiplied, too. */
export interface ProductEngine extends ProductDecryptor {
  /** Encrypt n signed values, |v| < t/2, one per slot. Missing ones count as 0. */
  encrypt(values: ArrayLike<bigint> | Float64Array): SeededCiphertext;
}

/** Σ c_j·s^j = scale·(its slots) + error, of 2 to 4 polynomials c_j. */
export interface RealCiphertext {
  readonly limbs: number;
  readonly scale: number;
  /** [polynomial][limb][coefficient], coefficient form. */
  readonly polynomials: Uint32Array;
}

/** Approximate arithmetic on reals. What only the vault may do; made by keys/secret.ts alone. */
export interface RealEngine extends Disposable {
  readonly parameters: RealParameters;
  /** Encrypt n/2 numbers of at most 1, one per slot. Missing ones count as 0. */
  encrypt(values: Float64Array): SeededCiphertext;
  /**
   * The n/2 slots, raw: their error is a function of the secret, so that they go no further than the gate,
   * which rounds them for the owner (gate/score-rows.ts).
   */
  decrypt(ciphertext: RealCiphertext): Float64Array;
}
