import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/bytes/codec.ts';
import { compareBytes } from '../../../../src/bytes/compare.ts';
import { firstTerms, type BooleanQuery } from '../../../../src/search/iex/first-terms.ts';
import { keyword, KEYWORD_KIND } from '../../../../src/search/keyword.ts';
import { filmReviews } from '../../../support/film-reviews.ts';
import { postingsOf, term } from '../../../support/postings.ts';
import { expectRows } from '../sse/support.ts';
import { and, build, formulaOf, not, or, word } from './support.ts';

const WORDS = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox'];

/** A formula on the words of a row: the plaintext reference. */
function holds(query: BooleanQuery, row: ReadonlySet<string>): boolean {
  switch (query.kind) {
    case 'keyword':
      return row.has(new TextDecoder().decode(query.keyword.subarray(1)));
    case 'not':
      return !holds(query.arg, row);
    case 'and':
      return query.args.every((arg) => holds(arg, row));
    case 'or':
      return query.args.some((arg) => holds(arg, row));
    default:
      return query satisfies never;
  }
}

function expected(query: BooleanQuery, rows: readonly (readonly string[])[]): Uint32Array {
  return Uint32Array.from(
    rows.flatMap((words, row) => (holds(query, new Set(words)) ? [row] : [])),
  );
}

const { query: formulas } = fc.letrec<{ query: BooleanQuery }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(...WORDS, 'gnu').map(word),
    tie('query').map((arg) => not(arg)),
    fc.array(tie('query'), { minLength: 1, maxLength: 4 }).map((args) => and(...args)),
    fc.array(tie('query'), { minLength: 1, maxLength: 4 }).map((args) => or(...args)),
  ),
}));

const literal = fc.tuple(fc.constantFrom(...WORDS), fc.boolean());
/** Conjunctions of disjunctions, the first of them without NOT. */
const normalForms = fc
  .tuple(
    fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 }),
    fc.array(fc.array(literal, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
  )
  .map(([first, rest]) =>
    and(
      or(...first.map(word)),
      ...rest.map((clause) =>
        or(...clause.map(([w, negated]) => (negated ? not(word(w)) : word(w)))),
      ),
    ),
  );

const tables = fc.oneof(
  fc.array(fc.uniqueArray(fc.constantFrom(...WORDS)), { minLength: 1, maxLength: 20 }),
  fc.array(fc.uniqueArray(fc.constantFrom(...WORDS)), { minLength: 300, maxLength: 700 }),
);

describe('boolean queries', () => {
  test('of any form have the rows that the formula has in the clear', () => {
    fc.assert(
      fc.property(
        tables,
        fc.array(fc.oneof(formulas, normalForms), { maxLength: 8 }),
        (rows, queries) => {
          const { find } = build(postingsOf(rows));
          for (const query of queries) expect(find(query)).toEqual(expected(query, rows));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of words that no row has find nothing, and NOT of one everything', () => {
    const { find } = build(postingsOf([['ant'], [], ['bee']]));
    expect(find(word('yak'))).toEqual(new Uint32Array(0));
    expect(find(not(word('yak')))).toEqual(Uint32Array.of(0, 1, 2));
    expect(find(and(word('ant'), not(word('yak'))))).toEqual(Uint32Array.of(0));
    expect(find(and(word('ant'), not(word('ant'))))).toEqual(new Uint32Array(0));
  });

  test('may have many terms, but not any number', () => {
    const many = Array.from({ length: 250 }, (_, i) => `w${i}`);
    const { find } = build(postingsOf([many, ['w3'], []]));
    expect(find(or(...many.map(word)))).toEqual(Uint32Array.of(0, 1));
    expect(find(and(...many.map(word)))).toEqual(Uint32Array.of(0));
    const [left, right] = [many.slice(0, 100), many.slice(100)];
    expect(() => find(and(or(...left.map(word)), or(...right.map(word))))).toThrow(
      'the number of tokens of a boolean query is 15100; the limit is 2048',
    );
    expect(() => find(or(...Array.from({ length: 300 }, (_, i) => word(`x${i}`))))).toThrow(
      'the number of first terms',
    );
  });

  test('are exact on the first film reviews, in every form there is', () => {
    const count = 20;
    const { documents, queries } = filmReviews(count);
    const { find } = build(postingsOf(documents));
    const forms = new Set(queries.map(({ type }) => type));
    expect([...forms].toSorted()).toEqual(['and', 'and_not', 'or', 'single', 'single_absent']);
    for (const query of queries) {
      expectRows(find(formulaOf(query)), Uint32Array.from(query.docs));
    }
  });
});

describe('the first terms', () => {
  const names = (query: BooleanQuery): string[] | undefined =>
    firstTerms(query)?.map((bytes) => new TextDecoder().decode(bytes.subarray(1)));

  test.each([
    ['a word', word('a'), ['a']],
    ['a conjunction: its first', and(word('a'), word('b')), ['a']],
    ['a disjunction: all', or(word('a'), word('b'), word('a')), ['a', 'b']],
    ['the argument with the fewest', and(or(word('a'), word('b')), word('c')), ['c']],
    ['a word before NOT', and(not(word('a')), word('b')), ['b']],
    ['NOT alone: none', not(word('a')), undefined],
    ['a disjunction with NOT: none', or(word('a'), not(word('b'))), undefined],
    ['NOT of NOT', not(not(word('a'))), ['a']],
    ['NOT of a disjunction', not(or(not(word('a')), word('b'))), ['a']],
    ['NOT of a conjunction', not(and(not(word('a')), not(word('b')))), ['a', 'b']],
  ])('of %s', (_, query, terms) => {
    expect(names(query)).toEqual(terms);
  });

  test('are there in every row that satisfies the formula', () => {
    fc.assert(
      fc.property(formulas, fc.uniqueArray(fc.constantFrom(...WORDS)), (query, row) => {
        const first = firstTerms(query);
        if (first === undefined || !holds(query, new Set(row))) return;
        const has = (bytes: Uint8Array): boolean =>
          row.some((w) => compareBytes(bytes, keyword(KEYWORD_KIND.token, utf8(w))) === 0);
        expect(first.some(has)).toBe(true);
      }),
    );
  });

  test('keywords of other kinds are others', () => {
    const postings = postingsOf([['ant', 'bee'], ['ant']]);
    const { find } = build({ ...postings, keywords: [term('ant'), keyword(KEYWORD_KIND.null)] });
    const isNull = { kind: 'keyword', keyword: keyword(KEYWORD_KIND.null) } as const;
    expect(find(and(word('ant'), isNull))).toEqual(Uint32Array.of(0));
    expect(find(and(word('ant'), not(isNull)))).toEqual(Uint32Array.of(1));
  });
});
