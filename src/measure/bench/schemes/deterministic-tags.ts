import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scheme, WorkloadName } from '../scheme.ts';
import { answerByTags } from './support/tagged-answers.ts';
import { TaggedTable } from './support/tagged-table.ts';

/** A value takes a good tenth of a millisecond to encrypt, and as long to decrypt. */
const MOST_ROWS = 100_000;

/** What the client fetches whole columns for. */
const SCANS: readonly WorkloadName[] = ['sum', 'group-by', 'correlation'];

/**
 * ciphersweet-js over SQLite: whole blind indexes find rows; whatever is added up is fetched and decrypted by the
 * client. A conjunction is the join of two indexes.
 */
export const deterministicTags: Scheme = {
  name: 'deterministic-tags',
  title: 'Deterministic tags (ciphersweet-js) over SQLite',
  security:
    'values, from the store, under AES-256-CTR with HMAC-SHA-384 and a PRF, but for which rows of a column are equal: the tags show it at rest',
  family: 'tags',
  whose: 'peer',
  packages: ['ciphersweet-js'],
  mostRows: MOST_ROWS,
  expectedGrowth: (workload) => (SCANS.includes(workload) ? 1 : null),
  prepare: async (table, { folder, signal }) => {
    const path = join(folder, 'table.sqlite');
    const kept = await TaggedTable.create(path, table, signal);
    const atRest = (await stat(path)).size;
    return {
      bytes: () => ({ atRest, keys: 0 }),
      answer: (question) => answerByTags(kept, table, question),
      atRest: (column) => kept.labels.get(column),
      shows: (workload) =>
        `at rest: which rows are equal in each column that is looked up, and which rows share words. On query: ${ON_QUERY[workload]}`,
      [Symbol.asyncDispose]: () => {
        kept.close();
        return Promise.resolve();
      },
    };
  },
};

const FETCHED = 'that a column is fetched whole';
const TAG = 'the tag asked for, its rows, and whether it was asked before';

const ON_QUERY: Readonly<Record<WorkloadName, string>> = {
  sum: FETCHED,
  'filtered-average': TAG,
  'group-by': 'that rows are fetched by their tags',
  correlation: 'that two columns are fetched whole',
  'exact-lookup': TAG,
  range: 'nothing: it cannot be asked',
  keyword: TAG,
  conjunction: 'both tags, the rows of each and of both, and whether they were asked before',
  'private-lookup': TAG,
};
