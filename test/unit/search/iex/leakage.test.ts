import { expect, test } from 'vitest';
import { estimateIex, iexLeakage } from '../../../../src/search/iex/leakage.ts';
import { iexToken } from '../../../../src/search/iex/token.ts';
import { postingsOf } from '../../../support/postings.ts';
import { and, build, or, word } from './support.ts';

test('a query declares the first terms’ rows, the others’ shares of them, and the formula', () => {
  const base = { column: 'note', rows: 100, segments: 1 };
  const one = iexLeakage({ ...base, first: 1, others: 2 });
  expect(one.index).toBe('iex');
  expect(one.onQuery.join()).toContain('which rows have the first term');
  expect(one.onQuery.join()).toContain('each of 2 other terms; nothing of its other rows');
  expect(one.expectedRecovery).toBe(null);
  const none = iexLeakage({ ...base, first: 0, others: 1 });
  expect(none.onQuery.join()).toContain('which rows have each of 1 unnamed keyword');
  const known = iexLeakage({ ...base, first: 1, others: 0, frequencies: [30, 70], matched: [30] });
  expect(known.expectedRecovery?.fraction).toBeCloseTo(0.3, 12);
  expect(known.onQuery.join()).not.toContain('other terms');
});

test('the estimate is what an index and a token take, up to rounding', () => {
  const words = Array.from({ length: 200 }, (_, i) => `w${i}`);
  const { part, key } = build(postingsOf([words, ...words.map((w) => [w])]));
  const shape = { segments: 1, keywords: 200, pairs: (200 * 199) / 2, terms: 4, first: 2 };
  const estimate = estimateIex(shape);
  expect(part.length / estimate.bytes).toBeGreaterThanOrEqual(1);
  expect(part.length / estimate.bytes).toBeLessThan(1.13);
  const query = and(or(word('w1'), word('w2')), or(word('w3'), word('w4'), word('w1')));
  const token = iexToken(key, { ...query });
  expect(token.length).toBeGreaterThanOrEqual(32 * (2 + 2 * 2));
  expect(estimate.bytesUp).toBe(32 * (2 + 2 * 2));
  expect(token.length - estimate.bytesUp).toBeLessThan(64);
});
