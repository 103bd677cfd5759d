import type {
  AggregateWork,
  SegmentFragment,
  SegmentMembers,
  SegmentSum,
  SparseCounts,
} from '../../plan/fragment.ts';
import type { RowSet } from '../../table/row-set.ts';
import { countRows, onePartition, partition, type Partition } from './groups.ts';
import type { SetEvaluator } from './sets.ts';
import { tallyRows } from './tally.ts';

/**
 * Which rows of a segment go where: all that an aggregate needs of the segment's index. It is
 * complete before the first column is asked for, so that index and columns need not be in memory
 * at once.
 */
export interface Selection {
  /** Rows of the segment. */
  readonly rows: number;
  readonly groups: Partition;
  /** Per group, the size of each restriction that the fragment counts. */
  readonly counts: readonly (readonly number[])[];
  /** Per group, its tallies. */
  readonly tallies: readonly SparseCounts[];
  /** Sums by the rows that may count in them, so that those of a class share their masks. */
  readonly classes: readonly SumClass[];
}

export interface SumClass {
  readonly eligible: RowSet;
  readonly sums: readonly SegmentSum[];
}

/** @throws GROUP_LIMIT when more groups than the fragment allows have rows. */
export function selectRows(
  work: AggregateWork,
  fragment: SegmentFragment,
  rows: number,
  sets: SetEvaluator,
): Selection {
  const filter = sets.filter();
  const restricted = new Map<number, RowSet>();
  const eligible = (over: number): RowSet => {
    const known = restricted.get(over);
    if (known !== undefined) return known;
    const made = over === -1 ? filter : filter.and(sets.evaluate(over));
    restricted.set(over, made);
    return made;
  };
  const groups = splitRows(fragment, filter, sets, work.maxGroups);
  const counts = fragment.counts.map((over) => {
    return over === -1 ? groups.sizes : countRows(groups, eligible(over));
  });
  const classes = [...Map.groupBy(fragment.sums, ({ over }) => over)].map(([over, sums]) => ({
    eligible: eligible(over),
    sums,
  }));
  return {
    rows,
    groups,
    counts: groups.keys.map((_, g) => counts.map((count) => count[g]!)),
    tallies: tallyRows(fragment.tallies, groups, filter, sets),
    classes,
  };
}

/** Which group each row of the members nodes is in. @throws GROUP_LIMIT */
export function sortMembers(
  fragment: SegmentFragment,
  maxGroups: number,
  sets: SetEvaluator,
): SegmentMembers {
  const filter = sets.filter();
  const { keys, groupOf } = splitRows(fragment, filter, sets, maxGroups);
  const groups = fragment.members.map((node) =>
    sets
      .evaluate(node)
      .toArray()
      .map((row) => {
        if (groupOf === undefined) return filter.has(row) ? 1 : 0;
        return groupOf[row]! + 1;
      }),
  );
  return { segment: fragment.segment, keys, groups };
}

function splitRows(
  fragment: SegmentFragment,
  filter: RowSet,
  sets: SetEvaluator,
  limit: number,
): Partition {
  if (fragment.groups.length === 0) return onePartition(filter);
  return partition(
    filter,
    fragment.groups.map((values) => values.length),
    (column, value) => {
      const node = fragment.groups[column]![value]!;
      return node === -1 ? undefined : sets.evaluate(node);
    },
    limit,
  );
}
