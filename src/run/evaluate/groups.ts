import { OpalineError } from '../../errors/opaline-error.ts';
import type { RowSet } from '../../table/row-set.ts';

/** Rows of one segment split by the values of the grouping columns. */
export interface Partition {
  /** Per group, the value index of each grouping column. */
  readonly keys: readonly (readonly number[])[];
  /** Per row, its group, or −1 outside the filter; undefined: every row is in group 0. */
  readonly groupOf: Int32Array | undefined;
}

/** Without grouping columns every row of the filter is in group 0. */
export function onePartition(filter: RowSet): Partition {
  return { keys: filter.count === 0 ? [] : [[]], groupOf: undefined };
}

/** Past this many codes a table of group numbers gives way to a map. */
const TABLE_CODES = 1 << 20;

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
  // Group numbers are refined column by column, so they stay below limit + 1 whatever the product
  // of the dictionaries' sizes is.
  let keys: number[][] = filter.count === 0 ? [] : [[]];
  const groupOf = new Int32Array(filter.rows).fill(-1);
  eachRow(filter, undefined, (row) => (groupOf[row] = 0));
  const valueOf = new Int32Array(filter.rows);
  for (let column = 0; column < valueCounts.length; column++) {
    const radix = valueCounts[column]!;
    valueOf.fill(-1);
    for (let value = 0; value < radix; value++) {
      const rows = valueRows(column, value);
      if (rows !== undefined) eachRow(rows, filter, (row) => (valueOf[row] = value));
    }
    const refined = numbering(keys.length * radix);
    const next: number[][] = [];
    for (let row = 0; row < groupOf.length; row++) {
      const group = groupOf[row]!;
      if (group === -1) continue;
      const value = valueOf[row]!;
      if (value === -1) {
        groupOf[row] = -1;
        continue;
      }
      const code = group * radix + value;
      let number = refined.get(code);
      if (number === -1) {
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

/** Per group, how many rows of `eligible` it has. */
export function countRows(groups: Partition, eligible: RowSet): Float64Array {
  const counts = new Float64Array(groups.keys.length);
  const { groupOf } = groups;
  if (groupOf === undefined) {
    if (counts.length > 0) counts[0] = eligible.count;
    return counts;
  }
  eachRow(eligible, undefined, (row) => {
    const group = groupOf[row]!;
    if (group !== -1) counts[group]! += 1;
  });
  return counts;
}

/** The rows of `set` that are in `within` too, ascending. */
function eachRow(set: RowSet, within: RowSet | undefined, visit: (row: number) => void): void {
  const { words } = set;
  for (let w = 0; w < words.length; w++) {
    let bits = within === undefined ? words[w]! : words[w]! & within.words[w]!;
    while (bits !== 0) {
      const low = bits & -bits;
      visit((w << 5) + 31 - Math.clz32(low));
      bits ^= low;
    }
  }
}

/** Numbers given to codes below `codes`; −1: none yet. */
function numbering(codes: number): {
  get(code: number): number;
  set(code: number, number: number): void;
} {
  if (codes > TABLE_CODES) {
    const map = new Map<number, number>();
    return {
      get: (code) => map.get(code) ?? -1,
      set: (code, number) => void map.set(code, number),
    };
  }
  const table = new Int32Array(codes).fill(-1);
  return {
    get: (code) => table[code]!,
    set: (code, number) => {
      table[code] = number;
    },
  };
}
