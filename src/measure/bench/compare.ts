import { type Ratio, ratioOfMedians, separates } from './bootstrap.ts';
import type { BenchResult, Measurement } from './result.ts';

/** The same measurement in two results. */
export interface Compared {
  readonly suite: string;
  readonly workload: string;
  readonly scheme: string;
  readonly parameters?: string;
  readonly rows: number;
  /** Time of the second over that of the first: below 1 the second is faster. */
  readonly time: Ratio;
  /** Whether 1 is outside of the interval. */
  readonly separated: boolean;
}

/** Two schemes that the results put in another order at one workload and size. */
export interface RankingDifference {
  readonly suite: string;
  readonly workload: string;
  readonly rows: number;
  /** The first result has `faster` before `slower`, the second the other way about. */
  readonly faster: string;
  readonly slower: string;
  /** Time of `slower` over that of `faster`, in either result. */
  readonly ratios: readonly [Ratio, Ratio];
  /** Whether both intervals leave out 1: else the runs do not contradict each other. */
  readonly separated: boolean;
}

/** How far two results say the same, in counts. */
export interface Agreement {
  /** Pairs of schemes that both results set apart: 1 is outside of the interval of their ratio in either. */
  readonly separated: number;
  /** Of them, those that both put in the same order. */
  readonly ordered: number;
  /** Of them, those whose ratio in the one is within `TOLERANCE` of that in the other. */
  readonly ratios: number;
  /** Measurements whose time in the one is within `TOLERANCE` of that in the other. */
  readonly times: number;
}

/** Ratios agree up to this factor. */
export const TOLERANCE = 1.2;

export interface Comparison {
  readonly compared: readonly Compared[];
  readonly rankings: readonly RankingDifference[];
  /** Pairs of schemes that were ranked in both, at all workloads and sizes. */
  readonly pairs: number;
  readonly agreement: Agreement;
  /** Measurements that only one of the two has. */
  readonly unmatched: number;
}

/** Two results measurement by measurement, with bootstrapped intervals, and where their rankings differ. */
export function compareResults(first: BenchResult, second: BenchResult): Comparison {
  const [a, b] = [keyed(first), keyed(second)];
  const compared: Compared[] = [];
  for (const [key, { suite, measurement }] of a) {
    const other = b.get(key)?.measurement;
    if (other === undefined) continue;
    const { workload, scheme, parameters, rows } = measurement;
    const time = ratioOfMedians(other.ms, measurement.ms);
    const same = { suite, workload, scheme, rows, ...(parameters !== undefined && { parameters }) };
    compared.push({ ...same, time, separated: separates(time) });
  }
  const matched = compared.length;
  const pairs = pairsOf(a, b);
  const apart = pairs.filter(({ ratios }) => ratios.every(separates));
  return {
    compared,
    rankings: pairs.flatMap(differenceOf),
    pairs: pairs.length,
    agreement: {
      separated: apart.length,
      ordered: apart.filter((pair) => !isTurned(pair)).length,
      ratios: apart.filter(({ ratios: [one, other] }) => isNear(other.ratio / one.ratio)).length,
      times: compared.filter(({ time }) => isNear(time.ratio)).length,
    },
    unmatched: a.size + b.size - 2 * matched,
  };
}

interface Placed {
  readonly suite: string;
  readonly measurement: Measurement;
}

function keyed({ suites }: BenchResult): Map<string, Placed> {
  const all = new Map<string, Placed>();
  for (const { suite, measurements } of suites) {
    for (const measurement of measurements) {
      const { workload, scheme, parameters, rows } = measurement;
      all.set(JSON.stringify([suite, workload, scheme, parameters ?? '', rows]), {
        suite,
        measurement,
      });
    }
  }
  return all;
}

/** Two schemes at one workload and size, measured in both results. */
interface Pair {
  readonly suite: string;
  readonly first: Measurement;
  readonly second: Measurement;
  /** Time of the second over that of the first, in either result. */
  readonly ratios: readonly [Ratio, Ratio];
}

function pairsOf(a: ReadonlyMap<string, Placed>, b: ReadonlyMap<string, Placed>): readonly Pair[] {
  const contests = new Map<string, { suite: string; one: Measurement; other: Measurement }[]>();
  for (const [key, { suite, measurement: one }] of a) {
    const other = b.get(key)?.measurement;
    if (other === undefined) continue;
    const contest = JSON.stringify([suite, one.workload, one.rows]);
    contests.set(contest, [...(contests.get(contest) ?? []), { suite, one, other }]);
  }
  return [...contests.values()].flatMap((contest) =>
    contest.flatMap(({ suite, one, other }, i) =>
      contest.slice(i + 1).map((next): Pair => ({
        suite,
        first: one,
        second: next.one,
        ratios: [ratioOfMedians(next.one.ms, one.ms), ratioOfMedians(next.other.ms, other.ms)],
      })),
    ),
  );
}

function isTurned({ ratios: [before, after] }: Pair): boolean {
  return before.ratio >= 1 !== after.ratio >= 1;
}

function isNear(ratio: number): boolean {
  return ratio <= TOLERANCE && ratio >= 1 / TOLERANCE;
}

function differenceOf(pair: Pair): RankingDifference[] {
  if (!isTurned(pair)) return [];
  const { suite, first, second, ratios } = pair;
  const [before, after] = ratios;
  const isFirst = before.ratio >= 1;
  const [faster, slower] = isFirst ? [first, second] : [second, first];
  return [
    {
      suite,
      workload: first.workload,
      rows: first.rows,
      faster: nameOf(faster),
      slower: nameOf(slower),
      ratios: isFirst ? ratios : [inverse(before), inverse(after)],
      separated: ratios.every(separates),
    },
  ];
}

function nameOf({ scheme, parameters }: Measurement): string {
  return parameters === undefined ? scheme : `${scheme}, ${parameters}`;
}

function inverse({ ratio, interval: [low, high] }: Ratio): Ratio {
  return { ratio: 1 / ratio, interval: [1 / high, 1 / low] };
}
