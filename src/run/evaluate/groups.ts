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
  mark(groupOf, filter, filter, 0);
  const valueOf = new Int32Array(filter.rows);
  for (let column = 0; column < valueCounts.length; column++) {
    const radix = valueCounts[column]!;
    valueOf.fill(-1);
    for (let value = 0; value < radix; value++) {
      const rows = valueRows(column, value);
      if (rows !== undefined) mark(valueOf, rows, filter, value);
    }
    const numbers = new Numbering(keys.length * radix);
    const next: number[][] = [];
    for (let row = 0; row < groupOf.length; row++) {
      const group = groupOf[row]!;
      if (group === -1) continue;
      const value = valueOf[row]!;
      if (value === -1) {
        groupOf[row] = -1;
        continue;
      }
      const number = numbers.of(group * radix + value);
      if (number === next.length) {
        if (number >= limit) throw new OpalineError('GROUP_LIMIT', { groups: number + 1, limit });
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
  const { words } = eligible;
  for (let w = 0; w < words.length; w++) {
    for (let bits = words[w]!; bits !== 0; bits &= bits - 1) {
      const group = groupOf[(w << 5) + 31 - Math.clz32(bits & -bits)]!;
      if (group !== -1) counts[group]! += 1;
    }
  }
  return counts;
}

/** target[row] = number for every row that is in both sets. */
function mark(target: Int32Array, rows: RowSet, within: RowSet, number: number): void {
  for (let w = 0; w < rows.words.length; w++) {
    for (let bits = rows.words[w]! & within.words[w]!; bits !== 0; bits &= bits - 1) {
      target[(w << 5) + 31 - Math.clz32(bits & -bits)] = number;
    }
  }
}

/** Numbers codes 0, 1, 2, … in the order in which they first appear. */
class Numbering {
  private readonly table: Int32Array | undefined;
  private readonly map = new Map<number, number>();
  private count = 0;

  constructor(codes: number) {
    if (codes <= TABLE_CODES) this.table = new Int32Array(codes).fill(-1);
  }

  of(code: number): number {
    const known = this.table === undefined ? this.map.get(code) : this.table[code];
    if (known !== undefined && known !== -1) return known;
    if (this.table === undefined) this.map.set(code, this.count);
    else this.table[code] = this.count;
    return this.count++;
  }
}
