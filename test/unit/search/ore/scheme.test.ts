import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aesBlocks } from '../../../../src/bytes/aes-blocks.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { findRange, openOreIndex } from '../../../../src/search/ore/eval.ts';
import { FAN, parseOre } from '../../../../src/search/ore/format.ts';
import { blockOf, codeWords, prefixHigh, prefixLow } from '../../../../src/search/ore/code.ts';
import { BLOCK_KEYS, padsOf } from '../../../../src/search/ore/pads.ts';
import { rangeToken } from '../../../../src/search/ore/token.ts';
import { blockSource } from '../../../../src/search/ore/token/blocks.ts';
import { build } from './support.ts';

/** The paper's Compare (section 4) of one row, entry by entry, without batches. */
function compareOne(
  part: Uint8Array,
  row: number,
  entries: Uint8Array,
  keys: Uint8Array,
): 'less' | 'equal' | 'greater' | 'nonsense' {
  const { rows, blocks, salt, words } = parseOre(part);
  const permute = aesBlocks(salt.slice());
  for (let block = 0; block < blocks; block++) {
    const input = keys.slice(16 * block, 16 * block + 16);
    for (let b = 0; b < 3; b++) input[b]! ^= (row >>> (8 * b)) & 0xff;
    const pad = (permute(input)[0]! ^ input[0]!) & 3;
    const word = words.getUint32(4 * (block * rows + row), true);
    const result = ((word >>> (2 * entries[block]!)) & 3) ^ pad;
    if (result !== 0) return result === 1 ? 'less' : result === 2 ? 'greater' : 'nonsense';
  }
  return 'equal';
}

const cells = [3n, 900n, 17n, null, 901n, 16n, 3n, 65_000n];
const codes = cells.map((cell) => (cell === null ? 0n : cell - 3n + 1n));
const built = build('integer', cells);
const { blocks } = built.parsed;

/** The left ciphertext of a code, which is the token of what is not below it. */
function left(code: bigint): { entries: Uint8Array; keys: Uint8Array } {
  const token = rangeToken(built.key, built.parsed, { low: code });
  return { entries: token.slice(1, 1 + blocks), keys: token.slice(1 + blocks) };
}

describe('comparing a left ciphertext with right ones', () => {
  test('gives the order of the codes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 65_535n }), (code) => {
        const { entries, keys } = left(code);
        codes.forEach((other, row) => {
          const order = code < other ? 'less' : code > other ? 'greater' : 'equal';
          expect(compareOne(built.part, row, entries, keys)).toBe(order);
        });
      }),
    );
    for (const code of codes) {
      const { entries, keys } = left(code);
      expect(compareOne(built.part, 0, entries, keys)).toBe(
        code < codes[0]! ? 'less' : code > codes[0]! ? 'greater' : 'equal',
      );
    }
  });

  test('a token is two of them, which share what their codes begin with', () => {
    const token = rangeToken(built.key, built.parsed, { low: 1n, high: 2n }).slice(1);
    const half = token.length / 2;
    expect(half).toBe(17 * blocks);
    const [low, high] = [token.slice(0, half), token.slice(half)];
    const keyOf = (of: Uint8Array, block: number): string =>
      of.slice(blocks + 16 * block, blocks + 16 * block + 16).join();
    for (let block = 0; block < blocks - 1; block++) {
      expect(keyOf(low, block)).toBe(keyOf(high, block));
    }
    expect(keyOf(low, blocks - 1)).not.toBe(keyOf(high, blocks - 1));
    expect(left(1n).keys.join()).toBe(low.slice(blocks).join());
  });

  test('of another build is nonsense, which the store refuses', () => {
    const many = build(
      'integer',
      Array.from({ length: 400 }, (_, i) => BigInt(i)),
    );
    const other = build(
      'integer',
      Array.from({ length: 400 }, (_, i) => BigInt(i)),
    );
    const token = rangeToken(many.key, many.parsed, { low: 10n, high: 20n });
    expect(findRange(many.parsed, token).count).toBe(11);
    expect(() => findRange(other.parsed, token)).toThrow('not of this index');
  });
});

