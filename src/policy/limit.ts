import type { Limit, Period } from './document.ts';

/** Milliseconds. */
const LENGTH: Readonly<Record<Period, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  year: 365 * 86_400_000,
};

/** Something that was used, at a time in milliseconds since 1970. */
export interface Use {
  readonly time: number;
  readonly amount: number;
}

/**
 * What was used of a limit in the period that ends now. What is dated later than now counts too: a clock that was
 * put back frees nothing.
 */
export function usedOf(limit: Limit, uses: readonly Use[], now: number): number {
  const since = now - LENGTH[limit.per];
  return uses.reduce((sum, { time, amount }) => (time > since ? sum + amount : sum), 0);
}

/** Whether so much more stays within the limit. */
export function isWithin(limit: Limit, uses: readonly Use[], more: number, now: number): boolean {
  return usedOf(limit, uses, now) + more <= limit.limit;
}
