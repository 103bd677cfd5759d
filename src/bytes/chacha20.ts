import { chacha20 } from '@noble/ciphers/chacha.js';
import { nodeCrypto } from './native.ts';

/** Some builds of OpenSSL lack the cipher. */
const native = nodeCrypto?.getCiphers().includes('chacha20') === true ? nodeCrypto : undefined;
const BLOCK = 64;

/**
 * The ChaCha20 keystream (RFC 8439, section 2.4) of a 32-byte key that starts no other, from its
 * beginning and with a zero nonce. Each call fills an array with what comes next; lengths are
 * multiples of 64 bytes, and all of them together stay below 2^38.
 */
export function chacha20Stream(key: Uint8Array): (into: Uint8Array) => void {
  if (native !== undefined) {
    // OpenSSL's IV is the block counter, u32, before the nonce.
    const cipher = native.createCipheriv('chacha20', key, new Uint8Array(16));
    return (into) => into.set(cipher.update(into.fill(0)));
  }
  const nonce = new Uint8Array(12);
  let block = 0;
  return (into) => {
    chacha20(key, nonce, into.fill(0), into, block);
    block += into.length / BLOCK;
  };
}
