import { checkAbort } from '../../../client/ingest/reading.ts';
import type { LabTable, Scheme } from '../scheme.ts';
import { PlainTable, wordsOf } from './support/plain-table.ts';

/** What the computation takes with nothing hidden and nothing between: the floor of every comparison. */
export const plainJs: Scheme = {
  name: 'plain-js',
  title: 'Plaintext, loops over typed arrays',
  security: 'none: the store reads every value, question and answer',
  family: 'plaintext',
  whose: 'peer',
  // A word's rows are counted beforehand.
  expectedGrowth: (workload) => (workload === 'keyword' ? 0 : 1),
  prepare: async (table, { signal }) => {
    checkAbort(signal);
    const plain = new PlainTable(table).index();
    const atRest = columnBytes(table);
    return {
      bytes: () => ({ atRest, keys: 0 }),
      answer: (question) => {
        const values = plain.answer(question);
        return values && Promise.resolve({ values });
      },
      atRest: () => 'all' as const,
      shows: () => 'every value at rest; every question and answer',
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

/** The columns as they lie in memory, documents by their distinct words. */
function columnBytes({ columns }: LabTable): number {
  let bytes = 0;
  for (const column of Object.values(columns)) {
    if (column.kind === 'integer') bytes += column.values.byteLength;
    if (column.kind === 'text') {
      bytes += column.codes.byteLength;
      for (const value of column.values) bytes += Buffer.byteLength(value);
    }
    if (column.kind === 'document') {
      for (const text of column.texts) bytes += Buffer.byteLength(wordsOf(text).join(' '));
    }
  }
  return bytes;
}
