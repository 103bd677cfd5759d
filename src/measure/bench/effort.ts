import type { RunLimits } from './runner.ts';
import type { Effort } from './privacy/by-query.ts';

/** How much a run asks of the machine. */
export interface SuiteEffort {
  /** Rows of the tables, ascending. */
  readonly sizes: readonly number[];
  readonly limits: RunLimits;
  /** A scheme that would take longer to prepare, by what it took at the size before, is left out of a size. */
  readonly prepareMs: number;
  /** A workload that would take longer for one answer is left out of a size. */
  readonly answerMs: number;
  readonly privacy: Effort;
}

/** Two minutes for all schemes on two cores. */
export const QUICK: SuiteEffort = {
  sizes: [10_000, 20_000, 40_000],
  limits: { warmUp: 1, rounds: 5, leastRounds: 3, budgetMs: 120 },
  prepareMs: 1_500,
  answerMs: 250,
  privacy: { seeds: 3, keywords: 12, transcripts: 12, ranges: 50, budgetMs: 300 },
};

/** Less than an hour for all schemes on two cores. */
export const FULL: SuiteEffort = {
  sizes: [10_000, 100_000, 1_000_000, 10_000_000],
  limits: {
    warmUp: 1,
    rounds: 21,
    leastRounds: 5,
    budgetMs: 2_500,
    slowMs: 2_000,
    slowRounds: 3,
  },
  // A million rows of every scheme that takes them.
  prepareMs: 100_000,
  answerMs: 10_000,
  privacy: { seeds: 10, keywords: 64, transcripts: 40, ranges: 150, budgetMs: 8_000 },
};

/** Sizes for a table of `most` rows, or the one that was asked for and what fits below it. */
export function sizesWithin(
  sizes: readonly number[],
  most: number,
  asked: number | undefined,
): readonly number[] {
  const last = Math.min(most, asked ?? sizes.at(-1)!);
  const below = sizes.filter((size) => size < last);
  // A table that ends between two sizes is measured whole.
  return asked !== undefined || most < sizes.at(-1)! ? [...below, last] : sizes;
}
