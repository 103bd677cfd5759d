import { countCohorts, isCohort } from './cohort.ts';
import { Echelon } from './echelon.ts';
import { type Classes, type Partition, refine, sharedValues } from './refine.ts';
import { hasSmallSupport, mergeClasses, type SubjectClass } from './small-support.ts';
import { SubjectRows } from './subject-rows.ts';

/**
 * An auditor of sums and counts, after Audit Expert (Chin and Özsoyoğlu, "Auditing and inference control in
 * statistical databases", IEEE TSE 8(6), 1982): what was released are linear equations in unknowns, one a row, and a
 * basis of them is kept. Rows that were in the same released sets are one unknown, an atom: their columns are equal.
 *
 * What it guarantees: of every linear combination of all figures that it let pass, other than zero, at least `floor`
 * distinct subjects have a row with a coefficient that is not 0. That rules out one person's value (the paper's
 * compromise), two persons' difference, the sum of any few, and any other weights. Whatever is summed counts as the
 * same unknown: that columns may determine each other (a total and its parts) is then no way round.
 *
 * What it does not: statements that are not linear (bounds that follow from ranges, solutions of sums of squares),
 * likelihoods, and what is known from elsewhere of the other subjects.
 *
 * It decides from memberships alone, so whoever knows these knows its refusals beforehand: they tell nothing of what
 * is summed (simulatable, Kenthapadi, Mishra and Nissim, PODS 2005). Of a condition on the very column that is summed
 * they do.
 *
 * Arithmetic is modulo two primes that nobody else knows: what is independent over the rationals may only seem
 * dependent where both divide the same minors.
 */
export class Auditor {
  private readonly capacity: Capacity;
  private readonly primes: readonly [number, number];
  private subjectOf = new Uint32Array(0);
  private subjects = 0;
  /** Every row that ever was, deleted ones too. Rows of no released set are one atom. */
  private atoms: Classes = { of: new Uint32Array(0), count: 0 };
  private spans: readonly Echelon[];
  private rows: SubjectRows | undefined;

  constructor(primes: readonly [number, number], capacity: Capacity = DEFAULT_CAPACITY) {
    this.primes = primes;
    this.capacity = capacity;
    this.spans = primes.map((prime) => new Echelon(prime, 0));
  }

  /** Independent figures that were released. */
  get rank(): number {
    return this.spans[0]!.rank;
  }

  /** Classes of rows that released figures set apart. */
  get atomCount(): number {
    return this.atoms.count;
  }

  /** Rows that ever were. */
  get rowCount(): number {
    return this.subjectOf.length;
  }

  /** Rows that are new: the subject of each. They are in no released set. */
  addRows(subjectOf: Uint32Array): void {
    if (subjectOf.length === 0) return;
    const before = this.subjectOf.length;
    const all = new Uint32Array(before + subjectOf.length);
    all.set(this.subjectOf);
    all.set(subjectOf, before);
    this.subjectOf = all;
    for (const subject of subjectOf) this.subjects = Math.max(this.subjects, subject + 1);
    this.rows = undefined;
    // Rows of no released set have the column 0 in every vector: they are one atom.
    const [span] = this.spans;
    const zero = span!.zeroColumn();
    const unasked = zero === -1 ? this.atoms.count : zero;
    const of = new Uint32Array(all.length).fill(unasked);
    of.set(this.atoms.of);
    if (zero === -1) this.spans = this.spans.map((one) => one.widened());
    this.atoms = { of, count: Math.max(this.atoms.count, unasked + 1) };
  }

  /** Rows by subject. */
  get subjectRows(): SubjectRows {
    return (this.rows ??= new SubjectRows(this.subjectOf, this.subjects));
  }

