import type { Estimate } from './summary.ts';

/** What a way of answering costs in two respects; less is better in both. */
export interface Costs {
  readonly time: Estimate;
  readonly advantage: Estimate;
}

/**
 * `frontier`: nothing else is at least as good in both respects and better in one. `undecided`: something is, but
 * the intervals leave it open. `dominated`: something is, beyond the intervals.
 */
export type Standing = 'frontier' | 'undecided' | 'dominated';

/** Where each stands among all, in their order. */
export function standings(all: readonly Costs[]): readonly Standing[] {
  return all.map((one) => {
    if (!all.some((other) => better(other, one, middle, middle))) return 'frontier';
    return all.some((other) => better(other, one, highest, lowest)) ? 'dominated' : 'undecided';
  });
}

/** Places of those on the frontier, from the fastest to the most private; of equals all. */
export function frontierOf(all: readonly Costs[]): readonly number[] {
  return standings(all)
    .flatMap((standing, place) => (standing === 'frontier' ? [place] : []))
    .sort((a, b) => middle(all[a]!.time) - middle(all[b]!.time));
}

type Reading = (estimate: Estimate) => number;
const middle: Reading = ({ value }) => value;
const highest: Reading = ({ high }) => high;
const lowest: Reading = ({ low }) => low;

/** Whether a dominates b, each read at its own end of the intervals. */
function better(a: Costs, b: Costs, ofA: Reading, ofB: Reading): boolean {
  const time = ofA(a.time) - ofB(b.time);
  const advantage = ofA(a.advantage) - ofB(b.advantage);
  return time <= 0 && advantage <= 0 && (time < 0 || advantage < 0);
}
