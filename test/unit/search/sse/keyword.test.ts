import { cmac } from '@noble/ciphers/aes.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/bytes/hex.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { cmacMany } from '../../../../src/search/sse/token/cmac.ts';
import {
  KEYWORD,
  keywordKey,
  keywordToken,
  keywordTokens,
  tokenAt,
} from '../../../../src/search/sse/token/keyword.ts';

function macs(key: Uint8Array, messages: readonly Uint8Array[]): string[] {
  const starts = new Uint32Array(messages.length + 1);
  messages.forEach((message, i) => (starts[i + 1] = starts[i]! + message.length));
  const data = new Uint8Array(starts.at(-1)!);
  messages.forEach((message, i) => data.set(message, starts[i]));
  const tags = cmacMany(key, data, starts);
  return messages.map((_, i) => toHex(tags.slice(16 * i, 16 * i + 16)));
}

describe('batched AES-CMAC', () => {
  test('RFC 4493, section 4', () => {
    const key = fromHex('2b7e151628aed2a6abf7158809cf4f3c', 'key');
    const message = fromHex(
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
        '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
      'message',
    );
    expect(
      macs(
        key,
        [0, 16, 40, 64].map((length) => message.slice(0, length)),
      ),
    ).toEqual([
      'bb1d6929e95937287fa37d129b756746',
      '070a16b46b4d4144f79bdd9dd04a287c',
      'dfa66747de9ae63030ca32611497c827',
      '51f0bebf7e3b9d92fc49741779363cfe',
    ]);
  });

  test('many messages at once are what @noble/ciphers computes one by one', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.array(fc.uint8Array({ maxLength: 70 }), { minLength: 1, maxLength: 40 }),
        (key, messages) => {
          expect(macs(key, messages)).toEqual(messages.map((message) => toHex(cmac(message, key))));
        },
      ),
    );
  });
});

describe('keyword tokens', () => {
  const key = keywordKey(randomBytes(32));

  test('are the SP 800-108 counter KDF over CMAC', () => {
    const content = Uint8Array.of(1, 2, 3);
    const part = (i: number): Uint8Array =>
      cmac(Uint8Array.of(i, KEYWORD.node, 0x34, 0x12, 1, 2, 3), key);
    const expected = new Uint8Array([...part(1), ...part(2)]);
    expect(keywordToken(key, KEYWORD.node, 0x1234, content)).toEqual(expected);
  });

  test('differ whenever segment, kind, column or content does, and do not depend on the batch', () => {
    const contents = [[], [0], [0, 0], [1], [0, 1]].map((bytes) => Uint8Array.from(bytes));
    const seen = new Set<string>();
    for (const segment of [key, keywordKey(randomBytes(32))]) {
      for (const kind of Object.values(KEYWORD)) {
        for (const column of [0, 1, 256, 0xffff]) {
          const tokens = keywordTokens(segment, kind, column, contents);
          contents.forEach((content, i) => {
            const token = keywordToken(segment, kind, column, content);
            expect(tokenAt(tokens, i)).toEqual(token);
            seen.add(toHex(token.slice(0, 16)));
            seen.add(toHex(token.slice(16)));
          });
        }
      }
    }
    expect(seen.size).toBe(2 * 2 * 4 * 4 * contents.length);
  });
});
