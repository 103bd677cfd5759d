import type { Rung, SearchIndex } from './search-index.ts';

/**
 * What a condition or a clause asks of a column's index. `equals` is also IN and, negated, <>; `range` also
 * BETWEEN; `match` is MATCH of one term, `matchAll` of AND, OR and NOT of several; `order` is GROUP BY, MIN,
 * quantiles, histograms and COUNT(DISTINCT), which take lists of values or blocks.
 */
export type Answer = 'equals' | 'range' | 'prefix' | 'substring' | 'match' | 'matchAll' | 'order';

/** Of each rung, leaving apart what its options and the column's type take away. */
const ANSWERS: { readonly [R in Rung]: readonly Answer[] } = {
  sse: ['equals', 'range', 'prefix', 'substring', 'match', 'matchAll', 'order'],
  tag: ['equals'],
  ore: ['equals', 'range'],
  mitra: ['equals', 'match', 'matchAll'],
  iex: ['match', 'matchAll'],
  'sse-padded': ['equals', 'match'],
  smooth: ['equals'],
  pir: ['equals', 'match'],
};

/** Rungs whose answers the store cannot read: the vault knows the rows before the store does. */
const HIDING: readonly Rung[] = ['sse-padded', 'smooth', 'pir'];

export function hides({ index }: Pick<SearchIndex, 'index'>): boolean {
  return HIDING.includes(index);
}

/** What the message of a refusal calls it. */
export const ANSWER_NAMES: Readonly<Record<Answer, string>> = {
  equals: '=',
  range: 'a range',
  prefix: "LIKE 'prefix%'",
  substring: "LIKE '%part%'",
  match: 'MATCH',
  matchAll: 'MATCH of several terms',
  order: 'GROUP BY or an order statistic',
};

/** Whether an index of that rung answers, on a column whose type it may stand on. */
export function answers({ index }: Pick<SearchIndex, 'index'>, answer: Answer): boolean {
  return ANSWERS[index].includes(answer);
}

/** The first of a column's indexes that answers; undefined where none does. */
export function answering(
  { search }: { readonly search: readonly SearchIndex[] },
  answer: Answer,
): SearchIndex | undefined {
  return search.find((index) => answers(index, answer));
}

/** The rungs that answer, for the refusal of one that does not. */
export function rungsFor(answer: Answer): Rung[] {
  return (Object.keys(ANSWERS) as Rung[]).filter((index) => answers({ index }, answer));
}
