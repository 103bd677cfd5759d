import { utf8 } from '../../src/bytes/codec.ts';
import { keyword, KEYWORD_KIND } from '../../src/search/keyword.ts';
import type { Postings } from '../../src/search/postings.ts';

export const term = (word: string): Uint8Array => keyword(KEYWORD_KIND.token, utf8(word));

/** The postings of rows, each a list of distinct words. */
export function postingsOf(rows: readonly (readonly string[])[]): Postings {
  const lists = new Map<string, number[]>();
  rows.forEach((words, row) => {
    for (const word of words) {
      const list = lists.get(word);
      if (list === undefined) lists.set(word, [row]);
      else list.push(row);
    }
  });
  const each = [...lists.values()];
  const starts = new Uint32Array(each.length + 1);
  each.forEach((list, i) => (starts[i + 1] = starts[i]! + list.length));
  return {
    rows: rows.length,
    keywords: [...lists.keys()].map(term),
    starts,
    members: Uint32Array.from(each.flat()),
  };
}
