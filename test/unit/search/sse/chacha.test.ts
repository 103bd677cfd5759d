import { chacha20 } from '@noble/ciphers/chacha.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordBytes } from '../../../../src/bytes/codec.ts';
import { fromHex, toHex } from '../../../../src/bytes/hex.ts';
import { fillKeystream, keystream, roundUp } from '../../../../src/search/sse/keystream.ts';

describe('ChaCha20 keystream', () => {
  // RFC 8439, appendix A.1, test vectors 1 to 4: the ones under a zero nonce.
  test.each([
    [
      '00'.repeat(32),
      0,
      '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
    ],
    [
      '00'.repeat(32),
      1,
      '9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f',
    ],
    [
      `${'00'.repeat(31)}01`,
      1,
      '3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0',
    ],
    [
      `00ff${'00'.repeat(30)}`,
      2,
      '72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096',
    ],
  ])('RFC 8439 A.1: key %s, block %i', (key, block, expected) => {
    const words = keystream(fromHex(key, 'key'), 16 * (block + 1));
    expect(toHex(wordBytes(words).slice(64 * block))).toBe(expected);
  });

  test('is what @noble/ciphers computes, of any length and from any place in an array of keys', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 1, max: 300 }),
        (key, words) => {
          const expected = chacha20(key, new Uint8Array(12), new Uint8Array(words * 4));
          expect(wordBytes(keystream(key, words))).toEqual(expected);
          const keys = new Uint32Array(new Uint8Array([...key, ...key.toReversed()]).buffer);
          const out = new Uint32Array(roundUp(words));
          fillKeystream(keys, 8, out, words);
          expect(wordBytes(out.subarray(0, words))).toEqual(
            chacha20(key.toReversed(), new Uint8Array(12), new Uint8Array(words * 4)),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
