/** A column's statistics, as far as the cost of an index of its lists depends on them. */
export interface ColumnLists {
  readonly rows: number;
  readonly segments: number;
  /** Rows of each keyword over all segments; absent: as many keywords as rows. */
  readonly frequencies?: readonly number[];
}

/** Rows of a segment, and of each keyword's list in it, if the lists are spread evenly. */
export function segmentLists({ rows, segments, frequencies }: ColumnLists): {
  readonly rows: number;
  readonly lists: readonly number[];
} {
  const own = Math.max(1, Math.ceil(rows / Math.max(1, segments)));
  if (frequencies === undefined) return { rows: own, lists: singles(own) };
  const lists: number[] = [];
  // Keywords with fewer rows than there are segments are in some of them.
  let rare = 0;
  for (const frequency of frequencies) {
    if (frequency < segments) rare += frequency / segments;
    else lists.push(Math.min(own, Math.ceil(frequency / Math.max(1, segments))));
  }
  return { rows: own, lists: [...lists, ...singles(Math.ceil(rare))] };
}

function singles(count: number): number[] {
  return Array.from({ length: count }, () => 1);
}