  /**
   * Which groups of a query may be released. Each partition has the rows of one figure of every group; a group is
   * released with all its figures or not at all. Nothing changes.
   *
   * @param live by row: 1 where the table has it now
   * @param floor fewest distinct subjects
   */
  review(partitions: readonly Partition[], live: Uint8Array, floor: number): AuditVerdict {
    const groups = partitions[0]?.groups ?? 0;
    const reasons = new Map<number, AuditReason>();
    const { subjectRows } = this;
    const cohorts = partitions.map((partition) => countCohorts(partition, live, subjectRows));
    let candidates = range(groups).filter((group) => {
      const small = cohorts.some(({ inside }) => !isCohort(inside[group]!, floor));
      const empty = cohorts[0]!.inside[group] === 0;
      const rest = cohorts.some(({ outside }) => !isCohort(outside[group]!, floor));
      if (small || empty) reasons.set(group, 'cohort');
      else if (rest) reasons.set(group, 'complement');
      return !reasons.has(group);
    });
    // Of many groups those of many subjects are tried first.
    const size = (group: number): number => cohorts[0]!.inside[group]!;
    candidates = candidates.toSorted((a, b) => size(b) - size(a) || a - b);
    const trials = new Trials(this.fine(partitions), this.spans, floor, this.capacity);
    const accepted = trials.largest(candidates);
    for (const group of candidates) {
      if (!accepted.includes(group)) reasons.set(group, trials.isFull ? 'capacity' : 'inference');
    }
    // The groups that are shown and the whole table tell of the others together. Fewer groups tell less.
    while (accepted.length > 0 && !this.leavesCohort(partitions, accepted, live, floor)) {
      reasons.set(accepted.pop()!, 'complement');
    }
    return { accepted: accepted.toSorted((a, b) => a - b), reasons };
  }

  /** Count a query's groups as released. @returns whether they tell anything that was not released before */
  accept(partitions: readonly Partition[], accepted: readonly number[]): boolean {
    const chosen = partitions.map((partition) => restrict(partition, accepted));
    let { atoms } = this;
    for (const partition of chosen) atoms = refine(atoms, partition);
    const parents = Uint32Array.from(sharedValues(atoms, this.atoms.of));
    const spans = this.spans.map((span) => span.spread(parents));
    const before = this.rank;
    for (const { groupOf } of chosen) {
      const group = sharedValues(atoms, groupOf);
      for (const one of accepted) insert(spans, group, one);
    }
    // A set in the span of what was released has been released: its rows are set apart already.
    if (spans[0]!.rank === before) return false;
    this.atoms = atoms;
    this.spans = spans;
    return true;
  }

  private fine(partitions: readonly Partition[]): Fine {
    let { atoms } = this;
    for (const partition of partitions) atoms = refine(atoms, partition);
    return {
      parents: Uint32Array.from(sharedValues(atoms, this.atoms.of)),
      partitions: partitions.map(({ groupOf, groups }) => ({
        groupOf: sharedValues(atoms, groupOf),
        groups,
      })),
      classes: this.classesOf(atoms),
    };
  }

  private leavesCohort(
    partitions: readonly Partition[],
    accepted: readonly number[],
    live: Uint8Array,
    floor: number,
  ): boolean {
    return partitions.every((partition) => {
      const { outsideAll } = countCohorts(restrict(partition, accepted), live, this.subjectRows);
      return isCohort(outsideAll, floor);
    });
  }

  private classesOf({ of, count }: Classes): SubjectClass[] {
    const { subjectRows } = this;
    const single = new Uint32Array(count);
    const several: SubjectClass[] = [];
    for (let subject = 0; subject < subjectRows.subjects; subject++) {
      const rows = subjectRows.of(subject);
      if (rows.length === 1) single[of[rows[0]!]!]! += 1;
      else if (rows.length > 1) several.push({ atoms: distinct(rows, of), subjects: 1 });
    }
    const one = Array.from(single, (subjects, atom) => ({ atoms: [atom], subjects }));
    return [...one.filter(({ subjects }) => subjects > 0), ...mergeClasses(several)];
  }
}

/** Why a group may not be released. */
export type AuditReason =
  /** Too few subjects in it, or in one of its figures. */
  | 'cohort'
  /** Too few subjects that are not in it. */
  | 'complement'
  /** With what was released before, or with other groups, it would tell of too few. */
  | 'inference'
  /** The auditor can keep no more. */
  | 'capacity';

