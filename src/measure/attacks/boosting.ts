/** A weighted vote of threshold rules, each on one feature. */
export interface Stump {
  readonly feature: number;
  readonly threshold: number;
  /** Added to the score above the threshold, taken away at or below it. */
  readonly vote: number;
}

/**
 * AdaBoost (Freund–Schapire, JCSS 55, 1997) over decision stumps. A feature that matters only between two values,
 * or a list of values, is learnt by several stumps. Both classes weigh the same, however many examples they have.
 *
 * @param examples a row of features each, of one length, without NaN
 * @param labels −1 or 1; both occur
 */
export function boost(
  examples: readonly Float64Array[],
  labels: readonly (-1 | 1)[],
  rounds: number,
): Stump[] {
  const features = examples[0]?.length ?? 0;
  const orders = Array.from({ length: features }, (_, f) =>
    examples.map((_, i) => i).toSorted((a, b) => examples[a]![f]! - examples[b]![f]!),
  );
  const perClass = (label: number): number => labels.filter((l) => l === label).length;
  const share = { [-1]: 0.5 / perClass(-1), 1: 0.5 / perClass(1) };
  const weights = Float64Array.from(labels, (label) => share[label]);
  const stumps: Stump[] = [];
  for (let round = 0; round < rounds; round++) {
    const best = bestStump(examples, labels, weights, orders);
    if (best === undefined) break;
    // A rule that is never wrong would weigh infinitely much.
    const error = Math.max(best.error, 0.5 / examples.length);
    if (error >= 0.5 - 1e-12) break;
    const vote = (best.sign * Math.log((1 - error) / error)) / 2;
    const stump = { feature: best.feature, threshold: best.threshold, vote };
    stumps.push(stump);
    let total = 0;
    for (let i = 0; i < labels.length; i++) {
      total += weights[i]! *= Math.exp(-labels[i]! * voteOf(stump, examples[i]!));
    }
    for (let i = 0; i < labels.length; i++) weights[i]! /= total;
    if (best.error === 0) break;
  }
  return stumps;
}

/** Sum of the votes: positive speaks for label 1. */
export function scoreOf(stumps: readonly Stump[], example: Float64Array): number {
  return stumps.reduce((sum, stump) => sum + voteOf(stump, example), 0);
}

function voteOf({ feature, threshold, vote }: Stump, example: Float64Array): number {
  return example[feature]! > threshold ? vote : -vote;
}

interface Candidate {
  readonly feature: number;
  readonly threshold: number;
  readonly sign: -1 | 1;
  readonly error: number;
}

/** The threshold of least weighted error; undefined where every feature is constant. */
function bestStump(
  examples: readonly Float64Array[],
  labels: readonly (-1 | 1)[],
  weights: Float64Array,
  orders: readonly (readonly number[])[],
): Candidate | undefined {
  let best: Candidate | undefined;
  orders.forEach((order, feature) => {
    // Weighted error of "label 1 above the threshold", as it moves up past one example after another.
    let error = labels.reduce((sum, label, i) => (label === -1 ? sum + weights[i]! : sum), 0);
    for (let at = 0; at + 1 < order.length; at++) {
      const i = order[at]!;
      error += labels[i]! * weights[i]!;
      const [here, next] = [examples[i]![feature]!, examples[order[at + 1]!]![feature]!];
      if (here === next) continue;
      const sign = error <= 0.5 ? 1 : -1;
      const found = sign === 1 ? Math.max(0, error) : Math.max(0, 1 - error);
      if (best !== undefined && found >= best.error) continue;
      best = { feature, threshold: here + (next - here) / 2, sign, error: found };
    }
  });
  return best;
}
