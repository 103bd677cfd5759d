/**
 * What a release costs, in whole units so that sums are exact: ε of pure differential privacy in millionths, ρ of
 * zero-concentrated in millionths, δ in trillionths. Neighbours are tables that differ by all rows of one subject.
 */
export interface Cost {
  readonly microEpsilon: number;
  readonly microRho: number;
  readonly picoDelta: number;
}

export const NO_COST: Cost = { microEpsilon: 0, microRho: 0, picoDelta: 0 };

export const MICRO = 1_000_000n;
export const PICO = 1_000_000_000_000n;

/** What is spent after one more release. */
export function plus(a: Cost, b: Cost): Cost {
  return {
    microEpsilon: a.microEpsilon + b.microEpsilon,
    microRho: a.microRho + b.microRho,
    picoDelta: a.picoDelta + b.picoDelta,
  };
}

/**
 * Whether a release is within what is left of a budget. As the costs of queries that are chosen one after the other
 * add up this is a privacy filter, in constant time: for pure differential privacy Rogers, Roth, Ullman and Vadhan,
 * NIPS 2016; for zCDP Feldman and Zrnic, NeurIPS 2021, whose ρ is not random here.
 */
export function fits(budget: Cost, spent: Cost, cost: Cost): boolean {
  const total = plus(spent, cost);
  return (
    total.microEpsilon <= budget.microEpsilon &&
    total.microRho <= budget.microRho &&
    total.picoDelta <= budget.picoDelta
  );
}

/** What is left; never below 0. */
export function left(budget: Cost, spent: Cost): Cost {
  return {
    microEpsilon: Math.max(0, budget.microEpsilon - spent.microEpsilon),
    microRho: Math.max(0, budget.microRho - spent.microRho),
    picoDelta: Math.max(0, budget.picoDelta - spent.picoDelta),
  };
}
