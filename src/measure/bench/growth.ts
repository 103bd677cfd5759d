import { OpalineError } from '../../errors/opaline-error.ts';
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
  const x = points.map(({ rows }) => Math.log(rows));
  const y = points.map(({ ms }) => Math.log(ms));
  const [meanX, meanY] = [mean(x), mean(y)];
  const sxx = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const sxy = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0);
  const exponent = sxy / sxx;
  const intercept = meanY - exponent * meanX;
  const rss = x.reduce((sum, value, i) => sum + (y[i]! - intercept - exponent * value) ** 2, 0);
  const error = Math.sqrt(rss / (points.length - 2) / sxx);
  return { exponent, factor: Math.exp(intercept), error };
}

/**
 * The growth of each workload and scheme that was measured at three sizes or more, from the medians.
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
  return [...series.values()].flatMap((all) => {
    const points = all
      .map(({ rows, ms }) => ({ rows, ms: median(ms) }))
      .toSorted((a, b) => a.rows - b.rows);
    if (new Set(points.map(({ rows }) => rows)).size < LEAST_POINTS) return [];
    const { workload, scheme } = all[0]!;
    const { exponent, error } = fitPower(points);
    return [{ workload, scheme, points, exponent, error, expected: expected(workload, scheme) }];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
