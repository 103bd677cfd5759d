import { OpalineError } from '../../errors/opaline-error.ts';
import type { RowSet } from '../../table/row-set.ts';

/** Rows of one segment split by the values of the grouping columns. */
export interface Partition {
  /** Per group, the value index of each grouping column. */
  readonly keys: readonly (readonly number[])[];
  /** Per row, its group, or −1 outside the filter; undefined: every row is in group 0. */
  readonly groupOf: Int32Array | undefined;
  /** Per group, its rows. */
  readonly sizes: readonly number[];
}

/** Without grouping columns every row of the filter is in group 0. */
export function onePartition(filter: RowSet): Partition {
  const { count } = filter;
  return { keys: count === 0 ? [] : [[]], groupOf: undefined, sizes: count === 0 ? [] : [count] };
}

/** Past this many codes a table of group numbers gives way to a map. */
const TABLE_CODES = 1 << 20;

/**
 * Split `filter` by one or more columns. `valueRows(column, value)` gives the rows of a value; rows
 * that no value holds are in no group.
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
  let keys: number[][] = [[]];
  let sizes: number[] = [];
  let groupOf: Int32Array | undefined;
  for (let column = 0; column < valueCounts.length; column++) {
    const radix = valueCounts[column]!;
    const valueOf = valuesOf(filter, radix, (value) => valueRows(column, value));
    const numbers = new Numbering(keys.length * radix);
    const next: number[][] = [];
    sizes = [];
    for (let row = 0; row < valueOf.length; row++) {
      const value = valueOf[row]!;
      const group = groupOf === undefined ? 0 : groupOf[row]!;
      if (value === -1 || group === -1) {
        valueOf[row] = -1;
        continue;
      }
      const number = numbers.of(group * radix + value);
      if (number === next.length) {
        if (number >= limit) throw new OpalineError('GROUP_LIMIT', { groups: number + 1, limit });
        next.push([...keys[group]!, value]);
        sizes.push(0);
      }
      sizes[number]! += 1;
      valueOf[row] = number;
    }
    keys = next;
    groupOf = valueOf;
  }
  return { keys, groupOf, sizes };
}

/** Values whose bitmaps are walked together: 2 MB of them for a full segment. */
const VALUES_AT_ONCE = 64;
/** Words of a bitmap that are walked at once: what is written for them stays in the cache. */
const WORDS_AT_ONCE = 256;

/** Per row of the filter the value that holds it, −1 for none; the last one if several do. */
function valuesOf(
  filter: RowSet,
  values: number,
  valueRows: (value: number) => RowSet | undefined,
): Int32Array {
  const valueOf = new Int32Array(filter.rows).fill(-1);
  for (let first = 0; first < values; first += VALUES_AT_ONCE) {
    const count = Math.min(VALUES_AT_ONCE, values - first);
    const sets = Array.from({ length: count }, (_, i) => valueRows(first + i));
    for (let word = 0; word < filter.words.length; word += WORDS_AT_ONCE) {
      sets.forEach((set, i) => {
        if (set !== undefined) mark(valueOf, first + i, set.words, filter.words, word);
      });
    }
  }
  return valueOf;
}

/** target[row] = number for the rows in both sets, from word `from` on. */
function mark(
  target: Int32Array,
  number: number,
  rows: Uint32Array,
  within: Uint32Array,
  from: number,
): void {
  const end = Math.min(from + WORDS_AT_ONCE, within.length);
  for (let w = from; w < end; w++) {
    for (let bits = rows[w]! & within[w]!; bits !== 0; bits &= bits - 1) {
      target[(w << 5) + 31 - Math.clz32(bits & -bits)] = number;
    }
  }
}

/** Per group, how many rows of `eligible` it has. */
export function countRows({ groupOf, sizes }: Partition, eligible: RowSet): readonly number[] {
  if (groupOf === undefined) return sizes.map(() => eligible.count);
  const counts = sizes.map(() => 0);
  const { words } = eligible;
  for (let w = 0; w < words.length; w++) {
    for (let bits = words[w]!; bits !== 0; bits &= bits - 1) {
      const group = groupOf[(w << 5) + 31 - Math.clz32(bits & -bits)]!;
      if (group !== -1) counts[group]! += 1;
    }
  }
  return counts;
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
