import { chacha20, hchacha } from '@noble/ciphers/chacha.js';
import { utf8, wordsOf } from '../../bytes/codec.ts';
import { nodeCrypto } from '../../bytes/native.ts';

/** Bytes of the head: more than a small record, which is all that a short list takes. */
export const HEAD_BYTES = 64;
/** Bytes of the tail from which a call into node:crypto pays. */
const NATIVE_BYTES = 640;
/** Some builds of OpenSSL lack the cipher. */
const native = nodeCrypto?.getCiphers().includes('chacha20') === true ? nodeCrypto : undefined;
const ZERO_NONCE = new Uint8Array(12);
/** The same start for OpenSSL, whose IV is the block counter, u32, before the nonce. */
const ZERO_IV = new Uint8Array(16);

/** "expand 32-byte k" (RFC 8439, section 2.3). */
const CONSTANTS = wordView(new Uint8Array(utf8('expand 32-byte k')));
/** Room for HChaCha20's operands, which it wants as words; wiped after each use. */
const KEY = new Uint8Array(32);
const INPUT = new Uint8Array(16);
/** What inputs 0 and 1 give, which is the head, then what 2 gives, which is the tail's key. */
const OUTPUT = new Uint8Array(96);
const HEAD = OUTPUT.subarray(0, HEAD_BYTES);
const TAIL_KEY = OUTPUT.subarray(HEAD_BYTES);
const [KEY_WORDS, INPUT_WORDS] = [wordView(KEY), wordView(INPUT)];
const OUTPUT_WORDS = [0, 1, 2].map((n) => wordView(OUTPUT).subarray(8 * n, 8 * n + 8));

/**
 * What a keyword's key, the token, expands to: labels and pads, each word used once.
 *
 * The first 64 bytes are HChaCha20(key, 0) ‖ HChaCha20(key, 1), the rest is the ChaCha20 keystream
 * (RFC 8439, section 2.4) under HChaCha20(key, 2), which makes it XChaCha20 with nonce 2
 * (draft-irtf-cfrg-xchacha-03, section 2). HChaCha20 (its section 2.2) is a PRF if ChaCha20 is one, by
 * the reduction of Bernstein, "Extending the Salsa20 nonce", 2011. The head could be ChaCha20 as
 * well, but a segment has up to a few hundred thousand keywords, most with one short record, and
 * setting up a stream for each makes building the index a third slower.
 *
 * There is no other nonce, which is safe because no key starts a second keystream: a key is the
 * output of a PRF for one keyword under the key of one segment, a segment's index is built once, and
 * a keyword has one list, or one edge block, in it. Whoever looks it up computes the same words.
 *
 * Cash et al. give a keyword two keys, for the PRF of its labels and for the cipher of its payloads.
 * Here both are disjoint pieces of one PRF's output, which is as good by the PRF's security and
 * halves the token. The argument is theirs, with the proof as mended by Jaeger and Tyagi ("Handling
 * Adaptive Compromise for Practical Encryption Schemes", CRYPTO 2020): non-adaptive security in the
 * standard model; adaptive when ChaCha20 is an ideal primitive that a simulator can program, because
 * tokens reveal answers.
 */
export function keystream(key: Uint8Array, words: number): Uint32Array {
  const out = new Uint8Array(4 * words);
  fillKeystream(key, out);
  return wordsOf(out);
}

/** The keystream's first bytes, as many as `out` has, over whatever is in it. */
export function fillKeystream(key: Uint8Array, out: Uint8Array): void {
  KEY.set(key);
  expand(0);
  expand(1);
  if (out.length > HEAD_BYTES) {
    expand(2);
    out.set(HEAD);
    fillTail(out.subarray(HEAD_BYTES));
  } else {
    out.set(out.length === HEAD_BYTES ? HEAD : HEAD.subarray(0, out.length));
  }
  KEY.fill(0);
  OUTPUT.fill(0);
}

/** HChaCha20(KEY, number) into its part of OUTPUT. */
function expand(number: 0 | 1 | 2): void {
  INPUT[0] = number;
  hchacha(CONSTANTS, KEY_WORDS, INPUT_WORDS, OUTPUT_WORDS[number]!);
}

/** The ChaCha20 keystream under TAIL_KEY and a zero nonce. */
function fillTail(out: Uint8Array): void {
  out.fill(0);
  if (native === undefined || out.length < NATIVE_BYTES) chacha20(TAIL_KEY, ZERO_NONCE, out, out);
  else out.set(native.createCipheriv('chacha20', TAIL_KEY, ZERO_IV).update(out));
}

function wordView(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
