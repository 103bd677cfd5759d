import type { SparseCounts } from '../../plan/fragment.ts';
import type { Ring } from '../../ring/ring.ts';
import { type ChunkPart, ChunkRows } from './chunk-rows.ts';
import { type Column, columnAt, type ColumnTotal, totalWords } from './column.ts';
import { coefficientForm, gainByShifts, wholeIsCheaper } from './cost.ts';
import { MaskedSum, type RawSample, type Sign } from './masked-sum.ts';
import { Masks, MASKS_AT_ONCE } from './masks.ts';
import type { NearTotals } from './near-totals.ts';
import type { Selection, SumClass } from './selection.ts';

/** One group of one segment: its key, its counts, and a full-modulus sample per output it adds to. */
export interface PartialGroup {
  readonly key: readonly number[];
  readonly counts: readonly number[];
  readonly tallies: SparseCounts;
  readonly sums: readonly { readonly output: number; readonly sample: RawSample }[];
}

/** Columns in memory for the duration of a lease, in the order they were asked for. */
export interface ColumnLease {
  readonly columns: readonly Column[];
  release(): void;
}

/** Sums over every row of the segment, in memory for the duration of a lease, in the order asked for. */
export interface TotalLease {
  readonly totals: readonly ColumnTotal[];
  release(): void;
}

/**
 * From so many columns on, a sum over every row brings in their totals alone: private groups have a
 * column for each value, which together may be more than the memory holds.
 */
const TOTALS_FROM = 9;

/**
 * Words of the sums in flight at once, 96 of them at n = 4096 and three limbs. Each has an accumulator of
 * 12·limbs·n bytes for masked or shifted rows, rarely both: 14 to 28 MB in an evaluator's region.
 */
const SUM_WORDS_AT_ONCE = 96 * 3 * 4096;
/** Columns that share a chunk's masks; each may keep a polynomial in coefficient form meanwhile. */
const COLUMNS_AT_ONCE = 32;

/**
 * The segment's share of an aggregate. `lease` brings ciphertext columns by number into the ring's
 * memory, at most `mostColumns` at a time, and one lease at a time; `leaseTotals` only their totals.
 */
export async function sumSelection(
  ring: Ring,
  selection: Selection,
  nearTotals: NearTotals,
  mostColumns: number,
  lease: (columns: readonly number[]) => Promise<ColumnLease>,
  leaseTotals?: (columns: readonly number[]) => Promise<TotalLease>,
): Promise<PartialGroup[]> {
  const { keys } = selection.groups;
  const sums: { output: number; sample: RawSample }[][] = keys.map(() => []);
  const width = Math.max(1, Math.min(COLUMNS_AT_ONCE, mostColumns, sumsAtOnce(ring)));
  for (const sumClass of keys.length === 0 ? [] : selection.classes) {
    const linear = sumClass.sums.filter(({ times }) => times === undefined);
    if (leaseTotals !== undefined && isWhole(selection, sumClass, linear)) {
      sums[0]!.push(...(await wholeSums(ring, linear, leaseTotals)));
      continue;
    }
    for (let first = 0; first < linear.length; first += width) {
      const wanted = linear.slice(first, first + width);
      const leased = await lease(wanted.map((sum) => sum.column));
      try {
        const take = (group: number, samples: readonly RawSample[]): void =>
          samples.forEach((sample, s) => sums[group]!.push({ output: wanted[s]!.output, sample }));
        const { columns } = leased;
        if (selection.groups.groupOf === undefined) {
          const sum = (): RawSample[] => sumUngrouped(ring, selection, sumClass, columns);
          take(0, nearTotals.of(columns, sumClass.eligible, sum));
        } else {
          sumColumns(ring, selection, sumClass, columns, take);
        }
      } finally {
        leased.release();
      }
    }
  }
  const { counts, tallies } = selection;
  return keys.map((key, g) => {
    return { key, counts: counts[g]!, tallies: tallies[g]!, sums: sums[g]! };
  });
}

function sumsAtOnce({ n, moduli }: Ring): number {
  return Math.floor(SUM_WORDS_AT_ONCE / (n * moduli.length));
}

function isWhole(
  { rows, groups }: Selection,
  { eligible }: SumClass,
  sums: SumClass['sums'],
): boolean {
  return groups.groupOf === undefined && sums.length >= TOTALS_FROM && eligible.count === rows;
}

