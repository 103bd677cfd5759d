import { columnOf, type Histogram, histogramOf } from '../histogram.ts';
import { wordsOf } from '../documents.ts';
import type { LabColumn, LabTable, Question } from '../scheme.ts';
import { codedText } from '../text-coder.ts';

const ofDocuments = new WeakMap<LabColumn, Histogram>();

/** What an attack on a column is after, row by row: its value; of a document its first word. */
export function attackedValues(table: LabTable, name: string): Histogram {
  const column = columnOf(table, name);
  if (column.kind !== 'document') return histogramOf(table, name);
  let histogram = ofDocuments.get(column);
  if (histogram === undefined) {
    const first = codedText(column.texts.map((text) => wordsOf(text)[0] ?? ''));
    histogram = histogramOf({ ...table, columns: { first } }, 'first');
    ofDocuments.set(column, histogram);
  }
  return histogram;
}

/** The columns that a question reads, the one that its filter or groups would show first. */
export function columnsOf(question: Question): readonly string[] {
  switch (question.workload) {
    case 'sum':
    case 'range':
    case 'keyword':
      return [question.column];
    case 'filtered-average':
      return [question.where.column, question.column];
    case 'group-by':
      return [question.group, question.column];
    case 'correlation':
      return [question.x, question.y];
    case 'exact-lookup':
    case 'private-lookup':
      return [question.where.column];
    case 'conjunction':
      return question.where.map(({ column }) => column);
  }
}
