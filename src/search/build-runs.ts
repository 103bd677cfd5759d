import { OpalineError } from '../errors/opaline-error.ts';
import { RUN_BITS, riceParameter, runEnd, runningBits } from './packed-rows.ts';
import type { Postings } from './postings.ts';

/** Lists cut into runs of at most so many bits, list by list: run r holds members from the end of the one before. */
export interface CutLists {
  /** Runs of list i: firsts[i] to firsts[i + 1] − 1. */
  readonly firsts: Uint32Array;
  /** Which list a run is of. */
  readonly owners: Uint32Array;
  readonly ends: Uint32Array;
  /** Of each list: its code's. */
  readonly parameters: Uint8Array;
}

/** How many runs lists make: in all, and of the longest. */
export interface RunCounts {
  readonly total: number;
  readonly longest: number;
}

/** For each room, in bits, what the lists make at it. @throws INTERNAL for lists that are not as they should be */
export function countRuns(postings: Postings, rooms: readonly number[]): RunCounts[] {
  const totals = rooms.map(() => 0);
  const longest = rooms.map(() => 0);
  eachList(postings, (_, count, bits) => {
    rooms.forEach((room, p) => {
      let runs = 0;
      for (let at = 0; at < count; runs++) at = runEnd(bits, at, count, room);
      totals[p]! += runs;
      longest[p] = Math.max(longest[p]!, runs);
    });
  });
  return rooms.map((_, p) => ({ total: totals[p]!, longest: longest[p]! }));
}

/** Bits of the longest list as one run. */
export function longestRun(postings: Postings): number {
  let most = 0;
  eachList(postings, (_, count, bits) => {
    most = Math.max(most, RUN_BITS + bits[count - 1]!);
  });
  return most;
}

/** @throws INTERNAL for lists that are not as they should be */
export function cutRuns(postings: Postings, room: number): CutLists {
  const { keywords, starts, rows } = postings;
  const firsts = new Uint32Array(keywords.length + 1);
  const parameters = new Uint8Array(keywords.length);
  const ends: number[] = [];
  const owners: number[] = [];
  eachList(postings, (i, count, bits) => {
    parameters[i] = riceParameter(count, rows);
    for (let at = 0; at < count;) {
      at = runEnd(bits, at, count, room);
      ends.push(starts[i]! + at);
      owners.push(i);
    }
    firsts[i + 1] = ends.length;
  });
  return { firsts, parameters, ends: Uint32Array.from(ends), owners: Uint32Array.from(owners) };
}

/** Where run r's rows begin among the members. */
export function runStart(
  { starts }: Postings,
  { firsts, owners, ends }: CutLists,
  r: number,
): number {
  const i = owners[r]!;
  return r === firsts[i] ? starts[i]! : ends[r - 1]!;
}

function eachList(
  { keywords, starts, members, rows }: Postings,
  visit: (i: number, count: number, bits: Uint32Array) => void,
): void {
  if (starts.length !== keywords.length + 1 || starts[keywords.length] !== members.length) {
    throw new OpalineError('INTERNAL', { reason: 'posting lists and keywords do not match' });
  }
  const bits = new Uint32Array(rows);
  for (let i = 0; i < keywords.length; i++) {
    const [from, to] = [starts[i]!, starts[i + 1]!];
    let ascending = to > from && members[to - 1]! < rows;
    for (let m = from + 1; m < to; m++) ascending &&= members[m]! > members[m - 1]!;
    if (!ascending)
      throw new OpalineError('INTERNAL', { reason: 'a posting list is not in order' });
    runningBits(members, from, to, riceParameter(to - from, rows), bits);
    visit(i, to - from, bits);
  }
}
