import { byCount } from '../questions.ts';
import { columnOf, histogramOf } from '../histogram.ts';
import { wordCounts } from '../documents.ts';
import type { LabTable, Question } from '../scheme.ts';

/** Values that a filter may ask for, most frequent first, each with the question that asks for it. */
export interface QuerySpace {
  readonly column: string;
  readonly keywords: readonly Keyword[];
  /** Whether values differ in how often they occur, or are two keys. */
  readonly weighted: boolean;
}

export interface Keyword {
  readonly question: Question;
  /** Rows that its answer is made of. */
  readonly rows: number;
}

/** The space of a question's filter: the same question for other values, the `most` commonest. Undefined: no filter. */
export function spaceOf(question: Question, table: LabTable, most: number): QuerySpace | undefined {
  switch (question.workload) {
    case 'sum':
    case 'correlation':
    case 'group-by':
      return undefined;
    case 'keyword': {
      const column = columnOf(table, question.column);
      if (column.kind !== 'document') return undefined;
      const { words, counts } = wordCounts(column);
      const keywords = words
        .slice(0, most)
        .map((word, i) => ({ question: { ...question, word }, rows: counts[i]! }));
      return { column: question.column, keywords, weighted: true };
    }
    case 'range':
      return rangeSpace(question, table, most);
    case 'private-lookup': {
      const { column } = question.where;
      const { values } = histogramOf(table, column);
      // The game of indistinguishability: two queries of the attacker's choice, and which of them it was.
      const keywords = [values[0]!, values.at(-1)!].map((value) => ({
        question: { ...question, where: { column, value } },
        rows: 1,
      }));
      return { column, keywords, weighted: false };
    }
    case 'filtered-average':
    case 'exact-lookup': {
      const { column } = question.where;
      const { values, counts } = histogramOf(table, column);
      const keywords = byCount(counts)
        .slice(0, most)
        .map((place) => ({
          question: { ...question, where: { column, value: values[place]! } },
          rows: counts[place]!,
        }));
      return { column, keywords, weighted: true };
    }
    case 'conjunction': {
      const [{ column }, second] = question.where;
      const first = histogramOf(table, column);
      const other = histogramOf(table, second.column);
      const wanted = other.values.indexOf(second.value);
      const counts = first.values.map(() => 0);
      first.places.forEach((place, row) => {
        if (other.places[row] === wanted) counts[place]! += 1;
      });
      const keywords = byCount(counts)
        .filter((place) => counts[place]! > 0)
        .slice(0, most)
        .map((place): Keyword => {
          const value = first.values[place]!;
          return {
            question: { workload: 'conjunction', where: [{ column, value }, second] },
            rows: counts[place]!,
          };
        });
      return { column, keywords, weighted: true };
    }
  }
}

/** Runs of neighbouring values, none overlapping another. */
function rangeSpace(
  question: Question & { readonly workload: 'range' },
  table: LabTable,
  most: number,
): QuerySpace {
  const { values, counts } = histogramOf(table, question.column);
  const runs = Math.min(most, values.length);
  const keywords = Array.from({ length: runs }, (_, i) => {
    const start = Math.floor((i * values.length) / runs);
    const end = Math.floor(((i + 1) * values.length) / runs);
    const [from, to] = [Number(values[start]), Number(values[end - 1])];
    const rows = counts.slice(start, end).reduce((sum, count) => sum + count, 0);
    return { question: { ...question, from, to }, rows };
  });
  return {
    column: question.column,
    keywords: keywords.sort((a, b) => b.rows - a.rows),
    weighted: true,
  };
}
