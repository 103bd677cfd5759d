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

export interface Comparison {
  readonly compared: readonly Compared[];
  readonly rankings: readonly RankingDifference[];
  /** Pairs of schemes that were ranked in both, at all workloads and sizes. */
  readonly pairs: number;
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
  return {
    compared,
    ...rankingsOf(a, b),
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

function rankingsOf(
  first: ReadonlyMap<string, Placed>,
  second: ReadonlyMap<string, Placed>,
): Pick<Comparison, 'rankings' | 'pairs'> {
  const contests = new Map<string, { a: Placed; b: Measurement }[]>();
  for (const [key, a] of first) {
    const b = second.get(key)?.measurement;
    if (b === undefined) continue;
    const { workload, rows } = a.measurement;
    const contest = JSON.stringify([a.suite, workload, rows]);
    contests.set(contest, [...(contests.get(contest) ?? []), { a, b }]);
  }
  const rankings: RankingDifference[] = [];
  let pairs = 0;
  for (const contest of contests.values()) {
    for (const [i, one] of contest.entries()) {
      for (const other of contest.slice(i + 1)) {
        pairs++;
        const difference = differenceOf(one, other);
        if (difference !== undefined) rankings.push(difference);
      }
    }
  }
  return { rankings, pairs };
}

function differenceOf(
  one: { a: Placed; b: Measurement },
  other: { a: Placed; b: Measurement },
): RankingDifference | undefined {
  const before = ratioOfMedians(other.a.measurement.ms, one.a.measurement.ms);
  const after = ratioOfMedians(other.b.ms, one.b.ms);
  if (before.ratio >= 1 === after.ratio >= 1) return undefined;
  const isFirst = before.ratio >= 1;
  const [faster, slower] = isFirst ? [one, other] : [other, one];
  const { suite, measurement } = one.a;
  return {
    suite,
    workload: measurement.workload,
    rows: measurement.rows,
    faster: nameOf(faster.a.measurement),
    slower: nameOf(slower.a.measurement),
    ratios: isFirst ? [before, after] : [inverse(before), inverse(after)],
    separated: separates(before) && separates(after),
  };
}

function nameOf({ scheme, parameters }: Measurement): string {
  return parameters === undefined ? scheme : `${scheme}, ${parameters}`;
}

function inverse({ ratio, interval: [low, high] }: Ratio): Ratio {
  return { ratio: 1 / ratio, interval: [1 / high, 1 / low] };
}
