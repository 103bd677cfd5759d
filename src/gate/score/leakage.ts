import type { Leakage } from '../../plan/leakage.ts';
import { scoredColumns } from '../../table/schema.ts';
import { deletedRows, fetchLeakage, indexLeakage, tableLeakage } from '../leakage.ts';
import type { OpenTable } from '../open-table.ts';
import type { PreparedScores } from './score-rows.ts';

/** What the store learns from scoring rows. */
export async function scoreLeakage(
  { uses, plan, fragment }: PreparedScores,
  table: OpenTable,
): Promise<Leakage[]> {
  const cubic = plan.polynomial !== undefined;
  const fetches = plan.select.length > 0 && fragment.segments.length > 0;
  const scored: Leakage = {
    node: 'score',
    index: 'ckks',
    atRest: [
      ...deletedRows(table),
      `the number of rows, of segments, and of columns stored to be multiplied or scored (${scoredColumns(table.schema).length} scored)`,
    ],
    onQuery: [
      'which ciphertext columns are scored, and by how many',
      'the weights, each times a power of two that differs by column and segment',
      'of a column whose weight it knows from elsewhere, the power of two above its largest value in each segment',
      ...(cubic ? ['the coefficients of the polynomial, up to a factor'] : []),
      'which rows are scored, and their number by the size of the reply',
      ...(fetches && plan.top !== undefined
        ? ['which rows have the highest scores: their records alone are fetched']
        : []),
    ],
    expectedRecovery: null,
  };
  return [
    ...(await indexLeakage(uses, table)),
    scored,
    ...(fetches ? [fetchLeakage(table)] : []),
    ...tableLeakage(table),
  ];
}