describe('what is stored', () => {
  test('has entries that are uniform in each of their values', () => {
    const rows = 4000;
    const same = build(
      'integer',
      Array.from({ length: rows }, () => 7n),
    );
    const counts = new Uint32Array(4);
    const { words } = same.parsed;
    for (let at = 0; at < words.byteLength; at += 4) {
      const word = words.getUint32(at, true);
      for (let t = 0; t < FAN; t++) counts[(word >>> (2 * t)) & 3]! += 1;
    }
    const entries = rows * FAN * same.parsed.blocks;
    // Standard deviation 155 of 32,000: eight of them.
    for (const count of counts) expect(Math.abs(count - entries / 4)).toBeLessThan(1240);
  });

  test('differs from build to build, and from row to row of one value', () => {
    const equal = Array.from({ length: 100 }, () => 7n);
    const { part, parsed } = build('integer', equal);
    const again = build('integer', equal);
    expect(part.slice(48).join()).not.toBe(again.part.slice(48).join());
    const firsts = Array.from({ length: 100 }, (_, row) => parsed.words.getUint32(4 * row, true));
    expect(new Set(firsts).size).toBe(100);
  });
});

describe('the pieces', () => {
  test('the permutations of blocks are permutations, of which none is preferred', () => {
    const source = blockSource(randomBytes(32));
    const prefixes = codeWords(Array.from({ length: 4000 }, (_, i) => BigInt(i)));
    const { keys, places } = source.blocks(3, prefixes);
    const at = new Uint32Array(FAN * FAN);
    for (let i = 0; i < 4000; i++) {
      const permutation = places.subarray(FAN * i, FAN * (i + 1));
      expect(new Set(permutation).size).toBe(FAN);
      permutation.forEach((place, j) => {
        at[FAN * j + place]! += 1;
      });
    }
    // 250 each, standard deviation 15.3: eight of them.
    for (const count of at) expect(Math.abs(count - 250)).toBeLessThan(123);
    const distinct = new Set<string>();
    for (let k = 0; k < keys.length; k += 16) distinct.add(keys.subarray(k, k + 16).join());
    expect(distinct.size).toBe(4000 * FAN);
    const other = source.blocks(2, prefixes);
    expect(other.keys.subarray(0, BLOCK_KEYS)).not.toEqual(keys.subarray(0, BLOCK_KEYS));
  });

  test('codes are cut as big integers would be', () => {
    const code = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(code, fc.integer({ min: 0, max: 16 }), (value, nibbles) => {
        const [low, high] = codeWords([value]) as unknown as [number, number];
        const rest = value >> BigInt(4 * nibbles);
        expect(prefixLow(low, high, 4 * nibbles)).toBe(Number(rest & 0xffffffffn));
        expect(prefixHigh(high, 4 * nibbles)).toBe(Number(rest >> 32n));
        expect(blockOf(low, high, 4 * nibbles)).toBe(Number(rest & 15n));
      }),
      { numRuns: 500 },
    );
  });

  test('pads are the same one row at a time and in blocks', () => {
    const pads = padsOf(randomBytes(16));
    const keys = randomBytes(2 * BLOCK_KEYS);
    const rows = Uint32Array.of(5, 262_143);
    const words = new Uint32Array(2);
    pads.ofBlocks(keys, rows, 2, words);
    for (let i = 0; i < 2; i++) {
      for (let t = 0; t < FAN; t++) {
        const key = keys.slice(BLOCK_KEYS * i + 16 * t, BLOCK_KEYS * i + 16 * t + 16);
        const one = new Uint8Array(1);
        pads.ofRows(key, rows.subarray(i, i + 1), one);
        expect(one[0]).toBe((words[i]! >>> (2 * t)) & 3);
      }
    }
  });

  test('an index has the rows it was built of', () => {
    expect(openOreIndex(built.part).rows).toBe(cells.length);
  });
});
