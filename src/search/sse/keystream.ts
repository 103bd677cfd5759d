import { chacha20 } from '@noble/ciphers/chacha.js';
import { wordsOf } from '../../bytes/codec.ts';
import { nodeCrypto } from '../../bytes/native.ts';

/** Bytes of a ChaCha20 block. */
export const BLOCK_BYTES = 64;
const NONCE = new Uint8Array(12);
/** The same start for OpenSSL, whose IV is the block counter, u32, before the nonce. */
const NATIVE_IV = new Uint8Array(16);
/** Bytes from which a call into node:crypto pays. */
const NATIVE_BYTES = 640;
/** Some builds of OpenSSL lack the cipher. */
const native = nodeCrypto?.getCiphers().includes('chacha20') === true ? nodeCrypto : undefined;

/**
 * What a keyword's key expands to: labels and pads, as one ChaCha20 keystream (RFC 8439, section
 * 2.4), each word of it used once.
 *
 * The nonce is zero. That is safe because no key starts a second keystream: a key is the output of a
 * PRF for one keyword under the key of one segment, a segment's index is built once, and a keyword
 * has one list (or one edge block) in it. Whoever looks the list up computes the same words again.
 *
 * Cash et al. give a keyword two keys, for the PRF of its labels and for the cipher of its payloads.
 * Here both are disjoint pieces of one PRF's output, which is as good by the PRF's security and
 * halves the token. The argument is theirs, with the proof as repaired by Jaeger and Tyagi ("Handling
 * Adaptive Compromise for Practical Encryption Schemes", CRYPTO 2020): non-adaptive security when
 * ChaCha20 is a PRF, adaptive when it is an ideal primitive that the simulator can program, because
 * tokens reveal answers.
 */
export function keystream(key: Uint8Array, words: number): Uint32Array {
  const out = new Uint8Array(4 * words);
  fillKeystream(key, out);
  return wordsOf(out);
}

/** The keystream's first bytes, as many as `out` has, over whatever is in it. */
export function fillKeystream(key: Uint8Array, out: Uint8Array): void {
  out.fill(0);
  if (native === undefined || out.length < NATIVE_BYTES) chacha20(key, NONCE, out, out);
  else out.set(native.createCipheriv('chacha20', key, NATIVE_IV).update(out));
}
