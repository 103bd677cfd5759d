import { randomBytes } from '../../../../src/bytes/random.ts';
import { keyword, KEYWORD_KIND } from '../../../../src/search/keyword.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import type { BuiltRung, StoreIndex } from '../../../../src/search/rung.ts';
import { buildTags } from '../../../../src/search/tag/build.ts';
import { openTagIndex } from '../../../../src/search/tag/eval.ts';
import { openTagReply, tagQuery } from '../../../../src/search/tag/token.ts';
import { canonical, type Cell } from '../sse/support.ts';

export function keywordOf(cell: Cell): Uint8Array {
  return cell === null ? keyword(KEYWORD_KIND.null) : keyword(KEYWORD_KIND.value, canonical(cell));
}

/** The rows of each keyword; `erased` rows have none. */
export function postingsOf(cells: readonly Cell[], erased: readonly number[] = []): Postings {
  const lists = new Map<Cell, number[]>();
  cells.forEach((cell, row) => {
    if (erased.includes(row)) return;
    const list = lists.get(cell) ?? [];
    list.push(row);
    lists.set(cell, list);
  });
  const starts = [0];
  for (const list of lists.values()) starts.push(starts.at(-1)! + list.length);
  return {
    rows: cells.length,
    keywords: [...lists.keys()].map(keywordOf),
    starts: Uint32Array.from(starts),
    members: Uint32Array.from([...lists.values()].flat()),
  };
}

export interface BuiltTags extends BuiltRung {
  readonly key: Uint8Array;
  readonly index: StoreIndex;
}

export function build(cells: readonly Cell[], bits: number, erased?: readonly number[]): BuiltTags {
  const key = randomBytes(32);
  const built = buildTags(key, postingsOf(cells, erased), bits);
  return { ...built, key, index: openTagIndex(built.part) };
}

/** A lookup as a vault makes it. */
export function lookup({ key, state, index }: BuiltTags, cell: Cell): Uint32Array {
  const asked = keywordOf(cell);
  return openTagReply(key, state, asked, index.answer!(tagQuery(key, state, asked)));
}
