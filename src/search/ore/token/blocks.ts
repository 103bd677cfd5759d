import { AES_BLOCK, aesBlocks } from '../../../bytes/aes-blocks.ts';
import { wipe } from '../../../bytes/compare.ts';
import { deriveKey } from '../../../bytes/hash.ts';
import { BLOCK_KEY_BYTES, EQUAL, FAN, GREATER, LESS } from '../format.ts';
import { BLOCK_KEYS } from '../pads.ts';

/**
 * What belongs to one block of codes that have the same blocks before it: the keys of its entries, F(k, prefix ‖ t), and the
 * permutation of its values, π of the prefix (Lewi–Wu, section 4). F is AES-256 of the block's number, the prefix
 * and the entry, which are one AES block (section 5 takes AES as well); the number keeps prefixes of different lengths apart.
 *
 * The permutation is a shuffle by Fisher and Yates whose draws are the digits of one more AES block in the
 * mixed radix 16, 15, …, 2: uniform but for 16!/2^128 < 2^−83. The Feistel network of the authors' program is no
 * good permutation of so small a domain (Bogatov, Kollios, Reyzin, "A Comparative Evaluation of Order-Revealing
 * Encryption Schemes and Secure Range-Query Protocols", VLDB 2019).
 */
export interface BlockSource {
  /**
   * Keys and permutations of a block's prefixes, given as two words each, low and high, of the codes shifted down.
   * Prefix i has the BLOCK_KEYS bytes from BLOCK_KEYS·i on, and its value j the entry places[FAN·i + j].
   */
  blocks(block: number, prefixes: Uint32Array): { keys: Uint8Array; places: Uint8Array };
}

/** AES blocks of a prefix: its keys, then the draws of its shuffle. */
const PER_PREFIX = FAN + 1;

export function blockSource(key: Uint8Array): BlockSource {
  const prfKey = deriveKey(key, 'opaline/ore/block');
  const prf = aesBlocks(prfKey);
  wipe(prfKey);
  return {
    blocks: (block, prefixes) => {
      const count = prefixes.length / 2;
      const inputs = new Uint8Array(count * PER_PREFIX * AES_BLOCK);
      const view = new DataView(inputs.buffer);
      for (let i = 0, at = 0; i < count; i++) {
        for (let t = 0; t < PER_PREFIX; t++, at += AES_BLOCK) {
          view.setUint8(at, block);
          view.setUint8(at + 1, t);
          view.setUint32(at + 4, prefixes[2 * i]!, true);
          view.setUint32(at + 8, prefixes[2 * i + 1]!, true);
        }
      }
      const outputs = prf(inputs);
      const keys = new Uint8Array(count * BLOCK_KEYS);
      const places = new Uint8Array(count * FAN);
      for (let i = 0; i < count; i++) {
        const at = i * PER_PREFIX * AES_BLOCK;
        keys.set(outputs.subarray(at, at + BLOCK_KEYS), i * BLOCK_KEYS);
        shuffle(outputs, at + BLOCK_KEYS, places, i * FAN);
      }
      return { keys, places };
    },
  };
}

const digits = new Uint32Array(4);

/** Writes a permutation of [0, FAN) into `places` from `to` on, by the 16 bytes of `random` from `at` on. */
function shuffle(random: Uint8Array, at: number, places: Uint8Array, to: number): void {
  for (let w = 0; w < 4; w++) {
    const from = at + 4 * w;
    digits[w] =
      random[from]! |
      (random[from + 1]! << 8) |
      (random[from + 2]! << 16) |
      (random[from + 3]! << 24);
  }
  for (let j = 0; j < FAN; j++) places[to + j] = j;
  for (let j = FAN - 1; j > 0; j--) {
    const other = to + digit(j + 1);
    const held = places[to + j]!;
    places[to + j] = places[other]!;
    places[other] = held;
  }
  digits.fill(0);
}

/** The number in `digits` modulo `radix`, which it is divided by. */
function digit(radix: number): number {
  let rest = 0;
  for (let w = 3; w >= 0; w--) {
    const part = rest * 2 ** 32 + digits[w]!;
    const quotient = Math.floor(part / radix);
    rest = part - quotient * radix;
    digits[w] = quotient;
  }
  return rest;
}

/** The word of a block whose row has value y, before it is masked. */
export function comparisons(places: Uint8Array, at: number, y: number): number {
  let word = 0;
  for (let j = 0; j < FAN; j++) {
    const result = j < y ? LESS : j > y ? GREATER : EQUAL;
    word |= result << (2 * places[at + j]!);
  }
  return word;
}

/** The key of an entry; a view. */
export function entryKey(keys: Uint8Array, entry: number): Uint8Array {
  return keys.subarray(BLOCK_KEY_BYTES * entry, BLOCK_KEY_BYTES * (entry + 1));
}
