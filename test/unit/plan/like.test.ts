import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { likeLists } from '../../../src/plan/like-lists.ts';
import { matchesLike, parseLike } from '../../../src/plan/like.ts';
import { gramsOf, prefixesOf } from '../../../src/search/text.ts';

const any = { skip: 0, more: true };

test.each([
  ['', []],
  ['abc', ['abc']],
  ['abc%', ['abc', any]],
  ['%abc%', [any, 'abc', any]],
  ['a__b', ['a', { skip: 2, more: false }, 'b']],
  ['%_%_', [{ skip: 2, more: true }]],
  ['a\\%b\\_c\\\\d', ['a%b_c\\d']],
  ['a\\bc', ['abc']],
  ['𠀀_%', ['𠀀', { skip: 1, more: true }]],
])('%s', (pattern, parts) => {
  expect(parseLike(pattern, '\\')).toEqual(parts);
});

it('an escape is any character, or none; a pattern does not end with it', () => {
  expect(parseLike('a!%', '!')).toEqual(['a%']);
  expect(parseLike('a%%', '%')).toEqual(['a%']);
  expect(parseLike('a𠀀_𠀀𠀀', '𠀀')).toEqual(['a_𠀀']);
  expect(parseLike('a\\%', undefined)).toEqual(['a\\', any]);
  expect(parseLike('a\\', '\\')).toBeUndefined();
  expect(parseLike('a\\\\', '\\')).toEqual(['a\\']);
});

describe('matchesLike', () => {
  const point = fc.constantFrom('a', 'b', 'A', '%', '_', '\\', ' ', 'é', '𠀀', '𝒳', '\n');
  const text = fc.string({ unit: point, maxLength: 12 });
  const pattern = fc.string({ unit: fc.oneof(point, fc.constantFrom('%', '_')), maxLength: 8 });
  const db = new DatabaseSync(':memory:');
  db.exec('PRAGMA case_sensitive_like = ON');
  const like = db.prepare("SELECT ? LIKE ? ESCAPE '\\' AS matches");

  it('agrees with SQLite', () => {
    fc.assert(
      fc.property(text, pattern, (value, written) => {
        const parts = parseLike(written, '\\');
        fc.pre(parts !== undefined);
        const expected = like.get(value, written) as { matches: number };
        expect(matchesLike(parts, value)).toBe(expected.matches === 1);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes a text into which a pattern’s wildcards were filled', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean(), text), { maxLength: 5 }), (pieces) => {
        const escaped = (literal: string): string => literal.replace(/[%_\\]/g, '\\$&');
        const written = pieces.map(([a, one]) => escaped(a) + (one ? '_' : '%')).join('');
        const value = pieces.map(([a, one, b]) => a + (one ? 'é' : b)).join('');
        expect(matchesLike(parseLike(written, '\\')!, value)).toBe(true);
      }),
    );
  });

  it('does not search a text over again for every %', () => {
    const parts = parseLike(`${'%a'.repeat(50)}%b`, undefined)!;
    expect(matchesLike(parts, 'a'.repeat(100_000))).toBe(false);
    expect(matchesLike(parts, `${'a'.repeat(100_000)}b`)).toBe(true);
  });
});

describe('the lists of a pattern', () => {
  const both = { prefix: 5, ngram: 3 };
  test.each([
    ['abc%', both, { prefix: 'abc', grams: ['abc'], exact: true }],
    [
      'abcdefg%',
      both,
      { prefix: 'abcde', grams: ['abc', 'bcd', 'cde', 'def', 'efg'], exact: false },
    ],
    ['abc%', { prefix: 5 }, { prefix: 'abc', grams: [], exact: true }],
    ['abc_', { prefix: 5 }, { prefix: 'abc', grams: [], exact: false }],
    ['ab%', both, undefined],
    ['%abc%', { prefix: 5 }, undefined],
    ['%abab%', both, { grams: ['aba', 'bab'], exact: false }],
    ['%ab%cd%', both, undefined],
    ['%ab%cd%', { ngram: 2 }, { grams: ['ab', 'cd'], exact: false }],
    ['%𠀀é𠀁%', both, { grams: ['𠀀é𠀁'], exact: false }],
    ['𠀀𠀀𠀀𠀀𠀀𠀀%', { prefix: 5 }, { prefix: '𠀀𠀀𠀀𠀀𠀀', grams: [], exact: false }],
    ['%abc%', {}, undefined],
  ])('%s of %j', (pattern, lists, expected) => {
    expect(likeLists(parseLike(pattern, '\\')!, lists)).toEqual(expected);
  });

  it('hold every row of the pattern', () => {
    const point = fc.constantFrom('a', 'b', 'é', '𠀀');
    const text = fc.string({ unit: point, maxLength: 12 });
    const pattern = fc.string({ unit: fc.oneof(point, fc.constantFrom('%', '_')), maxLength: 10 });
    const lists = fc.record({
      prefix: fc.integer({ min: 3, max: 6 }),
      ngram: fc.integer({ min: 2, max: 4 }),
    });
    fc.assert(
      fc.property(text, pattern, lists, (value, written, declared) => {
        const parts = parseLike(written, undefined)!;
        const asked = likeLists(parts, declared);
        fc.pre(asked !== undefined);
        const grams = new Set(gramsOf(value, declared.ngram));
        const prefixes = prefixesOf(value, declared.prefix);
        const listed =
          (asked.prefix === undefined || prefixes.includes(asked.prefix)) &&
          asked.grams.every((gram) => grams.has(gram));
        if (matchesLike(parts, value)) expect(listed).toBe(true);
        if (asked.exact) expect(prefixes.includes(asked.prefix!)).toBe(matchesLike(parts, value));
      }),
      { numRuns: 2000 },
    );
  });
});
