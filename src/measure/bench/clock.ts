/** Milliseconds from a point in the past; tests give one that they turn themselves. */
export interface Clock {
  readonly now: () => number;
}

export const SYSTEM_CLOCK: Clock = { now: () => performance.now() };
