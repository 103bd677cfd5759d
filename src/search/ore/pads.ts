import { AES_BLOCK, aesBlocks } from '../../bytes/aes-blocks.ts';
import { BLOCK_KEY_BYTES, FAN, SALT_BYTES } from './format.ts';

/**
 * The hash H(k, r) that masks the entries of row r under the keys of its blocks (Lewi–Wu, section 3): two bits of
 * π(k ⊕ r) ⊕ k ⊕ r, where π is AES-128 under the index's public salt.
 *
 * The paper asks for a random oracle. This one is Matyas, Meyer and Oseas' over a fixed permutation, which Guo, Katz, Wang and
 * Yu, "Efficient and Secure Multiparty Computation from Fixed-Key Block Ciphers", IEEE S&P 2020, prove correlation
 * robust if π is a random permutation: for secret random keys, pads of known distinct offsets are random. That is
 * what the paper's proof asks of entries that no query opens. Those that one opens are programmed by the simulator, as in the
 * paper: a key unknown until then meets π where nobody asked it, but with the probability that p evaluations of π hit one
 * of the q inputs in use, p·q/2^128, where q < 2^26 for a segment, which has a salt of its own.
 *
 * A hash of 64 bytes of input takes about half a microsecond in JavaScript, and a row of 32 bits has 128 entries: with SHA-256 a
 * segment would take a quarter of a minute. Here the blocks of thousands of rows go through the platform's AES at once.
 *
 * The paper's r is random, as its encryption keeps no count. Here it is the row's number: keys are of one build, in
 * which a row is encrypted once.
 */
export interface Pads {
  /**
   * Pads of one key and many rows: `pads[i]`, two bits, of `rows[i]`; at most PAD_BATCH rows.
   */
  ofRows(key: Uint8Array, rows: Uint32Array, pads: Uint8Array): void;
  /** Words of 16 pads: of `rows[i]` under the FAN keys at `keys[256·i]`; `words[i]`. At most WORD_BATCH rows. */
  ofBlocks(keys: Uint8Array, rows: Uint32Array, count: number, words: Uint32Array): void;
}

export const PAD_BATCH = 4096;
export const WORD_BATCH = 256;
/** Bytes of all keys of a block. */
export const BLOCK_KEYS: number = FAN * BLOCK_KEY_BYTES;

export function padsOf(salt: Uint8Array): Pads {
  const permute = aesBlocks(salt.slice(0, SALT_BYTES));
  const inputs = new Uint8Array(PAD_BATCH * AES_BLOCK);
  return {
    ofRows: (key, rows, pads) => {
      const used = inputs.subarray(0, rows.length * AES_BLOCK);
      for (let i = 0; i < rows.length; i++) {
        used.set(key, AES_BLOCK * i);
        offset(used, AES_BLOCK * i, rows[i]!);
      }
      const outputs = permute(used);
      for (let i = 0, at = 0; i < rows.length; i++, at += AES_BLOCK) {
        pads[i] = (outputs[at]! ^ used[at]!) & 3;
      }
      used.fill(0);
    },
    ofBlocks: (keys, rows, count, words) => {
      const used = inputs.subarray(0, count * BLOCK_KEYS);
      used.set(keys.subarray(0, used.length));
      for (let i = 0, at = 0; i < count; i++) {
        for (let t = 0; t < FAN; t++, at += AES_BLOCK) offset(used, at, rows[i]!);
      }
      const outputs = permute(used);
      for (let i = 0, at = 0; i < count; i++) {
        let word = 0;
        for (let t = 0; t < FAN; t++, at += AES_BLOCK) {
          word |= ((outputs[at]! ^ used[at]!) & 3) << (2 * t);
        }
        words[i] = word;
      }
      used.fill(0);
    },
  };
}

/** The row, 18 bits, into the block from byte `at` on, little-endian. */
function offset(block: Uint8Array, at: number, row: number): void {
  block[at]! ^= row & 0xff;
  block[at + 1]! ^= (row >>> 8) & 0xff;
  block[at + 2]! ^= row >>> 16;
}
