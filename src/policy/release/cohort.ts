import type { Partition } from './refine.ts';
import type { SubjectRows } from './subject-rows.ts';

/** Distinct subjects behind the groups of a partition, and behind what they leave. */
export interface Cohorts {
  /** By group. */
  readonly inside: Uint32Array;
  /** By group: with a live row that is not in it. */
  readonly outside: Uint32Array;
  /** With a live row that is in none of the groups. */
  readonly outsideAll: number;
  /** Most rows that one subject has in one group, and most groups that one subject is in. */
  readonly mostRows: number;
  readonly mostGroups: number;
}

/** @param live by row: 1 where the table has it now; rows of groups are live */
export function countCohorts(
  { groupOf, groups }: Partition,
  live: Uint8Array,
  rows: SubjectRows,
): Cohorts {
  const inside = new Uint32Array(groups);
  const outside = new Uint32Array(groups);
  let [everybody, outsideAll, mostRows, mostGroups] = [0, 0, 0, 0];
  for (let subject = 0; subject < rows.subjects; subject++) {
    const theirs = rows.of(subject);
    if (theirs.length === 1) {
      if (live[theirs[0]!] !== 1) continue;
      everybody++;
      const group = groupOf[theirs[0]!]!;
      if (group === -1) {
        outsideAll++;
        continue;
      }
      inside[group]! += 1;
      outside[group]! += 1;
      mostRows = Math.max(mostRows, 1);
      mostGroups = Math.max(mostGroups, 1);
      continue;
    }
    const own = new Map<number, number>();
    let all = 0;
    let none = 0;
    for (const row of theirs) {
      if (live[row] !== 1) continue;
      all++;
      const group = groupOf[row]!;
      if (group === -1) none++;
      else own.set(group, (own.get(group) ?? 0) + 1);
    }
    if (all === 0) continue;
    everybody++;
    if (none > 0) outsideAll++;
    mostGroups = Math.max(mostGroups, own.size);
    for (const [group, count] of own) {
      inside[group]! += 1;
      mostRows = Math.max(mostRows, count);
      // Who has no other row is not outside: counted here as such, and turned round below.
      if (count === all) outside[group]! += 1;
    }
  }
  for (let group = 0; group < groups; group++) outside[group] = everybody - outside[group]!;
  return { inside, outside, outsideAll, mostRows, mostGroups };
}

/** Whether a number of subjects may stand behind a figure, or be what it leaves: none, or enough. */
export function isCohort(subjects: number, floor: number): boolean {
  return subjects === 0 || subjects >= floor;
}
