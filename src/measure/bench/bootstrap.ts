import { SeededRandom } from '../attacks/seeded-random.ts';
import { median, quantileOfSorted } from './quantiles.ts';

/** A ratio with what it may be as well. */
export interface Ratio {
  readonly ratio: number;
  /** 95 % confidence. */
  readonly interval: readonly [number, number];
}

const RESAMPLES = 2000;

/**
 * median(over) / median(under) with the percentile interval of a seeded bootstrap (Efron and Tibshirani, "An
 * Introduction to the Bootstrap", 1993, ch. 13): both sides are drawn anew with replacement, apart from each
 * other. Of a single sample on a side nothing is known, so the interval is all of 0 to ∞.
 */
export function ratioOfMedians(over: readonly number[], under: readonly number[], seed = 1): Ratio {
  const ratio = median(over) / median(under);
  if (over.length < 2 || under.length < 2) return { ratio, interval: [0, Infinity] };
  const random = new SeededRandom(seed);
  const drawn = (samples: readonly number[]): number =>
    median(samples.map(() => samples[random.below(samples.length)]!));
  const ratios = Array.from({ length: RESAMPLES }, () => drawn(over) / drawn(under));
  ratios.sort((a, b) => a - b);
  return { ratio, interval: [quantileOfSorted(ratios, 0.025), quantileOfSorted(ratios, 0.975)] };
}

/** Whether an interval leaves out equality: then, and only then, one side is the faster. */
export function separates({ interval: [low, high] }: Ratio): boolean {
  return low > 1 || high < 1;
}
