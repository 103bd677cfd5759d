import type { SegmentTally, SparseCounts } from '../../plan/fragment.ts';
import type { RowSet } from '../../table/row-set.ts';
import type { Partition } from './groups.ts';
import type { SetEvaluator } from './sets.ts';

export const NO_COUNTS: SparseCounts = { numbers: new Uint32Array(0), counts: new Uint32Array(0) };

/**
 * Per group, how many rows of each tallied node it has. A row of a node costs one step, and so does a
 * count that is not 0: with groups by the thousand most are.
 */
export function tallyRows(
  tallies: readonly SegmentTally[],
  { groupOf, sizes }: Partition,
  filter: RowSet,
  sets: SetEvaluator,
): SparseCounts[] {
  const found = sizes.map((): { numbers: number[]; counts: number[] } => {
    return { numbers: [], counts: [] };
  });
  const counts = new Uint32Array(sizes.length);
  const touched: number[] = [];
  // Ascending numbers, whatever the order in which the nodes were sent.
  const ordered = sizes.length === 0 ? [] : tallies.toSorted((a, b) => a.tally - b.tally);
  for (const { tally, node } of ordered) {
    countGroups(sets.evaluate(node), filter, groupOf, counts, touched);
    for (const group of touched) {
      const { numbers, counts: all } = found[group]!;
      if (numbers.at(-1) === tally) all[all.length - 1]! += counts[group]!;
      else {
        numbers.push(tally);
        all.push(counts[group]!);
      }
      counts[group] = 0;
    }
    touched.length = 0;
  }
  return found.map(({ numbers, counts: all }) => ({
    numbers: Uint32Array.from(numbers),
    counts: Uint32Array.from(all),
  }));
}

function countGroups(
  set: RowSet,
  filter: RowSet,
  groupOf: Int32Array | undefined,
  counts: Uint32Array,
  touched: number[],
): void {
  const { words } = set;
  const within = filter.words;
  for (let w = 0; w < words.length; w++) {
    // Most words are 0, and reading no more than them is most of the work.
    if (words[w] === 0) continue;
    for (let bits = words[w]! & within[w]!; bits !== 0; bits &= bits - 1) {
      const group = groupOf === undefined ? 0 : groupOf[(w << 5) + 31 - Math.clz32(bits & -bits)]!;
      if (group === -1) continue;
      if (counts[group] === 0) touched.push(group);
      counts[group]! += 1;
    }
  }
}

/** The counts of both, added where they share a number. */
export function addSparse(a: SparseCounts, b: SparseCounts): SparseCounts {
  if (a.numbers.length === 0) return b;
  if (b.numbers.length === 0) return a;
  const numbers = new Uint32Array(a.numbers.length + b.numbers.length);
  const counts = new Uint32Array(numbers.length);
  let [i, j, to] = [0, 0, 0];
  while (i < a.numbers.length || j < b.numbers.length) {
    const [x, y] = [a.numbers[i] ?? Infinity, b.numbers[j] ?? Infinity];
    numbers[to] = Math.min(x, y);
    counts[to++] = (x <= y ? a.counts[i++]! : 0) + (y <= x ? b.counts[j++]! : 0);
  }
  return { numbers: numbers.slice(0, to), counts: counts.slice(0, to) };
}
