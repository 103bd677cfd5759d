import { OpalineError } from '../../errors/opaline-error.ts';
import type { RowSet } from '../../table/row-set.ts';

/** Rows of one segment split by the values of the grouping columns. */
export interface Partition {
  /** Per group, the value index of each grouping column. */
  readonly keys: readonly (readonly number[])[];
  /** Per row, its group, or −1 outside the filter. */
  readonly groupOf: Int32Array;
}

/** Without grouping columns every row of the filter is in group 0. */
export function onePartition(filter: RowSet): Partition {
  const groupOf = new Int32Array(filter.rows).fill(-1);
  const rows = filter.toArray();
  for (const row of rows) groupOf[row] = 0;
  return { keys: rows.length === 0 ? [] : [[]], groupOf };
}

/**
 * Split `filter` by several columns. `valueRows(column, value)` gives the rows of a value; rows that
 * no value holds are in no group.
 * @throws GROUP_LIMIT when more than `limit` groups have rows.
 */
export function partition(
  filter: RowSet,
  valueCounts: readonly number[],
  valueRows: (column: number, value: number) => RowSet | undefined,
  limit: number,
): Partition {
  const rows = filter.toArray();
  // Group numbers are refined column by column, so they stay below limit + 1 whatever the product
  // of the dictionaries' sizes is.
  let keys: number[][] = rows.length === 0 ? [] : [[]];
  const groupOf = new Int32Array(filter.rows).fill(-1);
  for (const row of rows) groupOf[row] = 0;
  for (let column = 0; column < valueCounts.length; column++) {
    const valueOf = new Int32Array(filter.rows).fill(-1);
    for (let value = 0; value < valueCounts[column]!; value++) {
      const set = valueRows(column, value)?.and(filter);
      if (set !== undefined) for (const row of set.toArray()) valueOf[row] = value;
    }
    const refined = new Map<number, number>();
    const next: number[][] = [];
    const radix = valueCounts[column]!;
    for (const row of rows) {
      const group = groupOf[row]!;
      const value = valueOf[row]!;
      if (group === -1 || value === -1) {
        groupOf[row] = -1;
        continue;
      }
      const code = group * radix + value;
      let number = refined.get(code);
      if (number === undefined) {
        number = next.length;
        if (number >= limit) throw new OpalineError('GROUP_LIMIT', { groups: number + 1, limit });
        refined.set(code, number);
        next.push([...keys[group]!, value]);
      }
      groupOf[row] = number;
    }
    keys = next;
  }
  return { keys, groupOf };
}
