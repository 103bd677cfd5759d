import { type TokenRule, tokensOf } from '../../table/tokens.ts';
import { KEYWORD_KIND } from '../keyword.ts';
import type { Postings } from '../postings.ts';
import { KeywordLists } from './keyword-lists.ts';

/** How many distinct keywords a document has. */
export function keywordCount(document: string, rule: TokenRule): number {
  return new Set(tokensOf(document, rule)).size;
}

/**
 * The rows of each keyword of a column of documents, as every construction over a multimap takes them.
 * `documents` holds the distinct ones, and `codes` gives each row its own, negative for NULL and holes.
 */
export function documentPostings(
  documents: Iterable<string>,
  codes: Int32Array,
  rule: TokenRule,
): Postings {
  const lists = new KeywordLists();
  for (const document of documents) {
    for (const token of tokensOf(document, rule)) lists.add(KEYWORD_KIND.token, token);
    lists.endValue();
  }
  return lists.postings(codes);
}