export interface AuditVerdict {
  /** Numbers of groups, ascending. */
  readonly accepted: readonly number[];
  readonly reasons: ReadonlyMap<number, AuditReason>;
}

/** What the auditor keeps at most. */
export interface Capacity {
  readonly rank: number;
  /** Entries of a basis: rank times atoms. Each takes 8 bytes. */
  readonly entries: number;
}

export const DEFAULT_CAPACITY: Capacity = { rank: 1024, entries: 1 << 23 };

/** A query's rows by what tells them apart: atoms of before, cut by all of its sets. */
interface Fine {
  readonly parents: Uint32Array;
  readonly partitions: readonly Partition[];
  readonly classes: readonly SubjectClass[];
}

class Trials {
  isFull = false;
  private readonly fine: Fine;
  private readonly spans: readonly Echelon[];
  private readonly floor: number;
  private readonly capacity: Capacity;

  constructor(fine: Fine, spans: readonly Echelon[], floor: number, capacity: Capacity) {
    this.fine = fine;
    this.spans = spans;
    this.floor = floor;
    this.capacity = capacity;
  }

  /** As many of some groups as may be released together, by halves: those named first have precedence. */
  largest(candidates: readonly number[]): number[] {
    let trials = MOST_TRIALS;
    const extend = (accepted: number[], more: readonly number[]): number[] => {
      if (more.length === 0 || trials-- <= 0) return accepted;
      if (this.isSafe([...accepted, ...more])) return [...accepted, ...more];
      if (more.length === 1) return accepted;
      const half = more.length >> 1;
      return extend(extend(accepted, more.slice(0, half)), more.slice(half));
    };
    return extend([], candidates);
  }

  /** Whether everything that was released and these groups tell of enough subjects, whatever is made of them. */
  private isSafe(accepted: readonly number[]): boolean {
    const { parents, partitions, classes } = this.fine;
    const chosen = partitions.map((partition) => restrict(partition, accepted));
    // The atoms that there would be: those of before, cut by these groups alone.
    let coarse: Classes = { of: parents, count: 0 };
    for (const partition of chosen) coarse = refine(coarse, partition);
    if (chosen.length === 0) return true;
    const before = Uint32Array.from(sharedValues(coarse, parents));
    const rank = this.spans[0]!.rank + accepted.length * chosen.length;
    if (rank > this.capacity.rank || rank * coarse.count > this.capacity.entries) {
      this.isFull = true;
      return false;
    }
    const spans = this.spans.map((span) => span.spread(before));
    for (const { groupOf } of chosen) {
      const group = sharedValues(coarse, groupOf);
      for (const one of accepted) insert(spans, group, one);
    }
    // Primes that disagree have divided a minor.
    if (spans.some((span) => span.rank !== spans[0]!.rank)) return false;
    const { of } = coarse;
    const merged = mergeClasses(
      classes.map(({ atoms, subjects }) => ({ atoms: distinct(atoms, of), subjects })),
    );
    return !spans.some((span) => hasSmallSupport(span, merged, this.floor));
  }
}

/** Trials of one query: every group that is left out of many takes a few. */
const MOST_TRIALS = 128;

/** The classes of some members, ascending, each once. */
function distinct(members: Iterable<number>, classOf: Uint32Array): number[] {
  const found = new Set<number>();
  for (const member of members) found.add(classOf[member]!);
  return [...found].sort((a, b) => a - b);
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** The same sets without those of groups that are not named. */
function restrict({ groupOf, groups }: Partition, accepted: readonly number[]): Partition {
  const isKept = new Uint8Array(groups);
  for (const group of accepted) isKept[group] = 1;
  return { groupOf: groupOf.map((group) => (isKept[group] === 1 ? group : -1)), groups };
}

function insert(spans: readonly Echelon[], groupOf: Int32Array, group: number): void {
  const vector = Uint32Array.from(groupOf, (own) => (own === group ? 1 : 0));
  for (const span of spans) span.insert(vector);
}
