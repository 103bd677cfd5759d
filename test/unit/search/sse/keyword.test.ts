import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256 } from '../../../../src/bytes/hash.ts';
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
  fc.constantFrom<KeywordKind>(KEYWORD.value, KEYWORD.null, KEYWORD.node, KEYWORD.edge),
  fc.nat(65_535),
  fc.uint8Array({ maxLength: 5 }),
);

test('different keywords are different messages', () => {
  fc.assert(
    fc.property(keyword, keyword, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(toHex(keywordBytes(...a)) === toHex(keywordBytes(...b))).toBe(same);
    }),
  );
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
