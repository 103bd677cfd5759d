import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveKey, hmacSha256 } from '../../../../src/bytes/hash.ts';
import { toHex } from '../../../../src/bytes/hex.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { valueToken, valueTokens } from '../../../../src/search/sse/token.ts';
import {
  KEYWORD,
  keywordBytes,
  keywordPrf,
  type KeywordKind,
} from '../../../../src/search/sse/token/keyword.ts';

const keyword = fc.tuple(
  fc.constantFrom<KeywordKind>(...Object.values(KEYWORD)),
  fc.nat(65_535),
  fc.uint8Array({ maxLength: 5 }),
);

test('a keyword can be read back from its message, so no two share one', () => {
  fc.assert(
    fc.property(keyword, ([kind, column, content]) => {
      const message = keywordBytes(kind, column, content);
      const view = new DataView(message.buffer);
      expect([view.getUint8(0), view.getUint16(1, true)]).toEqual([kind, column]);
      expect(message.slice(3)).toEqual(content);
    }),
  );
});

test('tokens differ whenever segment, kind, column or content does', () => {
  const contents = [[], [0], [0, 0], [1], [0, 1]].map((bytes) => Uint8Array.from(bytes));
  const seen = new Set<string>();
  for (const prf of [keywordPrf(randomBytes(32)), keywordPrf(randomBytes(32))]) {
    for (const kind of Object.values(KEYWORD)) {
      for (const column of [0, 1, 256, 0xffff]) {
        for (const content of contents) {
          const token = prf.token(kind, column, content);
          seen.add(toHex(token.slice(0, 16)));
          seen.add(toHex(token.slice(16)));
        }
      }
    }
  }
  expect(seen.size).toBe(2 * 2 * Object.keys(KEYWORD).length * 4 * contents.length);
});

test('a token is the HMAC of its keyword under a key derived for that use', () => {
  const segmentKey = randomBytes(32);
  const prf = keywordPrf(segmentKey);
  const key = deriveKey(segmentKey, 'opaline/sse/keyword');
  fc.assert(
    fc.property(keyword, ([kind, column, content]) => {
      expect(prf.token(kind, column, content)).toEqual(
        hmacSha256(key, keywordBytes(kind, column, content)),
      );
    }),
  );
  prf.destroy();
  expect(() => prf.token(KEYWORD.null, 0)).toThrow();
});

test('a token is 32 bytes, the same each time, and another under another segment key', () => {
  const segmentKey = randomBytes(32);
  const [prf, again, other] = [
    keywordPrf(segmentKey),
    keywordPrf(segmentKey),
    keywordPrf(randomBytes(32)),
  ];
  fc.assert(
    fc.property(keyword, ([kind, column, content]) => {
      const token = prf.token(kind, column, content);
      expect(token.length).toBe(32);
      expect(again.token(kind, column, content)).toEqual(token);
      expect(other.token(kind, column, content)).not.toEqual(token);
      const into = new Uint8Array(32);
      expect(prf.token(kind, column, content, into)).toBe(into);
      expect(into).toEqual(token);
    }),
  );
});

test('the key of the PRF is not the segment key itself', () => {
  const segmentKey = randomBytes(32);
  const content = Uint8Array.of(7);
  expect(keywordPrf(segmentKey).token(KEYWORD.value, 1, content)).not.toEqual(
    hmacSha256(segmentKey, keywordBytes(KEYWORD.value, 1, content)),
  );
});

test('many tokens at once are those made one by one', () => {
  const segmentKey = randomBytes(32);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }), (values) => {
      expect(valueTokens(segmentKey, 3, values)).toEqual(
        values.map((value) => valueToken(segmentKey, 3, value)),
      );
    }),
    { numRuns: 30 },
  );
});
