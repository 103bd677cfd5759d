import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { keyword, KEYWORD_KIND } from '../../../../src/search/keyword.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import { buildSmooth } from '../../../../src/search/smooth/build.ts';
import { parseSmooth } from '../../../../src/search/smooth/eval.ts';
import { decodeState } from '../../../../src/search/smooth/state.ts';
import { openSmooth } from '../../../../src/search/smooth/token.ts';
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

async function checkAll(postings: Postings, weights?: readonly number[]): Promise<void> {
  const key = randomBytes(32);
  const { part, state } = buildSmooth(key, postings, weights);
  const { ask } = recording(parseSmooth(part));
  const absent = [nthKeyword(postings.keywords.length), keyword(KEYWORD_KIND.null)];
  const found = await openSmooth(key, state)([...postings.keywords, ...absent], ask);
  expectedRows(postings).forEach((rows, i) => expectRows(found[i]!.toArray(), rows));
  for (let i = postings.keywords.length; i < found.length; i++) expect(found[i]!.count).toBe(0);
}

describe('lookups in a smoothed index', () => {
  test('answer as plain lists do', async () => {
    const weighted = postingsArbitrary.chain((postings) => {
      const { length } = postings.keywords;
      const weights = fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), {
        minLength: length,
        maxLength: length,
      });
      return fc.tuple(fc.constant(postings), fc.option(weights, { nil: undefined }));
    });
    await fc.assert(
      fc.asyncProperty(weighted, ([postings, weights]) => checkAll(postings, weights)),
      { numRuns: 60 },
    );
  });

  test('of every length, and of lists that take several values', async () => {
    const next = generator(2);
    const skewed = drawnPostings(20_000, (row) => [row % 2 === 0 ? -1 : next() % 3000]);
    const { state } = buildSmooth(randomBytes(32), skewed);
    expect(Math.max(...decodeState(state).lengths)).toBeGreaterThan(4);
    await checkAll(skewed);
  });

  test('one after the other, each in as many queries', async () => {
    const draw = zipf(50, 4);
    const postings = drawnPostings(3000, () => [draw()]);
    const key = randomBytes(32);
    const { part, state } = buildSmooth(key, postings);
    const { ask, rounds } = recording(parseSmooth(part));
    const expected = expectedRows(postings);
    for (let i = 0; i < postings.keywords.length; i++) {
      const [found] = await openSmooth(key, state)([postings.keywords[i]!], ask);
      expectRows(found!.toArray(), expected[i]!);
    }
    expect(rounds.length).toBeGreaterThanOrEqual(postings.keywords.length);
  });

  test('of an index without keywords find nothing, of no keyword ask nothing', async () => {
    await checkAll(postingsOf(5, []));
    const key = randomBytes(32);
    const { part, state } = buildSmooth(key, postingsOf(5, [[1]]));
    const { ask, rounds } = recording(parseSmooth(part));
    expect(await openSmooth(key, state)([], ask)).toEqual([]);
    expect(rounds).toEqual([]);
  });

  test('postings and weights that are not as announced are refused', () => {
    const good = postingsOf(4, [[0, 1], [2]]);
    const build = (change: object, weights?: number[], key = randomBytes(32)): unknown =>
      refusal(() => buildSmooth(key, { ...good, ...change }, weights));
    expect(build({})).toBe(undefined);
    expect(build({ rows: 2 })).toBe('INTERNAL');
    expect(build({ rows: 2 ** 18 + 1 })).toBe('INTERNAL');
    expect(build({ members: Uint32Array.of(1, 0, 2) })).toBe('INTERNAL');
    expect(build({}, undefined, randomBytes(31))).toBe('INTERNAL');
    expect(build({}, [1])).toBe('INTERNAL');
    expect(build({}, [1, 0])).toBe(undefined);
    for (const bad of [
      [0, 0],
      [1, -1],
      [1, NaN],
      [1, Infinity],
    ]) {
      expect(build({}, bad)).toBe('INTERNAL');
    }
  });
});
