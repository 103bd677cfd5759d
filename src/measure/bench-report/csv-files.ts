import type { BenchResult, Measurement } from '../bench/result.ts';
import { csv, type CsvCell } from './csv.ts';
import { standings } from './frontier.ts';
import { medianTime } from './summary.ts';

/** A column of measurements.csv. */
type MeasurementColumn = readonly [name: string, cell: (one: Measurement) => CsvCell];

const MEASUREMENT_COLUMNS: readonly MeasurementColumn[] = [
  ['workload', ({ workload }) => workload],
  ['scheme', ({ scheme }) => scheme],
  ['parameters', ({ parameters }) => parameters ?? null],
  ['rows', ({ rows }) => rows],
  ['runs', ({ ms }) => ms.length],
  ['ms_median', ({ ms }) => medianTime(ms).value],
  ['ms_median_low', ({ ms }) => medianTime(ms).low],
  ['ms_median_high', ({ ms }) => medianTime(ms).high],
  ['ms_least', ({ ms }) => Math.min(...ms)],
  ['ms_greatest', ({ ms }) => Math.max(...ms)],
  ['bytes_up', ({ bytesUp }) => bytesUp],
  ['bytes_down', ({ bytesDown }) => bytesDown],
  ['bytes_at_rest', ({ bytesAtRest }) => bytesAtRest],
  ['bytes_keys', ({ bytesKeys }) => bytesKeys],
  ['rss_peak_bytes', ({ rssPeakBytes }) => rssPeakBytes],
  ['wasm_peak_bytes', ({ wasmPeakBytes }) => wasmPeakBytes],
  ['relative_error', ({ error }) => error],
  ['noise_margin_bits', ({ noiseMarginBits }) => noiseMarginBits],
  ['attack', ({ privacy }) => privacy.attack],
  ['attacker_knows', ({ privacy }) => privacy.knowledge],
  ['measure', ({ privacy }) => privacy.measure],
  ['recovery', ({ privacy }) => privacy.recovery.mean],
  ['recovery_low', ({ privacy }) => privacy.recovery.interval[0]],
  ['recovery_high', ({ privacy }) => privacy.recovery.interval[1]],
  ['guess', ({ privacy }) => privacy.guess],
  ['advantage', ({ privacy }) => privacy.advantage.mean],
  ['advantage_low', ({ privacy }) => privacy.advantage.interval[0]],
  ['advantage_high', ({ privacy }) => privacy.advantage.interval[1]],
  ['store_learns', ({ privacy }) => privacy.shows],
];

/** Of either side of an ablation. */
const SIDE_COLUMNS: readonly string[] = [
  'ms_median',
  'ms_median_low',
  'ms_median_high',
  'bytes_at_rest',
  'advantage',
  'bytes_down',
  'relative_error',
];

/** The result as tables: name of the file → its text. Times in milliseconds, shares of 1; an empty field is null. */
export function csvFiles({ schemes, suites }: BenchResult): ReadonlyMap<string, string> {
  const families = new Map(schemes.map(({ scheme, family }) => [scheme, family]));
  const measurements = suites.flatMap(({ suite, measurements }) => {
    const standing = standingOf(measurements);
    return measurements.map((one) => [
      suite,
      families.get(one.scheme) ?? null,
      standing.get(one)!,
      ...MEASUREMENT_COLUMNS.map(([, cell]) => cell(one)),
    ]);
  });
  const growth = suites.flatMap(({ suite, growth }) =>
    growth.flatMap(({ workload, scheme, exponent, error, from, expected, points }) =>
      points.map(({ rows, ms }) => [
        suite,
        workload,
        scheme,
        rows,
        ms,
        exponent,
        error,
        from ?? null,
        expected,
      ]),
    ),
  );
  const ablations = suites.flatMap(({ suite, ablations }) =>
    ablations.map(({ workload, what, kind, with: kept, without: left }) => [
      suite,
      workload,
      what,
      kind,
      ...[kept, left].flatMap(({ ms, bytesAtRest, advantage, bytesDown, error }) => {
        const { value, low, high } = medianTime(ms);
        return [value, low, high, bytesAtRest, advantage, bytesDown ?? null, error ?? null];
      }),
    ]),
  );
  const statements = schemes.map(({ scheme, title, family, whose, security }) => [
    scheme,
    title,
    family,
    whose,
    security,
  ]);
  const measured = ['suite', 'family', 'standing', ...MEASUREMENT_COLUMNS.map(([name]) => name)];
  const sides = ['with', 'without'].flatMap((side) =>
    SIDE_COLUMNS.map((name) => `${side}_${name}`),
  );
  return new Map([
    ['measurements.csv', csv(measured, measurements)],
    [
      'growth.csv',
      csv(
        [
          'suite',
          'workload',
          'scheme',
          'rows',
          'ms',
          'exponent',
          'standard_error',
          'fitted_from_rows',
          'expected',
        ],
        growth,
      ),
    ],
    ['ablations.csv', csv(['suite', 'workload', 'what', 'kind', ...sides], ablations)],
    ['schemes.csv', csv(['scheme', 'title', 'family', 'whose', 'security'], statements)],
  ]);
}

/** Of each measurement among those of its workload over as many rows. */
function standingOf(measurements: readonly Measurement[]): ReadonlyMap<Measurement, string> {
  const same = Map.groupBy(measurements, ({ workload, rows }) => JSON.stringify([workload, rows]));
  const pairs = [...same.values()].flatMap((some) => {
    const costs = some.map(({ ms, privacy }) => {
      const { mean, interval } = privacy.advantage;
      const advantage = { value: mean, low: interval[0], high: interval[1] };
      return { time: medianTime(ms), advantage };
    });
    return standings(costs).map((standing, i) => [some[i]!, standing] as const);
  });
  return new Map(pairs);
}
