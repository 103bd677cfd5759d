import { ecb } from '@noble/ciphers/aes.js';
import { describe, expect, test } from 'vitest';
import { aesBlocks } from '../../../src/bytes/aes-blocks.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { randomBytes } from '../../../src/bytes/random.ts';

describe('AES on blocks', () => {
  test.each([
    // FIPS 197, appendix C.1 and C.3.
    ['000102030405060708090a0b0c0d0e0f', '69c4e0d86a7b0430d8cdb78070b4c55a'],
    [
      '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      '8ea2b7ca516745bfeafc49904b496089',
    ],
  ])('gives the standard’s ciphertext under %s', (key, expected) => {
    const block = fromHex('00112233445566778899aabbccddeeff', 'block');
    const apply = aesBlocks(fromHex(key, 'key'));
    expect(toHex(apply(block))).toBe(expected);
    expect(toHex(apply(Uint8Array.of(...block, ...block)))).toBe(expected + expected);
  });

  test('is what the portable implementation gives, block by block and call by call', () => {
    for (const length of [16, 32]) {
      const key = randomBytes(length);
      const apply = aesBlocks(key);
      for (const blocks of [1, 3, 1000]) {
        const data = randomBytes(16 * blocks);
        const portable = ecb(key, { disablePadding: true }).encrypt(data);
        expect(toHex(apply(data))).toBe(toHex(portable));
      }
      expect(apply(new Uint8Array(0)).length).toBe(0);
    }
  });

  test('refuses other keys and parts of blocks', () => {
    const misuses = [
      () => aesBlocks(new Uint8Array(24)),
      () => aesBlocks(new Uint8Array(0)),
      () => aesBlocks(new Uint8Array(16))(new Uint8Array(17)),
    ];
    for (const misuse of misuses) {
      expect(misuse).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    }
  });
});
