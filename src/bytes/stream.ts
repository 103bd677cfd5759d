import { ctr, ecb } from '@noble/ciphers/aes.js';
import { nodeCrypto } from './native.ts';

/**
 * AES-CTR (NIST SP 800-38A) with a 16-byte initial counter block. Key of 16 or 32 bytes. No
 * authentication: for blocks whose integrity is checked elsewhere, under keys used once each.
 */
export function streamXor(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return ctr(key, counter).encrypt(data);
  const cipher = nodeCrypto.createCipheriv(
    key.length === 16 ? 'aes-128-ctr' : 'aes-256-ctr',
    key,
    counter,
  );
  return new Uint8Array(cipher.update(data));
}

/**
 * AES on each 16-byte block on its own: a pseudorandom permutation evaluated on many inputs with one
 * call. Only for distinct, structured inputs (PRF use, below 2^48 blocks a key); never for data.
 */
export function permuteBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return ecb(key, { disablePadding: true }).encrypt(blocks);
  const cipher = nodeCrypto.createCipheriv(
    key.length === 16 ? 'aes-128-ecb' : 'aes-256-ecb',
    key,
    null,
  );
  cipher.setAutoPadding(false);
  return new Uint8Array(cipher.update(blocks));
}