async function wholeSums(
  ring: Ring,
  sums: SumClass['sums'],
  lease: (columns: readonly number[]) => Promise<TotalLease>,
): Promise<{ output: number; sample: RawSample }[]> {
  const { totals, release } = await lease(sums.map(({ column }) => column));
  try {
    return totals.map(({ a, b }, i) => {
      const sample = { a: ring.view(a).slice(), b: ring.view(b).slice() };
      return { output: sums[i]!.output, sample };
    });
  } finally {
    release();
  }
}

function sumUngrouped(
  ring: Ring,
  selection: Selection,
  sumClass: SumClass,
  columns: readonly Column[],
): RawSample[] {
  let only: RawSample[] = [];
  sumColumns(ring, selection, sumClass, columns, (_, samples) => (only = samples));
  return only;
}

/** Every group's sum of each column, as many groups at once as there is room for. */
function sumColumns(
  ring: Ring,
  { groups }: Selection,
  { eligible }: SumClass,
  columns: readonly Column[],
  take: (group: number, samples: RawSample[]) => void,
): void {
  const perPass = Math.max(1, Math.floor(sumsAtOnce(ring) / columns.length));
  const masks = new Masks(ring);
  try {
    for (let from = 0; from < groups.keys.length; from += perPass) {
      const to = Math.min(groups.keys.length, from + perPass);
      const rows = new ChunkRows(ring.n, eligible, groups.groupOf, from, to);
      const totals = Array.from({ length: to - from }, () => new GroupSum(ring, masks, columns));
      try {
        for (let chunk = 0; chunk < columns[0]!.chunks; chunk += MASKS_AT_ONCE) {
          addChunks(masks, columns, chunk, rows, (group) => totals[group - from]!);
        }
        totals.forEach((total, i) => take(from + i, total.finish(rows)));
      } finally {
        for (const total of totals) total.release();
      }
    }
  } finally {
    masks.release();
  }
}

/** Some rows of a chunk to add to a group's sums or to take from them. */
interface Step {
  readonly chunk: number;
  readonly sum: GroupSum;
  readonly rows: Uint16Array;
  readonly sign: Sign;
}

/**
 * Add each group's rows of a few chunks in the cheapest way: nearly all of a chunk as the whole less
 * the others, a few by shifts if enough groups share c1's coefficient form, the rest by masks.
 */
function addChunks(
  masks: Masks,
  columns: readonly Column[],
  first: number,
  rows: ChunkRows,
  sumOf: (group: number) => GroupSum,
): void {
  const masked = new Map<GroupSum, Step[]>();
  const end = Math.min(first + MASKS_AT_ONCE, columns[0]!.chunks);
  for (let chunk = first; chunk < end; chunk++) {
    const steps = rows.at(chunk).flatMap((part) => {
      return stepOf(part, rows, chunk, columns.length, sumOf(part.group)) ?? [];
    });
    for (const step of addShifted(masks, columns, chunk, rows.n, steps)) {
      const list = masked.get(step.sum);
      if (list === undefined) masked.set(step.sum, [step]);
      else list.push(step);
    }
  }
  for (const [sum, steps] of masked) addMasked(masks, columns, sum, steps);
}

function stepOf(
  part: ChunkPart,
  rows: ChunkRows,
  chunk: number,
  columns: number,
  sum: GroupSum,
): Step | undefined {
  const missing = rows.size(chunk) - part.count;
  if (!wholeIsCheaper(part.count, missing, rows.n, columns)) {
    return { chunk, sum, rows: part.rows(), sign: 1 };
  }
  sum.wholes.push(chunk);
  return missing === 0 ? undefined : { chunk, sum, rows: part.others(), sign: -1 };
}

/** Add what is cheaper by shifts, if that pays for c1's coefficient form; the steps that are left. */
function addShifted(
  masks: Masks,
  columns: readonly Column[],
  chunk: number,
  n: number,
  steps: readonly Step[],
): readonly Step[] {
  const gainOf = ({ rows }: Step): number => gainByShifts(rows.length, n, columns.length);
  let gain = -coefficientForm(columns.length);
  for (const step of steps) gain += Math.max(0, gainOf(step));
  if (gain <= 0) return steps;
  const c1 = masks.inCoefficients(columns, chunk);
  return steps.filter((step) => {
    if (gainOf(step) <= 0) return true;
    const { sum, rows, sign } = step;
    sum.each((one, c) => one.addShifted(columns[c]!, chunk, rows, c1[c]!, sign));
    return false;
  });
}

