import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { keyword, KEYWORD_KIND } from '../../../../src/search/keyword.ts';
import { buildPadded } from '../../../../src/search/padded/build.ts';
import { parsePadded } from '../../../../src/search/padded/eval.ts';
import { parsePart } from '../../../../src/search/padded/format.ts';
import { openPadded } from '../../../../src/search/padded/token.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import {
  drawnPostings,
  expectedRows,
  nthKeyword,
  postingsArbitrary,
  postingsOf,
  recording,
  zipf,
} from '../lists.ts';
import { expectRows, generator, refusal } from '../sse/support.ts';

const BASES = [0, 2, 3, 16];

async function checkAll(postings: Postings, base: number): Promise<void> {
  const key = randomBytes(32);
  const { part, state } = buildPadded(key, postings, { base });
  const { ask } = recording(parsePadded(part));
  const absent = [
    nthKeyword(postings.keywords.length),
    keyword(KEYWORD_KIND.null),
    new Uint8Array(0),
  ];
  const found = await openPadded(key, state)([...postings.keywords, ...absent], ask);
  expectedRows(postings).forEach((rows, i) => expectRows(found[i]!.toArray(), rows));
  for (let i = postings.keywords.length; i < found.length; i++) expect(found[i]!.count).toBe(0);
}

describe('lookups in a padded index', () => {
  test('answer as plain lists do', async () => {
    await fc.assert(fc.asyncProperty(postingsArbitrary, fc.constantFrom(...BASES), checkAll), {
      numRuns: 80,
    });
  });

  test.each(BASES)('of every length in 70,000 rows, base %i', async (base) => {
    const next = generator(base);
    const postings = drawnPostings(70_000, () => [31 - Math.clz32(1 + (next() % 70_000))]);
    await checkAll(postings, base);
  });

  test.each(BASES)('of many keywords with few rows, base %i', async (base) => {
    const next = generator(base + 100);
    await checkAll(
      drawnPostings(5000, () => [next() % 1500]),
      base,
    );
  });

  test('of documents’ words, each row having several', async () => {
    const word = zipf(500, 3);
    await checkAll(
      drawnPostings(2000, () => Array.from({ length: 20 }, word)),
      0,
    );
  });

  test.each(BASES)('of an index without keywords find nothing, base %i', async (base) => {
    await checkAll(postingsOf(5, []), base);
  });

  test('of the same keyword twice give its rows twice, of none ask nothing', async () => {
    const postings = postingsOf(100, [[1, 50], [2], [3]]);
    const key = randomBytes(32);
    const { part, state } = buildPadded(key, postings);
    const { ask, rounds } = recording(parsePadded(part));
    const twice = await openPadded(key, state)([nthKeyword(0), nthKeyword(0)], ask);
    expect(twice.map((rows) => [...rows.toArray()])).toEqual([
      [1, 50],
      [1, 50],
    ]);
    rounds.length = 0;
    expect(await openPadded(key, state)([], ask)).toEqual([]);
    expect(rounds).toEqual([]);
  });

  test('cells are chosen so that a quarter more room at most buys short replies', () => {
    const unique = drawnPostings(5000, (row) => [row]);
    const { shape } = parsePart(buildPadded(randomBytes(32), unique).part);
    expect(shape).toMatchObject({ tables: 2, payload: 16, longest: 1 });
    const even = drawnPostings(40_000, (row) => [row % 20]);
    const long = parsePart(buildPadded(randomBytes(32), even).part).shape;
    expect(long.payload).toBeGreaterThanOrEqual(512);
    expect(long.longest).toBeLessThanOrEqual(4);
    // Two values: half of all cells and more are read anyway.
    const two = drawnPostings(40_000, (row) => [row % 2]);
    expect(parsePart(buildPadded(randomBytes(32), two).part).shape.tables).toBe(1);
  });

  test('postings that are not as announced are refused', () => {
    const good = postingsOf(4, [[0, 1], [2]]);
    const build = (change: object, key = randomBytes(32), base = 0): string | undefined =>
      refusal(() => buildPadded(key, { ...good, ...change }, { base }));
    expect(build({})).toBe(undefined);
    expect(build({ rows: 2 })).toBe('INTERNAL');
    expect(build({ rows: 0 })).toBe('INTERNAL');
    expect(build({ rows: 2 ** 18 + 1 })).toBe('INTERNAL');
    expect(build({ members: Uint32Array.of(1, 0, 2) })).toBe('INTERNAL');
    expect(build({ members: Uint32Array.of(1, 1, 2) })).toBe('INTERNAL');
    expect(build({ starts: Uint32Array.of(0, 0, 3) })).toBe('INTERNAL');
    expect(build({ starts: Uint32Array.of(0, 3) })).toBe('INTERNAL');
    expect(build({}, randomBytes(16))).toBe('INTERNAL');
    expect(build({}, randomBytes(32), 1)).toBe('INTERNAL');
    expect(build({}, randomBytes(32), 17)).toBe('INTERNAL');
  });
});
