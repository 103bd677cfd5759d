import { wordsOf } from '../../bytes/codec.ts';
import { chachaBlock } from './chacha.ts';

const BLOCK_WORDS = 16;

/**
 * What a keyword's key expands to: labels and pads, as one ChaCha20 keystream (RFC 8439, section
 * 2.4) under a zero nonce, each word of it used once.
 *
 * Cash et al. give a keyword two keys, for the PRF of its labels and for the cipher of its payloads.
 * Here both are disjoint pieces of one PRF's output, which is as good by the PRF's security and
 * halves the token. A key lives for one list of one segment, which is written once, so the nonce can
 * be constant. The proof is theirs: non-adaptive security when ChaCha20 is a PRF, adaptive when it is
 * modelled as a random oracle, which the simulator must program because tokens reveal answers.
 *
 * ChaCha20 rather than AES because a segment has up to a few hundred thousand keywords, most with one
 * short record: there is no key schedule, and it costs the same in a browser.
 */
export function keystream(key: Uint8Array, words: number): Uint32Array {
  const out = new Uint32Array(roundUp(words));
  fillKeystream(wordsOf(key), 0, out, words);
  return out.subarray(0, words);
}

/** The first `words` words under the key at word `keyAt` of `keys`, into `out`, and to a whole block. */
export function fillKeystream(
  keys: Uint32Array,
  keyAt: number,
  out: Uint32Array,
  words: number,
): void {
  for (let at = 0; at < words; at += BLOCK_WORDS) {
    chachaBlock(keys, keyAt, at / BLOCK_WORDS, out, at);
  }
}

/** Room that `fillKeystream` needs. */
export function roundUp(words: number): number {
  return Math.ceil(words / BLOCK_WORDS) * BLOCK_WORDS;
}
