import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/bytes/codec.ts';
import { toHex } from '../../../src/bytes/hex.ts';
import { randomBytes } from '../../../src/bytes/random.ts';
import { documentPostings } from '../../../src/search/build/documents.ts';
import { paddedBytes, textPostings } from '../../../src/search/build/texts.ts';
import { KEYWORD_KIND, keyword, type KeywordKind } from '../../../src/search/keyword.ts';
import { type Postings, rowsOf } from '../../../src/search/postings.ts';
import { lookupPosting } from '../../../src/search/sse/eval.ts';
import { partTokens, valueToken } from '../../../src/search/sse/token.ts';
import { tokensOf } from '../../../src/table/tokens.ts';
import { build, type Cell, columnOf, expectRows, rowsWhere } from './sse/support.ts';

const point = fc.constantFrom('a', 'b', 'c', 'é', '𠀀', ' ');
const cells = (maxLength: number): fc.Arbitrary<Cell[]> =>
  fc.array(fc.option(fc.string({ unit: point, maxLength }), { freq: 6 }), {
    minLength: 1,
    maxLength: 60,
  });

interface Encoded {
  readonly texts: string[];
  readonly codes: Int32Array;
}

/** Distinct texts, and of each row its own; NULL is −1. */
function encode(column: readonly Cell[]): Encoded {
  const texts = [...new Set(column)].filter((cell) => typeof cell === 'string');
  const codes = Int32Array.from(column, (cell) => texts.indexOf(cell as string));
  return { texts, codes };
}

function asMap(postings: Postings): Map<string, number[]> {
  const found = postings.keywords.map((bytes, i): [string, number[]] => [
    toHex(bytes),
    [...rowsOf(postings, i)],
  ]);
  const map = new Map(found);
  expect(map.size).toBe(found.length);
  return map;
}

const named = (kind: KeywordKind, text: string): string => toHex(keyword(kind, utf8(text)));

/** Every beginning and run of code points, the obvious way. */
function partsOf(text: string, size: number): { prefixes: string[]; grams: string[] } {
  const points = [...text];
  return {
    prefixes: points.map((_, i) => points.slice(0, i + 1).join('')),
    grams: points.flatMap((_, i) =>
      i + size <= points.length ? [points.slice(i, i + size).join('')] : [],
    ),
  };
}

const lists = fc.record(
  { prefix: fc.integer({ min: 3, max: 16 }), ngram: fc.integer({ min: 2, max: 8 }) },
  { requiredKeys: [] },
);

