import { formatExact } from './exact/format.ts';
import { Rational } from './exact/rational.ts';

/** Buckets that HISTOGRAM(x, n) makes at most. */
export const MOST_BUCKETS = 1000;

/**
 * Where `buckets` equal parts of the span from `low` to `high` begin, the first apart, for whole
 * numbers: bucket i holds the values from edge i − 1 up to edge i, less one.
 */
export function bucketEdges(low: bigint, high: bigint, buckets: number): bigint[] {
  const n = BigInt(buckets);
  return Array.from({ length: buckets - 1 }, (_, i) =>
    Rational.of((high - low) * BigInt(i + 1), n)
      .plus(Rational.of(low))
      .ceil(),
  );
}

/**
 * A histogram as JSON: buckets in order, each with its bounds as exact numbers (30 significant digits
 * where a bound is no decimal) and the number of values from `low` on and below `high`; the last holds
 * `high` too. Where all values are equal, there is one bucket.
 */
export function histogramText(
  low: bigint,
  high: bigint,
  counts: readonly number[],
  scale: number,
): string {
  const kept = low === high ? [counts.reduce((sum, count) => sum + count, 0)] : counts;
  const bound = (i: number): string => {
    const part = Rational.of((high - low) * BigInt(i), BigInt(kept.length));
    const value = part.plus(Rational.of(low)).times(Rational.scaled(1n, scale));
    return formatExact(value, value.decimalPlaces() !== undefined);
  };
  const buckets = kept.map(
    (count, i) => `{"low":${bound(i)},"high":${bound(i + 1)},"count":${count}}`,
  );
  return `[${buckets.join(',')}]`;
}
