import { gramsOf, pointsOf, type TextLists } from '../search/text.ts';
import { LEAST_PREFIX } from '../table/search-index.ts';
import { beginningOf, isPrefix, type LikePattern } from './like.ts';

/** What a column's lists are asked for to find the rows that may be of a pattern. */
export interface LikeLists {
  /** The beginning that all of them have, cut to the longest that has a list. */
  readonly prefix?: string;
  /** Grams that all of them hold, distinct. */
  readonly grams: readonly string[];
  /** The rows of these lists are the pattern's and no others. */
  readonly exact: boolean;
}

/** Beyond so many grams another one would hardly rule out a row. */
const MOST_GRAMS = 64;

/** The lists that serve a pattern; undefined where the column has none that does. */
export function likeLists(
  pattern: LikePattern,
  { prefix: longest, ngram }: TextLists,
): LikeLists | undefined {
  const start = beginningOf(pattern);
  const prefix =
    longest === undefined || start === undefined || pointsOf(start) < LEAST_PREFIX
      ? undefined
      : cut(start, longest);
  const texts = pattern.filter((part) => typeof part === 'string');
  const grams = ngram === undefined ? [] : texts.flatMap((text) => gramsOf(text, ngram));
  if (prefix === undefined && grams.length === 0) return undefined;
  return {
    ...(prefix === undefined ? {} : { prefix }),
    grams: [...new Set(grams)].slice(0, MOST_GRAMS),
    exact: prefix !== undefined && isPrefix(pattern) && prefix === start,
  };
}

function cut(text: string, points: number): string {
  return [...text].slice(0, points).join('');
}
