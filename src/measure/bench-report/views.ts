import type {
  BenchResult,
  Measurement,
  SchemeStatement,
  SuiteMeasurements,
} from '../bench/result.ts';
import { standings, type Costs, type Standing } from './frontier.ts';
import { lookOf, type SchemeLook } from './scheme-look.ts';
import { medianTime, type Estimate } from './summary.ts';

/** A measurement as plots and tables show it. */
export interface Entry extends Costs {
  readonly measurement: Measurement;
  readonly scheme: SchemeStatement;
  readonly look: SchemeLook;
  /** Milliseconds. */
  readonly time: Estimate;
  readonly advantage: Estimate;
  /** Null: measured over another number of rows than the others, so it is compared with none. */
  readonly standing: Standing | null;
}

/** All ways of one workload over one number of rows. */
export interface WorkloadView {
  readonly suite: string;
  readonly workload: string;
  readonly rows: number;
  readonly entries: readonly Entry[];
  /** Whether it tells anything of privacy: two schemes of different advantage. */
  readonly hasFrontier: boolean;
}

/** Every suite's workloads, in the order in which they were measured. */
export function workloadsOf(
  result: Pick<BenchResult, 'schemes'>,
  { suite, measurements }: SuiteMeasurements,
): readonly WorkloadView[] {
  const schemes = new Map(result.schemes.map((scheme) => [scheme.scheme, scheme]));
  return [...Map.groupBy(measurements, ({ workload }) => workload)].map(([workload, all]) => {
    const rows = commonRows(all);
    const chosen = [...Map.groupBy(all, contender).values()].flatMap((own) => nearest(own, rows));
    const bare = chosen.map((measurement) => bareEntry(measurement, schemes));
    const comparable = bare.filter(({ measurement }) => measurement.rows === rows);
    const found = standings(comparable);
    const standing = new Map(comparable.map((entry, i) => [entry, found[i]!]));
    const entries = bare.map((entry) => ({ ...entry, standing: standing.get(entry) ?? null }));
    return { suite, workload, rows, entries, hasFrontier: differ(entries) };
  });
}

/** The number of rows over which most schemes were measured; of equals the largest. */
function commonRows(all: readonly Measurement[]): number {
  const schemes = [...Map.groupBy(all, ({ rows }) => rows)].map(([rows, some]) => ({
    rows,
    count: new Set(some.map(({ scheme }) => scheme)).size,
  }));
  return schemes.sort((a, b) => b.count - a.count || b.rows - a.rows)[0]!.rows;
}

/** One scheme with several parameters is several. */
function contender({ scheme, parameters }: Measurement): string {
  return JSON.stringify([scheme, parameters ?? null]);
}

/** A scheme's measurements over so many rows, else over the nearest number by ratio. */
function nearest(own: readonly Measurement[], rows: number): readonly Measurement[] {
  const distance = (other: number): number => Math.abs(Math.log((other + 1) / (rows + 1)));
  const least = Math.min(...own.map((one) => distance(one.rows)));
  return own.filter((one) => distance(one.rows) === least);
}

function bareEntry(
  measurement: Measurement,
  schemes: ReadonlyMap<string, SchemeStatement>,
): Omit<Entry, 'standing'> {
  const scheme = schemes.get(measurement.scheme)!;
  const { mean, interval } = measurement.privacy.advantage;
  return {
    measurement,
    scheme,
    look: lookOf(scheme),
    time: medianTime(measurement.ms),
    advantage: { value: mean, low: Math.min(mean, interval[0]), high: Math.max(mean, interval[1]) },
  };
}

function differ(entries: readonly Entry[]): boolean {
  const [first] = entries;
  return entries.some(
    ({ scheme, advantage }) =>
      scheme !== first!.scheme && advantage.value !== first!.advantage.value,
  );
}
