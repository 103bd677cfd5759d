import { describe, expect, it } from 'vitest';
import { type Answer, answers } from '../../../src/table/search-answers.ts';
import type { Rung } from '../../../src/table/search-index.ts';
import { SEARCH_OPERATORS, type SearchOperator } from '../../../src/table/search-operators.ts';

/** What the gate asks of an index, and an operator that takes it. */
const SAME: readonly (readonly [Answer, SearchOperator])[] = [
  ['equals', '='],
  ['equals', 'not in'],
  ['range', '<'],
  ['range', 'between'],
  ['match', 'match'],
  ['substring', 'like'],
];

describe.each(Object.keys(SEARCH_OPERATORS) as Rung[])('%s', (index) => {
  // Conditions on an oblivious column find no rows: they choose among sums.
  it.skipIf(index === 'oblivious').each(SAME)('answers %s where it has %s', (answer, operator) => {
    const operators: readonly SearchOperator[] = SEARCH_OPERATORS[index];
    expect(answers({ index }, answer)).toBe(operators.includes(operator));
  });
});