/** Steps of one group, ascending by chunk: neighbours of one sign go through the kernel together. */
function addMasked(
  masks: Masks,
  columns: readonly Column[],
  sum: GroupSum,
  steps: readonly Step[],
): void {
  for (let i = 0; i < steps.length;) {
    const { chunk, sign } = steps[i]!;
    let count = 1;
    while (steps[i + count]?.chunk === chunk + count && steps[i + count]!.sign === sign) count++;
    const rows = steps.slice(i, i + count).map((step) => step.rows);
    const span = masks.of(rows);
    sum.each((one, c) => one.addMasked(columns[c]!, chunk, rows, span, sign));
    i += count;
  }
}

/** One group's sums, a MaskedSum a column, and the chunks that are added whole. */
class GroupSum {
  /** Chunks of which every row is added, ascending. */
  readonly wholes: number[] = [];
  private readonly masks: Masks;
  private readonly columns: readonly Column[];
  private readonly sums: readonly MaskedSum[];

  constructor(ring: Ring, masks: Masks, columns: readonly Column[]) {
    this.masks = masks;
    this.columns = columns;
    this.sums = columns.map(() => new MaskedSum(ring));
  }

  each(visit: (sum: MaskedSum, column: number) => void): void {
    this.sums.forEach(visit);
  }

  finish(rows: ChunkRows): RawSample[] {
    this.addWholes(rows);
    return this.sums.map((sum) => sum.finish(this.masks));
  }

  release(): void {
    for (const sum of this.sums) sum.release();
  }

  private addWholes(rows: ChunkRows): void {
    const { wholes, columns } = this;
    if (wholes.length === columns[0]!.chunks) {
      this.each((sum, c) => sum.addTotal(columns[c]!));
      return;
    }
    for (let i = 0; i < wholes.length;) {
      const first = wholes[i]!;
      const size = rows.size(first);
      if (size < this.masks.everyRow.length) {
        // The last chunk, which has coefficients that are not rows of the segment.
        const all = this.masks.everyRow.subarray(0, size);
        const mask = this.masks.of([all]);
        this.each((sum, c) => sum.addMasked(columns[c]!, first, [all], mask, 1));
        i += 1;
        continue;
      }
      let count = 1;
      while (wholes[i + count] === first + count && rows.size(first + count) === size) count++;
      this.each((sum, c) => sum.addWhole(columns[c]!, first, count));
      i += count;
    }
  }
}

/**
 * Write the sum over every row of a segment of `rows` rows to the column's total: what a query of all
 * rows, or of all but a few, starts from.
 */
export function makeTotal(ring: Ring, column: Column, rows: number): void {
  const masks = new Masks(ring);
  const sum = new MaskedSum(ring);
  try {
    const whole = Math.floor(rows / ring.n);
    if (whole > 0) sum.addWhole(column, 0, whole);
    const rest = masks.everyRow.subarray(0, rows - whole * ring.n);
    if (rest.length > 0) sum.addMasked(column, whole, [rest], masks.of([rest]), 1);
    const sample = sum.finish(masks);
    ring.view(column.total.a).set(sample.a);
    ring.view(column.total.b).set(sample.b);
  } finally {
    sum.release();
    masks.release();
  }
}

/** Chunks of a column that is not in memory that are added at once. */
const CHUNKS_AT_ONCE = 8;

/** The same sum of a column whose chunks, c0 then c1 each, are `words` outside the ring's memory. */
export function totalOf(ring: Ring, words: Uint32Array, rows: number): RawSample {
  const masks = new Masks(ring);
  const sum = new MaskedSum(ring);
  const each = 2 * ring.moduli.length * ring.n;
  const scratch = ring.allocate(CHUNKS_AT_ONCE * each);
  // Nobody reads the pieces' own totals.
  const unused = ring.slice(scratch, 0, totalWords(ring));
  try {
    for (let at = 0; at < rows; at += CHUNKS_AT_ONCE * ring.n) {
      const from = (at / ring.n) * each;
      const some = words.subarray(from, from + CHUNKS_AT_ONCE * each);
      const span = ring.slice(scratch, 0, some.length);
      ring.view(span).set(some);
      const column = columnAt(ring, '', span, unused);
      const whole = Math.min(column.chunks, Math.floor((rows - at) / ring.n));
      if (whole > 0) sum.addWhole(column, 0, whole);
      if (whole === column.chunks) continue;
      const rest = masks.everyRow.subarray(0, rows - at - whole * ring.n);
      sum.addMasked(column, whole, [rest], masks.of([rest]), 1);
    }
    return sum.finish(masks);
  } finally {
    sum.release();
    masks.release();
    ring.release(scratch);
  }
}
