/** A set of measurements of one thing, in the order in which they were taken. */
export interface Spread {
  readonly count: number;
  readonly p0: number;
  readonly p10: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p100: number;
}

/** Quantiles by nearest rank, to four significant digits. */
export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const quantile = (share: number): number =>
    digits(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN, 4);
  return {
    count: sorted.length,
    p0: quantile(0),
    p10: quantile(0.1),
    p25: quantile(0.25),
    p50: quantile(0.5),
    p75: quantile(0.75),
    p90: quantile(0.9),
    p100: quantile(1),
  };
}

/** So many significant digits. */
export function digits(value: number, count: number): number {
  return Number(value.toPrecision(count));
}

export async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  const result = await work();
  return [result, performance.now() - begun];
}

/** One of several things to time: its name, and one run of it. */
export interface Contender {
  readonly name: string;
  readonly run: () => unknown;
}

/**
 * Milliseconds of every contender in every round, by name. They take turns in an order drawn anew
 * each round, so that a slow phase of the machine, or what one leaves in a cache, meets all of them.
 */
export async function takeTurns(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<string, number[]>> {
  const samples = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of shuffled(contenders)) {
      const [, ms] = await timed(run);
      samples.get(name)?.push(ms);
    }
  }
  return samples;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
