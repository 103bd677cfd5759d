import type { Rung } from './search-index.ts';

type Equality = '=' | '<>' | 'in' | 'not in' | 'is' | 'is not';
type Order = '<' | '<=' | '>' | '>=' | 'between';

const EQUALITY: readonly Equality[] = ['=', '<>', 'in', 'not in', 'is', 'is not'];
const ORDER: readonly Order[] = ['<', '<=', '>', '>=', 'between'];

/**
 * What each search index of a column can answer: the one table that the typed builder's types, its
 * checks before a plan is bound, and the schema's checks of a key all read.
 *
 * `=` and its like are of whole values, `match` of the keywords of a document; `like` besides needs what
 * LIKE_OPTIONS names. An operator that is not listed is refused, at compile time where the schema's type is
 * known, else with CAPABILITY_MISSING.
 */
export const SEARCH_OPERATORS: {
  readonly sse: readonly (Equality | Order | 'like' | 'match')[];
  readonly tag: readonly Equality[];
  readonly ore: readonly (Equality | Order)[];
  readonly mitra: readonly (Equality | 'match')[];
  readonly iex: readonly ('is' | 'is not' | 'match')[];
  readonly 'sse-padded': readonly (Equality | 'match')[];
  readonly smooth: readonly Equality[];
  readonly pir: readonly (Equality | 'match')[];
  /** In aggregates, where they choose among sums. */
  readonly oblivious: readonly (Equality | Order)[];
} = {
  sse: [...EQUALITY, ...ORDER, 'like', 'match'],
  tag: EQUALITY,
  ore: [...EQUALITY, ...ORDER],
  mitra: [...EQUALITY, 'match'],
  iex: ['is', 'is not', 'match'],
  'sse-padded': [...EQUALITY, 'match'],
  smooth: EQUALITY,
  pir: [...EQUALITY, 'match'],
  oblivious: [...EQUALITY, ...ORDER],
};

/** Options of an index without which it does not answer LIKE: patterns with a fixed beginning, parts within. */
export const LIKE_OPTIONS = ['prefix', 'ngram'] as const;

/** Operators of a document's keywords, and those that any column may have besides. */
export const DOCUMENT_OPERATORS = ['match', 'is', 'is not'] as const;

/** Operators of text alone. */
export const TEXT_OPERATORS = ['like'] as const;

/** Operators of columns whose values have no useful order. */
export const BOOLEAN_OPERATORS = ['=', '<>', 'in', 'not in', 'is', 'is not'] as const;

export type SearchOperator = (typeof SEARCH_OPERATORS)[Rung][number];
