import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildIex } from '../../../../src/search/iex/build.ts';
import { MAX_PAIRS } from '../../../../src/search/iex/size.ts';
import { findRows } from '../../../../src/search/iex/eval.ts';
import { parseIex } from '../../../../src/search/iex/format.ts';
import { decodeQuery, encodeQuery } from '../../../../src/search/iex/query.ts';
import { iexToken } from '../../../../src/search/iex/token.ts';
import { rowsOf } from '../../../../src/search/postings.ts';
import { postingsOf } from '../../../support/postings.ts';
import { refusal } from '../sse/support.ts';
import { and, build, not, or, word } from './support.ts';

const rows = Array.from({ length: 200 }, (_, row) =>
  ['2', '3', '5', '7', '97'].filter((w) => row % Number(w) === 0),
);
const postings = postingsOf(rows);
const { key, part } = build(postings);
const index = parseIex(part);
const multiples = (...of: number[]): Uint32Array =>
  Uint32Array.from(rows.flatMap((_, row) => (of.every((n) => row % n === 0) ? [row] : [])));

/** The rows of each list that a token opens, as a store that looks at all of them does. */
function seen(token: Uint8Array): { first: Uint32Array[]; others: Uint32Array[][] } {
  const { first, terms } = decodeQuery(token);
  const open = (list: Uint8Array): Uint32Array => {
    const formula = [{ kind: 'term', term: 0 }] as const;
    return findRows(
      index,
      encodeQuery({ first: [list], terms: [{ first: 0 }], formula }),
    ).toArray();
  };
  return {
    first: first.map(open),
    others: terms.flatMap((each) => ('first' in each ? [] : [each.tokens.map(open)])),
  };
}

describe('what a store learns of a query', () => {
  test('is the first term’s rows, and of the others those they have in common with it', () => {
    const { first, others } = seen(iexToken(key, and(word('3'), word('2'), not(word('5')))));
    expect(first).toEqual([multiples(3)]);
    expect(others.flat().toSorted((a, b) => b.length - a.length)).toEqual([
      multiples(3, 2),
      multiples(3, 5),
    ]);
  });

  test('of a conjunction of disjunctions is the rows of the smallest, and pairs with its terms', () => {
    const formula = and(or(word('2'), word('3'), word('5')), or(word('3'), word('7')));
    const { first, others } = seen(iexToken(key, formula));
    expect(new Set(first)).toEqual(new Set([multiples(3), multiples(7)]));
    expect(new Set(others.flat())).toEqual(
      new Set([multiples(2, 3), multiples(2, 7), multiples(5, 3), multiples(5, 7)]),
    );
  });

  test('of NOT alone is the keyword’s rows, as no term comes first', () => {
    const query = decodeQuery(iexToken(key, not(word('7'))));
    expect(query.first).toEqual([]);
    expect(query.terms.length).toBe(1);
  });

  test('of a pair is one token, whichever of the two comes first', () => {
    const tokens = [and(word('2'), word('3')), and(word('3'), word('2'))].map((query) => {
      const { terms } = decodeQuery(iexToken(key, query));
      return terms.find((each) => 'tokens' in each);
    });
    expect(tokens[0]).toEqual(tokens[1]);
    const other = iexToken(randomBytes(32), and(word('2'), word('3')));
    expect(decodeQuery(other).terms).not.toContainEqual(tokens[0]);
  });
});

describe('an index at rest', () => {
  test('has the size of as many pairs and lists, whichever they are', () => {
    const renamed = rows.map((words) => words.map((w) => `another ${w}`));
    expect(build(postingsOf(renamed)).part.length).toBe(part.length);
    const shifted = [...rows.slice(1), rows[0]!];
    expect(build(postingsOf(shifted)).part.length).toBe(part.length);
  });

  test('built again of the same rows shares no record with the first', () => {
    const records = (bytes: Uint8Array): string[] => {
      const { tiny } = parseIex(bytes);
      return Array.from({ length: tiny.count }, (_, i) =>
        tiny.bytes.subarray(i * tiny.stride, (i + 1) * tiny.stride).join(),
      );
    };
    const first = new Set(records(part));
    expect(first.size).toBeGreaterThan(0);
    expect(records(build(postings).part).filter((record) => first.has(record))).toEqual([]);
  });

  test('takes about 16 bytes for a pair of few rows', () => {
    const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
    const built = build(postingsOf([words, []]));
    expect(built.part.length / ((300 * 299) / 2 + 300)).toBeLessThan(17.5);
  });
});

test('more pairs than an index should have are refused, with their number', () => {
  const words = Array.from({ length: 8200 }, (_, i) => `w${i}`);
  const large = postingsOf([words]);
  const pairs = (8200 * 8199) / 2;
  expect(pairs).toBeGreaterThan(MAX_PAIRS);
  expect(() => buildIex(randomBytes(32), large)).toThrow(
    `the number of pairs of keywords of an iex index is ${pairs}; the limit is ${MAX_PAIRS}`,
  );
  expect(refusal(() => buildIex(randomBytes(32), large))).toBe('REQUEST_TOO_LARGE');
});

test('postings that are not as they should be are refused', () => {
  expect(rowsOf(postings, 0).length).toBeGreaterThan(0);
  for (const wrong of [
    { ...postings, rows: 0 },
    { ...postings, rows: 100 },
    { ...postings, keywords: postings.keywords.slice(1) },
    { ...postings, keywords: postings.keywords.map(() => postings.keywords[0]!) },
  ]) {
    expect(refusal(() => buildIex(randomBytes(32), wrong))).toBe('INTERNAL');
  }
  expect(refusal(() => buildIex(randomBytes(31), postings))).toBe('INTERNAL');
});
