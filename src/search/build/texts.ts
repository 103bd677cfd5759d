import { utf8 } from '../../bytes/codec.ts';
import { LEAST_PREFIX } from '../../table/search-index.ts';
import { KEYWORD_KIND } from '../keyword.ts';
import type { Postings } from '../postings.ts';
import { gramsOf, prefixesOf, type TextLists } from '../text.ts';
import { KeywordLists } from './keyword-lists.ts';

/**
 * The rows of each prefix and of each gram of a text column. `texts` holds the distinct values, and `codes`
 * gives each row its own, negative for NULL and holes.
 *
 * Every row is in as many lists as if its text took the bytes it is padded to, with a code point a byte and
 * no gram twice: what is missing are lists that stand for nothing. So the number of postings, of a row and of
 * all, tells of a text its length in steps of 16 bytes, and no repetition in it. (libmongocrypt pads its
 * text search in the same way, mc-str-encode-string-sets.c.)
 */
export function textPostings(
  texts: Iterable<string>,
  codes: Int32Array,
  { prefix, ngram }: TextLists,
): Postings {
  const lists = new KeywordLists();
  for (const text of texts) {
    const padded = paddedBytes(utf8(text).length);
    let size = 0;
    if (prefix !== undefined) {
      for (const start of prefixesOf(text, prefix)) lists.add(KEYWORD_KIND.prefix, start);
      size += prefixLists(padded, prefix);
    }
    if (ngram !== undefined) {
      for (const gram of gramsOf(text, ngram)) lists.add(KEYWORD_KIND.gram, gram);
      size += gramLists(padded, ngram);
    }
    lists.pad(size);
    lists.endValue();
  }
  return lists.postings(codes);
}

/** Bytes to which a text of `bytes` bytes is padded: 5 short of the next multiple of 16. */
export function paddedBytes(bytes: number): number {
  return 16 * Math.ceil((bytes + 5) / 16) - 5;
}

/** Lists of prefixes, up to `longest` code points, that a text of so many code points is in. */
export function prefixLists(points: number, longest: number): number {
  return Math.max(0, Math.min(points, longest) - LEAST_PREFIX + 1);
}

/** Lists of grams of `size` code points that a text of so many code points, no gram twice, is in. */
export function gramLists(points: number, size: number): number {
  return Math.max(0, points - size + 1);
}
