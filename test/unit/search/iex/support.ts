import { randomBytes } from '../../../../src/bytes/random.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import { buildIex } from '../../../../src/search/iex/build.ts';
import { iexIndex } from '../../../../src/search/iex/eval.ts';
import type { BooleanQuery } from '../../../../src/search/iex/first-terms.ts';
import { iexToken } from '../../../../src/search/iex/token.ts';
import type { ReviewQuery } from '../../../support/film-reviews.ts';
import { term } from '../../../support/postings.ts';

export interface BuiltIex {
  readonly key: Uint8Array;
  readonly part: Uint8Array;
  readonly find: (query: BooleanQuery) => Uint32Array;
}

export function build(postings: Postings): BuiltIex {
  const key = randomBytes(32);
  const { part } = buildIex(key, postings);
  const index = iexIndex(part);
  return { key, part, find: (query) => index.find(iexToken(key, query)).toArray() };
}

export const word = (text: string): BooleanQuery => ({ kind: 'keyword', keyword: term(text) });
export const not = (arg: BooleanQuery): BooleanQuery => ({ kind: 'not', arg });
export const and = (...args: BooleanQuery[]): BooleanQuery => ({ kind: 'and', args });
export const or = (...args: BooleanQuery[]): BooleanQuery => ({ kind: 'or', args });

export function formulaOf({ type, terms }: ReviewQuery): BooleanQuery {
  const [first, ...rest] = terms.map(word);
  if (type === 'and_not') return and(first!, ...rest.map(not));
  return type === 'or' ? or(first!, ...rest) : and(first!, ...rest);
}
