/** A column's statistics, as far as the cost of an index of its lists depends on them. */
export interface ColumnLists {
  readonly rows: number;
  readonly segments: number;
  /** Rows of each keyword over all segments. */
  readonly lists: readonly number[];
}

/** The same of one segment, if lists are spread evenly. */
export function perSegment({ rows, segments, lists }: ColumnLists): ColumnLists {
  const own = Math.max(1, Math.ceil(rows / segments));
  const shares = lists.map((count) => Math.min(own, Math.max(1, Math.ceil(count / segments))));
  return { rows: own, segments: 1, lists: shares };
}
