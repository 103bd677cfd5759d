export interface MeanInterval {
  readonly mean: number;
  /** 95 % confidence, by Student's t. */
  readonly interval: readonly [number, number];
}

/** 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
];

/** Of at least one number; of one alone the interval is everything between 0 and 1. Cut off there: these are shares. */
export function meanInterval(shares: readonly number[]): MeanInterval {
  const count = shares.length;
  const mean = shares.reduce((sum, share) => sum + share, 0) / count;
  if (count === 1) return { mean, interval: [0, 1] };
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (count - 1);
  // Beyond 30 degrees of freedom: the first terms of Cornish and Fisher's expansion.
  const t = T[count - 2] ?? 1.959964 + 2.3722 / (count - 1) + 2.8225 / (count - 1) ** 2;
  const half = t * Math.sqrt(variance / count);
  return { mean, interval: [Math.max(0, mean - half), Math.min(1, mean + half)] };
}
