/** The quantile of a share by linear interpolation between the two nearest of the sorted samples; NaN of none. */
export function quantile(samples: readonly number[], share: number): number {
  return quantileOfSorted(
    samples.toSorted((a, b) => a - b),
    share,
  );
}

export function quantileOfSorted(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (at - Math.floor(at)) * (high - low);
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}
