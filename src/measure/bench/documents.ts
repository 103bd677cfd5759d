import { tokensOf } from '../../table/tokens.ts';
import type { LabColumn } from './scheme.ts';

type Documents = LabColumn & { readonly kind: 'document' };

/** How many documents hold each word, commonest first. */
export interface WordCounts {
  readonly words: readonly string[];
  readonly counts: readonly number[];
}

const kept = new WeakMap<LabColumn, WordCounts>();

/** Words of a document as every scheme of the lab takes them: table/tokens.ts, any script. */
export function wordsOf(text: string): readonly string[] {
  return tokensOf(text, 'unicode');
}

export function wordCounts(column: Documents): WordCounts {
  let found = kept.get(column);
  if (found === undefined) {
    const counts = new Map<string, number>();
    for (const text of column.texts) {
      for (const word of new Set(wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    found = { words: sorted.map(([word]) => word), counts: sorted.map(([, count]) => count) };
    kept.set(column, found);
  }
  return found;
}
