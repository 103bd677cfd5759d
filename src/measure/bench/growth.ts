import { OpalineError } from '../../errors/opaline-error.ts';
import { SeededRandom } from '../attacks/seeded-random.ts';
import { median } from './quantiles.ts';
import type { Growth, Measurement } from './result.ts';

/** A power law through points: ms = factor·rows^exponent. */
export interface PowerFit {
  readonly exponent: number;
  readonly factor: number;
  /** Standard error of the exponent. */
  readonly error: number;
}

/** Sizes from which an exponent is fitted; through fewer there is no error of the fit. */
const LEAST_POINTS = 3;

/**
 * Ordinary least squares of log(ms) against log(rows); the error is that of a regression's slope,
 * √(RSS/(k − 2)/Sxx).
 * @throws USAGE for fewer than three sizes, or a row count or time that is not positive
 */
export function fitPower(points: Growth['points']): PowerFit {
  if (new Set(points.map(({ rows }) => rows)).size < LEAST_POINTS) {
    throw new OpalineError('USAGE', { reason: `a growth is fitted to ${LEAST_POINTS} sizes` });
  }
  if (points.some(({ rows, ms }) => !(rows > 0) || !(ms > 0))) {
    throw new OpalineError('USAGE', { reason: 'a growth is fitted to positive numbers' });
  }
  return powerThrough(points);
}

/** Two points have no error. */
function powerThrough(points: Growth['points']): PowerFit {
  const x = points.map(({ rows }) => Math.log(rows));
  const y = points.map(({ ms }) => Math.log(ms));
  const [meanX, meanY] = [mean(x), mean(y)];
  const sxx = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const sxy = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0);
  const exponent = sxy / sxx;
  const intercept = meanY - exponent * meanX;
  const rss = x.reduce((sum, value, i) => sum + (y[i]! - intercept - exponent * value) ** 2, 0);
  const error = points.length > 2 ? Math.sqrt(rss / (points.length - 2) / sxx) : 0;
  return { exponent, factor: Math.exp(intercept), error };
}

/** A size counts where its time is so many times what is there at any size. */
const ABOVE_CONSTANT = 3;
const RESAMPLES = 400;
/** A nanosecond: what a clock that read nothing is taken to have read, so that logarithms exist. */
const LEAST_MS = 1e-6;

/**
 * The growth of each workload and scheme that was measured at three sizes or more: a power fitted to the medians of
 * those sizes at which the constant part of a time is a third of it at most. What is constant is what is left at no rows when the
 * two smallest sizes are joined by a straight line. Where one size alone is so far above it, the two largest are
 * fitted; where none is, it does not grow, and all are.
 * @param expected what is claimed of it
 */
export function growthOf(
  measurements: readonly Measurement[],
  expected: (workload: string, scheme: string) => number | null,
): Growth[] {
  const series = new Map<string, Measurement[]>();
  for (const one of measurements) {
    const key = JSON.stringify([one.workload, one.scheme, one.parameters ?? '']);
    series.set(key, [...(series.get(key) ?? []), one]);
  }
  return [...series.values()].flatMap((all): Growth[] => {
    const ascending = all.toSorted((a, b) => a.rows - b.rows);
    const points = ascending.map(({ rows, ms }) => ({ rows, ms: Math.max(median(ms), LEAST_MS) }));
    if (new Set(points.map(({ rows }) => rows)).size < LEAST_POINTS) return [];
    const { workload, scheme } = all[0]!;
    const first = firstFitted(points);
    const { exponent, error } = fitRuns(ascending.slice(first));
    const from = points[first]!.rows;
    return [
      { workload, scheme, points, from, exponent, error, expected: expected(workload, scheme) },
    ];
  });
}

/** Place of the smallest size that is fitted. @param points ascending, three at least */
function firstFitted(points: Growth['points']): number {
  const [one, two] = [points[0]!, points[1]!];
  const slope = (two.ms - one.ms) / (two.rows - one.rows);
  const constant = Math.min(one.ms, Math.max(0, one.ms - slope * one.rows));
  const first = points.findIndex(({ ms }) => ms >= ABOVE_CONSTANT * constant);
  return first === -1 ? 0 : Math.min(first, points.length - 2);
}

/**
 * The exponent through the medians of two sizes or more. Its error is the larger of two: the regression's, which two
 * points do not have, and the deviation of exponents through medians of runs drawn anew (bootstrap.ts).
 */
function fitRuns(sizes: readonly Measurement[]): Pick<PowerFit, 'exponent' | 'error'> {
  const through = (medianOf: (ms: readonly number[]) => number): PowerFit =>
    powerThrough(sizes.map(({ rows, ms }) => ({ rows, ms: Math.max(medianOf(ms), LEAST_MS) })));
  const random = new SeededRandom(sizes.length);
  const drawn = Array.from(
    { length: RESAMPLES },
    () => through((ms) => median(ms.map(() => ms[random.below(ms.length)]!))).exponent,
  );
  const middle = mean(drawn);
  const spread = Math.sqrt(mean(drawn.map((one) => (one - middle) ** 2)));
  const { exponent, error } = through(median);
  return { exponent, error: sizes.length < LEAST_POINTS ? spread : Math.max(error, spread) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
