import type { Leakage } from '../../plan/leakage.ts';
import type { LinearPlan } from '../../plan/physical.ts';
import type { OpenTable } from '../open-table.ts';
import type { CodedFilter } from './coded-filter.ts';
import { columnsOf } from './conjuncts.ts';

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

/** What the store sees of a condition that is answered by choosing among the sums of private groups. */
export function obliviousLeakage(column: string, table: OpenTable): Leakage {
  const { atRest, onQuery } = privateLeakage(column, table);
  const [, ...shared] = onQuery;
  return {
    node: `filter on ${column}`,
    index: 'oblivious',
    atRest,
    onQuery: [
      'that its ciphertext columns are summed, all of them whatever is compared, by = or any other operator',
      ...shared,
    ],
    expectedRecovery: null,
  };
}

/** What the store learns beside the partition that it is shown where rows of a group lie together. */
export function clusteredLeakage(column: string): Leakage {
  return {
    node: `layout by ${column}`,
    index: 'clustered',
    atRest: [`that rows which lie next to each other are likely of one value of ${column}`],
    onQuery: [
      `the unlabelled histogram of ${column}: which rows any query by it groups together, and so how many`,
      `of every other query, how the rows that it selects spread over the values of ${column}`,
    ],
    expectedRecovery: null,
  };
}

/** What the store sees where the vault chooses rows by sealed codes, and may group them. */
export function codedLeakage(plan: LinearPlan, { columns, parts }: CodedFilter): Leakage {
  const asked = new Set(parts.flatMap((part) => [...columnsOf(part)]));
  const coded = [...new Set([...asked, ...columns, ...plan.groupBy])];
  const { atRest, onQuery } = vaultLeakage(coded);
  return {
    node: asked.size === 0 ? `groupBy on ${coded.join(', ')}` : `filter on ${columns.join(', ')}`,
    index: 'oblivious',
    atRest,
    onQuery: [
      `that row codes are read, of ${coded.length === 1 ? 'one column' : `${coded.length} columns`}, whatever is compared, by = or any other operator`,
      ...onQuery.slice(0, -1),
      'no row, number of rows, value or order: whole columns are sent',
    ],
    expectedRecovery: null,
  };
}

/** What the store sees where the vault groups by itself. */
export function vaultLeakage(columns: readonly string[]): Leakage {
  return {
    node: `groupBy on ${columns.join(', ')}`,
    index: 'row codes',
    atRest: [
      `whether ${columns.join(' and ')} has more than 255 or 65,535 values in a segment, by the size of sealed blocks`,
    ],
    onQuery: [
      'which ciphertext columns are sent to the vault, and which sealed blocks',
      'no group’s rows, size, value or order',
    ],
    expectedRecovery: null,
  };
}
