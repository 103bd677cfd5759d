import fc from 'fast-check';
import { utf8 } from '../../../src/bytes/codec.ts';
import { keyword, KEYWORD_KIND } from '../../../src/search/keyword.ts';
import { rowsOf, type Postings } from '../../../src/search/postings.ts';
import type { Ask, StoreIndex } from '../../../src/search/rung.ts';
import { generator } from './sse/support.ts';

/** Keyword i of the postings that these functions make. */
export function nthKeyword(i: number): Uint8Array {
  return keyword(KEYWORD_KIND.value, utf8(`keyword ${i}`));
}

/** Lists of rows, ascending and not empty, as a construction takes them. */
export function postingsOf(rows: number, lists: readonly (readonly number[])[]): Postings {
  const starts = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => (starts[i + 1] = starts[i]! + list.length));
  const keywords = lists.map((_, i) => nthKeyword(i));
  return { rows, keywords, starts, members: Uint32Array.from(lists.flat()) };
}

/** Row r has keywords draw(r). */
export function drawnPostings(rows: number, draw: (row: number) => Iterable<number>): Postings {
  const lists = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    for (const value of new Set(draw(row))) {
      const list = lists.get(value);
      if (list === undefined) lists.set(value, [row]);
      else list.push(row);
    }
  }
  return postingsOf(rows, [...lists.values()]);
}

/** Reproducible draws of 0 to count − 1 with Zipf's distribution: value v with weight 1 / (v + 1). */
export function zipf(count: number, seed: number): () => number {
  const next = generator(seed);
  const sums: number[] = [];
  let sum = 0;
  for (let v = 0; v < count; v++) sums.push((sum += 1 / (v + 1)));
  return () => {
    const at = (next() / 2 ** 32) * sum;
    const found = sums.findIndex((upTo) => upTo > at);
    return found < 0 ? count - 1 : found;
  };
}

/** Multimaps of any shape over 1 to 400 rows: lists of one row, of all, and in between. */
export const postingsArbitrary: fc.Arbitrary<Postings> = fc
  .integer({ min: 1, max: 400 })
  .chain((rows) =>
    fc
      .array(fc.uniqueArray(fc.nat(rows - 1), { minLength: 1, maxLength: rows }), {
        maxLength: 30,
      })
      .map((lists) =>
        postingsOf(
          rows,
          lists.map((list) => list.toSorted((a, b) => a - b)),
        ),
      ),
  );

/** What the store saw of one round trip. */
export interface Round {
  readonly queries: readonly Uint8Array[];
  readonly replies: readonly (Uint8Array | undefined)[];
}

/** A store that answers honestly and writes down what it sees. */
export function recording(index: StoreIndex): { ask: Ask; rounds: Round[] } {
  const rounds: Round[] = [];
  const ask: Ask = (queries) => {
    const replies = queries.map((query) => index.answer!(query));
    rounds.push({ queries: queries.map((query) => query.slice()), replies });
    return Promise.resolve(replies);
  };
  return { ask, rounds };
}

/** The rows of every keyword, by its text's number. */
export function expectedRows(postings: Postings): Uint32Array[] {
  return postings.keywords.map((_, i) => rowsOf(postings, i));
}
