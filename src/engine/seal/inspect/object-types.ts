import type { ModulusChain } from './modulus-chain.ts';
import type { SealScheme } from './parameters-bytes.ts';

/** SEAL's classes that have a serialised form. */
export const SEAL_TYPES = [
  'Ciphertext',
  'PublicKey',
  'Plaintext',
  'SecretKey',
  'RelinKeys',
  'GaloisKeys',
  'EncryptionParameters',
] as const;
export type SealType = (typeof SEAL_TYPES)[number];

/** What an object has to be. Where a field is left out, everything valid under the chain will do. */
export interface ExpectedObject {
  /** The parameters it belongs to. Without them only the form is checked. */
  readonly chain?: ModulusChain | undefined;
  /** Primes left in a ciphertext or in a plaintext in NTT form. */
  readonly limbs?: number;
  readonly polynomials?: number;
  readonly seeded?: boolean;
  readonly scale?: number;
  readonly correctionFactor?: bigint;
}

/** What is known of a valid object: its shape, and nothing of its contents. */
export interface SealFacts {
  readonly scheme: SealScheme | undefined;
  readonly n: number | undefined;
  /** The primes of its level; the parameters tell them, not the object. */
  readonly primes?: readonly bigint[] | undefined;
  /** How many they are. */
  readonly limbs?: number;
  readonly polynomials?: number;
  /** Words of a plaintext. */
  readonly coefficients?: number;
  /** Key-switching keys that are there. */
  readonly keys?: number;
  readonly seeded?: boolean;
  readonly ntt?: boolean;
  readonly scale?: number;
  readonly correctionFactor?: bigint;
  /** The message can be read without a key. */
  readonly transparent?: boolean;
  readonly plainModulus?: bigint;
  /** Classical bits by the HE-standard table; 0 for less than 128. */
  readonly security?: number;
}
