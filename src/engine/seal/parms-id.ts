import { blake2b } from '@noble/hashes/blake2.js';

/** SEAL's scheme_type (native/src/seal/encryptionparams.h). */
const SCHEMES = { bfv: 1n, ckks: 2n, bgv: 3n } as const;

/**
 * SEAL's identity of one level of a modulus chain: BLAKE2b-256 of the 64-bit little-endian words
 * scheme, n, each prime, t (EncryptionParameters::compute_parms_id, native/src/seal/
 * encryptionparams.cpp). CKKS has t = 0.
 */
export function computeParmsId(
  scheme: keyof typeof SCHEMES,
  n: number,
  primes: readonly (number | bigint)[],
  plainModulus: bigint,
): Uint8Array {
  const words = [SCHEMES[scheme], BigInt(n), ...primes.map(BigInt), plainModulus];
  const bytes = new DataView(new ArrayBuffer(words.length * 8));
  for (const [i, word] of words.entries()) bytes.setBigUint64(i * 8, word, true);
  return blake2b(new Uint8Array(bytes.buffer), { dkLen: 32 });
}
