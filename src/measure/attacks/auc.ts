/** How well scores tell two classes apart. */
export interface Auc {
  /** Probability that one of the second class scores higher than one of the first, ties counting half. */
  readonly auc: number;
  /** 95 % confidence. */
  readonly interval: readonly [number, number];
}

const Z = 1.959964;

/**
 * Area under the ROC curve (Mann–Whitney), with the interval of Newcombe, "Confidence intervals for an effect
 * size measure based on the Mann–Whitney statistic, part 2", Statistics in Medicine 25 (2006), method 5: all
 * areas that the one found does not contradict at the standard error of Hanley and McNeil (Radiology 143, 1982).
 * It stays honest at 0 and 1, where intervals centred on the estimate have no width.
 * Both classes have at least one score.
 */
export function aucOf(first: readonly number[], second: readonly number[]): Auc {
  const auc = mannWhitney(first, second);
  return {
    auc,
    interval: [
      limit(auc, first.length, second.length, 0),
      limit(auc, first.length, second.length, 1),
    ],
  };
}

function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const all = [
    ...first.map((score) => ({ score, weight: 0 })),
    ...second.map((score) => ({ score, weight: 1 })),
  ].toSorted((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let from = 0, to = 0; from < all.length; from = to) {
    let ofSecond = 0;
    while (to < all.length && all[to]!.score === all[from]!.score) ofSecond += all[to++]!.weight;
    rankSum += ofSecond * ((from + 1 + to) / 2);
  }
  const n = second.length;
  return (rankSum - (n * (n + 1)) / 2) / (first.length * n);
}

/** The area between `auc` and `end` that lies farthest from `auc` without being contradicted; by bisection. */
function limit(auc: number, m: number, n: number, end: 0 | 1): number {
  let [inside, outside] = [auc, end as number];
  for (let i = 0; i < 60; i++) {
    const middle = (inside + outside) / 2;
    if (Math.abs(auc - middle) <= Z * standardError(middle, m, n)) inside = middle;
    else outside = middle;
  }
  return inside;
}

function standardError(area: number, m: number, n: number): number {
  const spread = (m + n) / 2 - 1;
  const factor = 1 + (spread * (1 - area)) / (2 - area) + (spread * area) / (1 + area);
  return Math.sqrt((area * (1 - area) * factor) / (m * n));
}
