import type { Leakage } from '../../plan/leakage.ts';
import type { OpenTable } from '../open-table.ts';

/** What the store sees of groups that have ciphertext columns of their own. */
export function privateLeakage(column: string, table: OpenTable): Leakage {
  const segments = table.manifest.segments.length;
  return {
    node: `groupBy on ${column}`,
    index: 'oblivious',
    atRest: [
      `about how many values ${column} has in each segment: their ciphertext columns are counted with the others`,
    ],
    onQuery: [
      'that a query groups by one of the private columns, and which ciphertext columns are its groups’',
      ...(segments > 1
        ? ['which ciphertext columns of different segments are the same unnamed group’s']
        : []),
      'no group’s rows, size, value or order: all groups are summed over the same rows',
    ],
    expectedRecovery: null,
  };
}