describe('lists of parts of texts', () => {
  it('hold the rows that have each prefix and each gram', () => {
    fc.assert(
      fc.property(cells(24), lists, (column, declared) => {
        const { texts, codes } = encode(column);
        const found = asMap(textPostings(texts, codes, declared));
        const expected = new Map<string, number[]>();
        const add = (name: string, row: number): void => {
          const rows = expected.get(name) ?? [];
          if (rows.at(-1) !== row) rows.push(row);
          expected.set(name, rows);
        };
        column.forEach((cell, row) => {
          if (typeof cell !== 'string') return;
          const { prefixes, grams } = partsOf(cell, declared.ngram ?? 2);
          if (declared.prefix !== undefined) {
            for (const prefix of prefixes.slice(2, declared.prefix)) {
              add(named(KEYWORD_KIND.prefix, prefix), row);
            }
          }
          if (declared.ngram !== undefined) {
            for (const gram of grams) add(named(KEYWORD_KIND.gram, gram), row);
          }
        });
        const padding = toHex(Uint8Array.of(KEYWORD_KIND.pad));
        const real = [...found].filter(([name]) => !name.startsWith(padding));
        expect(new Map(real)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('every row is in as many lists as any other of its padded length', () => {
    fc.assert(
      fc.property(cells(40), lists, (column, declared) => {
        const { texts, codes } = encode(column);
        const postings = textPostings(texts, codes, declared);
        const count = new Uint32Array(column.length);
        for (const row of postings.members) count[row]! += 1;
        column.forEach((cell, row) => {
          if (typeof cell !== 'string') return expect(count[row]).toBe(0);
          const padded = paddedBytes(utf8(cell).length);
          const { prefix, ngram } = declared;
          const prefixes = prefix === undefined ? 0 : Math.min(padded, prefix) - 2;
          const grams = ngram === undefined ? 0 : padded - ngram + 1;
          return expect(count[row]).toBe(prefixes + grams);
        });
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [0, 11],
    [11, 11],
    [12, 27],
    [27, 27],
    [28, 43],
  ])('%i bytes are padded to %i', (bytes, padded) => {
    expect(paddedBytes(bytes)).toBe(padded);
  });
});

describe('lists of the keywords of documents', () => {
  const document = fc.string({ unit: fc.oneof(point, fc.constant(' ')), maxLength: 30 });
  it('hold the rows that have each token', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(document), { minLength: 1, maxLength: 40 }),
        fc.constantFrom('unicode', 'ascii'),
        (column, rule) => {
          const { texts, codes } = encode(column);
          const found = asMap(documentPostings(texts, codes, rule));
          const tokens = new Set(column.flatMap((cell) => tokensOf(cell ?? '', rule)));
          const expected = [...tokens].map((token): [string, number[]] => [
            named(KEYWORD_KIND.token, token),
            column.flatMap((cell, row) =>
              cell !== null && tokensOf(cell, rule).includes(token) ? [row] : [],
            ),
          ]);
          expect(found).toEqual(new Map(expected));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('rows that are in no list are in none', () => {
    const postings = documentPostings(['aa bb', 'bb cc'], Int32Array.of(0, -1, 1, -2, 1), 'ascii');
    expect(asMap(postings).get(named(KEYWORD_KIND.token, 'bb'))).toEqual([0, 2, 4]);
    expect(postings.members.length).toBe(6);
  });
});

describe('in the sse index', () => {
  it('parts are found by their tokens, apart from values and from each other', () => {
    const column: Cell[] = ['abcd', 'abce', null, 'xabc', 'abc', 'abcd'];
    const { texts, codes } = encode(column);
    const parts = textPostings(texts, codes, { prefix: 5, ngram: 3 });
    const built = build([{ ...columnOf(4, column, { range: false }), parts }]);
    const rows = (kind: 'token' | 'prefix' | 'gram', part: string, id = 4): Uint32Array =>
      lookupPosting(built.index, partTokens(built.key, id, kind, [part])[0]!).toArray();
    const where = (keep: (text: string) => boolean): Uint32Array =>
      rowsWhere(column, (cell) => typeof cell === 'string' && keep(cell));
    expectRows(
      rows('prefix', 'abc'),
      where((text) => text.startsWith('abc')),
    );
    expectRows(
      rows('prefix', 'abcd'),
      where((text) => text.startsWith('abcd')),
    );
    expectRows(
      rows('gram', 'abc'),
      where((text) => text.includes('abc')),
    );
    expectRows(
      rows('gram', 'bce'),
      where((text) => text.includes('bce')),
    );
    expect(rows('token', 'abc').length).toBe(0);
    expect(rows('prefix', 'xyz').length).toBe(0);
    expect(rows('prefix', 'abc', 5).length).toBe(0);
    const value = lookupPosting(built.index, valueToken(built.key, 4, utf8('abc')));
    expectRows(
      value.toArray(),
      where((text) => text === 'abc'),
    );
  });

  it('parts of another number of rows, or of no such kind, are refused', () => {
    const column = columnOf(1, ['aa', 'bb']);
    const parts = documentPostings(['aa'], Int32Array.of(0), 'ascii');
    expect(() => build([{ ...column, parts }])).toThrow(/parts of other rows/);
    const odd = { ...parts, rows: 2, keywords: [keyword(KEYWORD_KIND.value, randomBytes(2))] };
    expect(() => build([{ ...column, parts: odd }])).toThrow(/not a part/);
  });
});
