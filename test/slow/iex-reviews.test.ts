import { expect, test } from 'vitest';
import { filmReviews } from '../support/film-reviews.ts';
import { postingsOf } from '../support/postings.ts';
import { build, formulaOf } from '../unit/search/iex/support.ts';
import { expectRows } from '../unit/search/sse/support.ts';

test('an iex index of 200 film reviews, six million pairs, answers every query exactly', () => {
  const { documents, queries } = filmReviews(200);
  const { find, part } = build(postingsOf(documents));
  expect(queries.length).toBe(350);
  for (const query of queries) expectRows(find(formulaOf(query)), Uint32Array.from(query.docs));
  const pairs = 6_217_083;
  expect(part.length / pairs).toBeLessThan(20);
});
