import type { Postings } from '../../postings.ts';
import { pairsOf } from '../size.ts';

/** The keywords of each row, as numbers, ascending: those of row r are from starts[r] on. */
export interface RowKeywords {
  readonly starts: Uint32Array;
  readonly keywords: Uint32Array;
}

/** `order[i]`: which keyword of the postings is number i. */
export function keywordsByRow(postings: Postings, order: Uint32Array): RowKeywords {
  const { rows, starts: from, members } = postings;
  const starts = new Uint32Array(rows + 1);
  for (const row of members) starts[row + 1]! += 1;
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const next = starts.slice();
  const keywords = new Uint32Array(members.length);
  for (let i = 0; i < order.length; i++) {
    for (let m = from[order[i]!]!; m < from[order[i]! + 1]!; m++) {
      keywords[next[members[m]!]!++] = i;
    }
  }
  return { starts, keywords };
}

/** Pairs of keywords in a row, over all rows: Σ k(k − 1)/2, a bound on the number of distinct pairs. */
export function pairsInRows({ starts }: Pick<RowKeywords, 'starts'>): number {
  let pairs = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    const count = starts[row + 1]! - starts[row]!;
    pairs += pairsOf(count);
  }
  return pairs;
}

/**
 * Visit every two keywords that occur together, i < j, once, with the rows of both: list[from] to list[to − 1],
 * ascending. Time and room are those of the pairs of one keyword at a time.
 */
export function eachPair(
  postings: Postings,
  order: Uint32Array,
  { starts, keywords }: RowKeywords,
  visit: (i: number, j: number, list: Uint32Array, from: number, to: number) => void,
): void {
  const { members, starts: from } = postings;
  // Keyword i comes before j in each row that has both: what is left of a row are the j.
  const next = starts.slice(0, -1);
  const ends = new Uint32Array(order.length);
  const met = new Uint32Array(order.length);
  let list = new Uint32Array(0);
  for (let i = 0; i < order.length; i++) {
    const rows = members.subarray(from[order[i]!]!, from[order[i]! + 1]!);
    let count = 0;
    let total = 0;
    for (const row of rows) {
      const end = starts[row + 1]!;
      const begin = (next[row]! += 1);
      total += end - begin;
      for (let at = begin; at < end; at++) {
        const j = keywords[at]!;
        if (ends[j] === 0) met[count++] = j;
        ends[j]! += 1;
      }
    }
    if (list.length < total) list = new Uint32Array(Math.max(total, 2 * list.length));
    let at = 0;
    for (let k = 0; k < count; k++) {
      const size = ends[met[k]!]!;
      ends[met[k]!] = at;
      at += size;
    }
    for (const row of rows) {
      for (let a = next[row]!; a < starts[row + 1]!; a++) list[ends[keywords[a]!]!++] = row;
    }
    let start = 0;
    for (let k = 0; k < count; k++) {
      const end = ends[met[k]!]!;
      ends[met[k]!] = 0;
      visit(i, met[k]!, list, start, end);
      start = end;
    }
  }
}
