/** A quantity with what is known of it. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const COVERAGE = 0.95;

/**
 * The median of at least one number, and the narrowest pair of order statistics k and n + 1 − k that encloses the
 * true one with 95 % confidence whatever the distribution: 1 − 2·P(Bin(n, ½) < k). Fewer than six numbers have no
 * such pair: the least and the greatest are taken, which enclose it with 1 − 2^(1−n).
 */
export function medianOf(numbers: readonly number[]): Estimate {
  const sorted = [...numbers].sort((a, b) => a - b);
  const count = sorted.length;
  const k = narrowestPair(count);
  return {
    value: (sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2,
    low: sorted[k - 1]!,
    high: sorted[count - k]!,
  };
}

/** The largest k, from 1, whose pair still has the coverage. */
function narrowestPair(count: number): number {
  let logChoose = -count * Math.LN2;
  let below = Math.exp(logChoose);
  let k = 1;
  while (k < count / 2) {
    logChoose += Math.log((count - k + 1) / k);
    below += Math.exp(logChoose);
    if (1 - 2 * below < COVERAGE) break;
    k++;
  }
  return k;
}

/** A nanosecond: what a clock that read nothing is taken to have read, so that logarithms exist. */
const LEAST_MS = 1e-6;

/** The median of milliseconds. */
export function medianTime(ms: readonly number[]): Estimate {
  return medianOf(ms.map((one) => Math.max(one, LEAST_MS)));
}
