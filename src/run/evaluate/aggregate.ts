import type { AggregateWork, SegmentFragment, SegmentSum } from '../../plan/fragment.ts';
import type { Ring, Span } from '../../ring/ring.ts';
import type { RowSet } from '../../table/row-set.ts';
import type { LoadedColumn } from './at-rest.ts';
import { onePartition, partition, type Partition } from './groups.ts';
import { MaskedSum, sparseIsCheaper, type RawSample } from './masked-sum.ts';
import type { SetEvaluator } from './sets.ts';

/** One group of one segment: its key, its counts, and a full-modulus sample per output it adds to. */
export interface PartialGroup {
  readonly key: readonly number[];
  readonly counts: readonly number[];
  readonly sums: readonly { readonly output: number; readonly sample: RawSample }[];
}

/** Sums in flight at once; each may hold three accumulators of 12·limbs·n bytes. */
const SUMS_AT_ONCE = 384;

/** The segment's share of an aggregate. `column(c)` loads ciphertext column c. */
export async function aggregateSegment(
  ring: Ring,
  work: AggregateWork,
  fragment: SegmentFragment,
  rows: number,
  sets: SetEvaluator,
  column: (number: number) => Promise<LoadedColumn>,
): Promise<PartialGroup[]> {
  const filter = sets.filter();
  const groups = splitRows(fragment, filter, sets, work.maxGroups);
  const counts = countRows(fragment, groups, filter, sets);
  const sums: { output: number; sample: RawSample }[][] = groups.keys.map(() => []);
  const perPass = Math.max(1, Math.floor(SUMS_AT_ONCE / Math.max(1, fragment.sums.length)));
  const chunks = new ChunkMasks(ring);
  try {
    for (const wanted of byRestriction(fragment.sums)) {
      const over = wanted[0]!.over;
      const eligible = over === -1 ? filter : filter.and(sets.evaluate(over));
      const columns = await Promise.all(wanted.map((sum) => column(sum.column)));
      for (let from = 0; from < groups.keys.length; from += perPass) {
        const to = Math.min(groups.keys.length, from + perPass);
        const pass = sumPass(ring, chunks, groups, eligible, columns, rows, from, to);
        pass.forEach((samples, g) =>
          samples.forEach((sample, s) =>
            sums[from + g]!.push({ output: wanted[s]!.output, sample }),
          ),
        );
      }
    }
  } finally {
    chunks.release();
  }
  return groups.keys.map((key, g) => ({ key, counts: counts[g]!, sums: sums[g]! }));
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

/** Per group, the size of each restriction. */
function countRows(
  fragment: SegmentFragment,
  groups: Partition,
  filter: RowSet,
  sets: SetEvaluator,
): number[][] {
  const counts = groups.keys.map(() => fragment.counts.map(() => 0));
  fragment.counts.forEach((over, c) => {
    const eligible = over === -1 ? filter : filter.and(sets.evaluate(over));
    for (const row of eligible.toArray()) {
      const group = groups.groupOf[row]!;
      if (group !== -1) counts[group]![c]! += 1;
    }
  });
  return counts;
}

/** Sums with the same NULL restriction share their masks. */
function byRestriction(sums: readonly SegmentSum[]): SegmentSum[][] {
  const classes = new Map<number, SegmentSum[]>();
  for (const sum of sums) {
    const same = classes.get(sum.over);
    if (same === undefined) classes.set(sum.over, [sum]);
    else same.push(sum);
  }
  return [...classes.values()];
}

/** Sum `columns` over the groups [from, to); each chunk's masks are made once. */
function sumPass(
  ring: Ring,
  masks: ChunkMasks,
  groups: Partition,
  eligible: RowSet,
  columns: readonly LoadedColumn[],
  rows: number,
  from: number,
  to: number,
): RawSample[][] {
  const totals = Array.from({ length: to - from }, () => columns.map(() => new MaskedSum(ring)));
  for (let chunk = 0; chunk * ring.n < rows; chunk++) {
    const start = chunk * ring.n;
    const present = eligible.range(start, Math.min(rows, start + ring.n));
    for (const [group, members] of bucket(present, start, groups.groupOf, from, to)) {
      const sums = totals[group - from]!;
      if (members.length === ring.n) {
        columns.forEach((column, c) => sums[c]!.addWhole(column, chunk, members));
      } else if (sparseIsCheaper(members.length, columns.length)) {
        columns.forEach((column, c) => sums[c]!.addSparse(column, chunk, members));
      } else {
        const mask = masks.of(members);
        columns.forEach((column, c) => sums[c]!.addDense(column, chunk, members, mask));
      }
    }
  }
  return totals.map((sums) => sums.map((sum) => sum.finish(() => masks.ones())));
}

/** The rows of a chunk by group, for groups in [from, to). */
function bucket(
  present: Uint32Array,
  start: number,
  groupOf: Int32Array,
  from: number,
  to: number,
): Map<number, Uint16Array> {
  const sizes = new Map<number, number>();
  for (const row of present) {
    const group = groupOf[start + row]!;
    if (group >= from && group < to) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  }
  const members = new Map<number, Uint16Array>();
  for (const [group, size] of sizes) members.set(group, new Uint16Array(size));
  for (let i = present.length - 1; i >= 0; i--) {
    const group = groupOf[start + present[i]!]!;
    if (group < from || group >= to) continue;
    const left = sizes.get(group)! - 1;
    members.get(group)![left] = present[i]!;
    sizes.set(group, left);
  }
  return members;
}

/** The mask being used, and the all-ones mask, both in evaluation form. */
class ChunkMasks {
  private readonly ring: Ring;
  private readonly current: Span;
  private full: Span | undefined;

  constructor(ring: Ring) {
    this.ring = ring;
    this.current = ring.allocate(ring.moduli.length * ring.n);
  }

  of(rows: Uint16Array): Span {
    this.ring.maskPolynomial(this.current, rows);
    this.ring.forwardNtt(this.current);
    return this.current;
  }

  ones(): Span {
    if (this.full === undefined) {
      this.full = this.ring.allocate(this.ring.moduli.length * this.ring.n);
      this.ring.maskPolynomial(
        this.full,
        Uint16Array.from({ length: this.ring.n }, (_, i) => i),
      );
      this.ring.forwardNtt(this.full);
    }
    return this.full;
  }

  release(): void {
    this.ring.release(this.current);
    if (this.full !== undefined) this.ring.release(this.full);
  }
}
