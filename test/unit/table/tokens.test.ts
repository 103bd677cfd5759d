import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TOKEN_LENGTH, tokensOf } from '../../../src/table/tokens.ts';
import { anyCharacter } from './any-text.ts';

it.each([
  ['', []],
  ['The Quick brown-fox, the 2nd.', ['the', 'quick', 'brown', 'fox', 'the', '2nd']],
  ['a I 7', []],
  ['naïve café', ['naïve', 'café']],
  ['na\u0069\u0308ve', ['naïve']],
  ['STRASSE Straße', ['strasse', 'straße']],
  ['ﬁne ２０２４ x²', ['fine', '2024', 'x2']],
  ['Москва 東京都 ١٢٣', ['москва', '東京都', '١٢٣']],
  ["it's snake_case", ['it', 'snake', 'case']],
  ['𝒳𝒴 𠀀𠀁 𠀀', ['xy', '𠀀𠀁']],
  [
    `${'x'.repeat(40)} ${'y'.repeat(41)} ${'𠀀'.repeat(40)} ${'𠀀'.repeat(41)}`,
    ['x'.repeat(40), '𠀀'.repeat(40)],
  ],
])('%j has the unicode tokens %j', (text, tokens) => {
  expect(tokensOf(text, 'unicode')).toEqual(tokens);
});

it.each([
  ['naïve café', ['na', 've', 'caf']],
  ['Москва Tokyo２４', ['tokyo24']],
  ['ﬁne_x1', ['fine', 'x1']],
  ['K 10K', ['10k']],
])('%j has the ascii tokens %j', (text, tokens) => {
  expect(tokensOf(text, 'ascii')).toEqual(tokens);
});

it('tokens are runs within their lengths, and of ASCII a run is what the plain rule says', () => {
  const text = fc.string({
    unit: fc.oneof(anyCharacter, fc.constantFrom(' ', 'a', 'Z', '0')),
    maxLength: 80,
  });
  fc.assert(
    fc.property(text, (document) => {
      const folded = document.normalize('NFKC').toLowerCase();
      const runs = folded.match(/[a-z0-9]+/g) ?? [];
      expect(tokensOf(document, 'ascii')).toEqual(
        runs.filter(({ length }) => length >= TOKEN_LENGTH.least && length <= TOKEN_LENGTH.most),
      );
      for (const token of tokensOf(document, 'unicode')) {
        expect(token).toMatch(/^[\p{L}\p{N}]{2,40}$/u);
        expect(folded).toContain(token);
      }
    }),
  );
});
