import type { Answer, Equality, LabTable, Question, Scheme } from '../scheme.ts';
import { factsOf } from '../column-facts.ts';
import { FindexIndex } from './support/findex-index.ts';
import { wordsOf } from './support/plain-table.ts';

/** Indexing takes tens of microseconds a keyword. */
const MOST_ROWS = 100_000;

/** Findex by Cosmian, tables in memory: rows by value and by word; several conditions are put together by the client. */
export const findex: Scheme = {
  name: 'findex',
  title: 'Findex (Cosmian), searchable encryption',
  security:
    'values, words and rows, from the store, under a PRF and an authenticated cipher; it sees which entries a search finds, how many, and whether they were found before',
  family: 'sse',
  whose: 'peer',
  packages: ['cosmian_findex'],
  mostRows: MOST_ROWS,
  expectedGrowth: (workload) => (workload === 'private-lookup' ? 0 : null),
  prepare: async (table, { signal }) => {
    const index = await FindexIndex.create(table.rows, keywordsOf(table), signal);
    const atRest = index.bytes;
    return {
      bytes: () => ({ atRest, keys: 0 }),
      answer: (question) => {
        const keywords = asked(table, question);
        return keywords && answerTo(index, keywords);
      },
      atRest: () => undefined,
      shows: () =>
        'at rest: how many entries and chains all keywords have. On query: the entry and the chain of each keyword, how long it is, and whether it was asked before; not the rows',
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

/** A keyword for each word and each value, its column's number before it; none for numbers that are only added up. */
function keywordsOf(table: LabTable): (row: number) => string[] {
  const columns = factsOf(table).map(({ name, kind }) => ({ kind, column: table.columns[name]! }));
  return (row) =>
    columns.flatMap(({ kind, column }, i) => {
      if (kind === 'integer') return [];
      if (column.kind === 'integer') return [`${i}=${column.values[row]}`];
      if (column.kind === 'text') return [`${i}=${column.values[column.codes[row]!]}`];
      return wordsOf(column.texts[row]!).map((word) => `${i}=${word}`);
    });
}

/** The keywords that a question looks for; undefined for one that keywords do not answer. */
function asked(table: LabTable, question: Question): readonly string[] | undefined {
  const facts = factsOf(table);
  const names = facts.map(({ name }) => name);
  const kindOf = (column: string): string | undefined => facts[names.indexOf(column)]?.kind;
  const keywords = (where: readonly Equality[]): string[] =>
    where.map(({ column, value }) => `${names.indexOf(column)}=${value}`);
  const valued = (where: readonly Equality[]): boolean =>
    where.every(({ column }) => kindOf(column) === 'key' || kindOf(column) === 'text');
  switch (question.workload) {
    case 'exact-lookup':
    case 'private-lookup':
      return valued([question.where]) ? keywords([question.where]) : undefined;
    case 'conjunction':
      return valued(question.where) ? keywords(question.where) : undefined;
    case 'keyword': {
      const { column, word } = question;
      return kindOf(column) === 'document' ? keywords([{ column, value: word }]) : undefined;
    }
    default:
      return undefined;
  }
}

async function answerTo(index: FindexIndex, keywords: readonly string[]): Promise<Answer> {
  const sets: ReadonlySet<number>[] = [];
  for (const keyword of keywords) sets.push(await index.search(keyword));
  const rows = sets.reduce((all, set) => new Set([...all].filter((row) => set.has(row))));
  const transcript = index.calls();
  return {
    values: [String(rows.size)],
    bytesUp: transcript.reduce((sum, { up }) => sum + up, 0),
    bytesDown: transcript.reduce((sum, { down }) => sum + down, 0),
    transcript,
  };
}
