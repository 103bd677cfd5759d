import { expect, test } from 'vitest';
import { buildMitra } from '../../../../src/search/mitra/build.ts';
import { estimateMitra, mitraLeakage } from '../../../../src/search/mitra/leakage.ts';
import { lookupMitra } from '../../../../src/search/mitra/token.ts';
import { postingsOf, term } from '../../../support/postings.ts';

test('a lookup declares volumes and times, and a recovery where the histogram is known', () => {
  const base = { column: 'tag', rows: 100, segments: 2, keywords: 1 };
  const unknown = mitraLeakage(base);
  expect(unknown.index).toBe('mitra');
  expect(unknown.expectedRecovery).toBe(null);
  expect(unknown.atRest.join()).toContain('not which, nor whether they add or delete');
  expect(unknown.onQuery.join()).toContain('backward privacy of type II');
  // Two keywords of 10 rows: each guess is right half of the time.
  const known = mitraLeakage({ ...base, frequencies: [10, 10, 20], matched: [10] });
  expect(known.expectedRecovery?.fraction).toBeCloseTo(10 / 2 / 40, 12);
});

test('the estimate is what an index takes, up to the rounding of its size', () => {
  const documents = Array.from({ length: 1000 }, (_, row) => ['all', `row ${row % 100}`]);
  const key = new Uint8Array(32).fill(1);
  const { part, state } = buildMitra(key, postingsOf(documents));
  const estimate = estimateMitra({ segments: 1, postings: 2000, matched: 1000 });
  expect(part.length / estimate.bytes).toBeGreaterThanOrEqual(1);
  expect(part.length / estimate.bytes).toBeLessThan(1.13);
  const { queries } = lookupMitra(key, state, [term('all')]);
  expect(queries.map((query) => query?.length)).toEqual([estimate.bytesUp]);
  expect(estimate.rounds).toBe(1);
});
