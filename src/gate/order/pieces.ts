import { compareKeys, type Key } from './key.ts';

/** Rows of a group whose values lie from `low` to `high`. */
export interface Piece {
  readonly low: Key;
  readonly high: Key;
  readonly count: number;
  /** The unit to open to know more; −1 where `low` is `high` and there is no more to know. */
  readonly unit: number;
}

/** What pieces tell, or the units that must be opened first. */
export type Answer<T> = { readonly value: T } | { readonly open: readonly number[] };

/**
 * The value at a rank, counted from 0, below the number of rows.
 *
 * Were all rows of a piece at its low end, the value would be L; at its high end, U: it lies between.
 * A piece matters only if it has values on both sides of L or of U, that is, reaches into (L, U).
 */
export function rankAmong(pieces: readonly Piece[], rank: number): Answer<Key> {
  const reach = (end: 'low' | 'high'): Key => {
    const ordered = pieces.toSorted((a, b) => compareKeys(a[end], b[end]));
    let below = 0;
    for (const piece of ordered) {
      below += piece.count;
      if (below > rank) return piece[end];
    }
    return ordered.at(-1)![end];
  };
  const [least, most] = [reach('low'), reach('high')];
  if (compareKeys(least, most) === 0) return { value: least };
  const open = pieces.filter(
    ({ unit, low, high }) =>
      unit !== -1 && compareKeys(low, most) < 0 && compareKeys(high, least) > 0,
  );
  return { open: open.map(({ unit }) => unit) };
}

/**
 * How many values lie below the first edge, from each edge up to the next, and from the last edge on;
 * edges ascend.
 */
export function spreadOver(pieces: readonly Piece[], edges: readonly Key[]): Answer<number[]> {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  const open: number[] = [];
  for (const { low, high, count, unit } of pieces) {
    const bucket = bucketOf(low, edges);
    if (bucket === bucketOf(high, edges)) counts[bucket]! += count;
    else open.push(unit);
  }
  return open.length === 0 ? { value: counts } : { open };
}

/** How many edges are not above the key: binary search. */
function bucketOf(key: Key, edges: readonly Key[]): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(edges[middle]!, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The number of distinct values. */
export function distinctAmong(pieces: readonly Piece[]): Answer<number> {
  const open = pieces.flatMap(({ unit }) => (unit === -1 ? [] : [unit]));
  if (open.length > 0) return { open };
  return { value: new Set(pieces.map(({ low }) => low)).size };
}
