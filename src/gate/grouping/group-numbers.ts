import { OpalineError } from '../../errors/opaline-error.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import type { SegmentMeta } from '../../table/segment-meta.ts';
import type { RowSet } from '../../table/row-set.ts';
import type { Value } from '../../table/value.ts';
import type { RowCodes } from '../../table/row-codes.ts';
import { GROUP_LIMIT, type GroupValues } from '../group-values.ts';

/** Numbers the groups of several segments in the order in which their rows are met. */
export class GroupNumbers {
  private readonly columns: readonly GroupValues[];
  /** Per column, from the group so far and a value's number to the group. */
  private readonly levels: readonly Map<number, number>[];
  private readonly keys: number[][][];

  constructor(columns: readonly GroupValues[]) {
    this.columns = columns;
    this.levels = columns.map(() => new Map<number, number>());
    this.keys = columns.map(() => []);
  }

  /** Groups met so far. */
  get count(): number {
    return this.keys.at(-1)?.length ?? 1;
  }

  /** The values of a group; none where there are no columns to group by, and so one group. */
  keyOf(group: number): Value[] {
    return (this.keys.at(-1)?.[group] ?? []).map(
      (value, column) => this.columns[column]!.values[value]!,
    );
  }

  /**
   * Per row of a segment its group, −1 outside `rows`.
   * @throws GROUP_LIMIT
   */
  split(
    rows: RowSet,
    codes: readonly RowCodes[],
    entry: SegmentEntry,
    meta: SegmentMeta,
  ): Int32Array {
    const groupOf = new Int32Array(rows.rows).fill(-1);
    for (const row of rows.toArray()) groupOf[row] = 0;
    codes.forEach((column, level) => this.refine(groupOf, column, level, entry, meta));
    return groupOf;
  }

  private refine(
    groupOf: Int32Array,
    { codes }: RowCodes,
    level: number,
    entry: SegmentEntry,
    meta: SegmentMeta,
  ): void {
    const column = this.columns[level]!;
    const numbers = column.numbersIn(entry, meta);
    const radix = column.values.length;
    const known = this.levels[level]!;
    const keys = this.keys[level]!;
    for (let row = 0; row < groupOf.length; row++) {
      const before = groupOf[row]!;
      if (before === -1) continue;
      const value = numbers[codes![row]!];
      // The place of an erased row has no value; only a store that is wrong lists it.
      if (value === undefined) {
        throw new OpalineError('PART_CORRUPT', {
          part: entry.index.id,
          reason: 'it lists a row that is not there',
        });
      }
      const code = before * radix + value;
      let group = known.get(code);
      if (group === undefined) {
        group = keys.length;
        if (group >= GROUP_LIMIT) {
          throw new OpalineError('GROUP_LIMIT', { groups: group + 1, limit: GROUP_LIMIT });
        }
        keys.push(level === 0 ? [value] : [...this.keys[level - 1]![before]!, value]);
        known.set(code, group);
      }
      groupOf[row] = group;
    }
  }
}
