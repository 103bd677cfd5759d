import type { Costs } from './frontier.ts';

/** The fastest way whose attacker has at most so much advantage. */
export interface Price<T extends Costs> {
  readonly cheapest: T;
  /** Its median time by that of the fastest in plaintext; null: there is none. */
  readonly times: number | null;
}

/** The most advantage that prices are given for: none, one in twenty, one in five, half, any. */
export const LEVELS: readonly number[] = [0, 0.05, 0.2, 0.5, 1];

/**
 * What each level of privacy costs, in the order of the levels; null: nothing meets it.
 * @param isPlain whether a way is what people would use without privacy
 */
export function pricesOf<T extends Costs>(
  all: readonly T[],
  isPlain: (one: T) => boolean,
): readonly (Price<T> | null)[] {
  const plain = fastest(all.filter(isPlain));
  return LEVELS.map((level) => {
    const cheapest = fastest(all.filter((one) => one.advantage.value <= level));
    if (cheapest === undefined) return null;
    return { cheapest, times: plain === undefined ? null : cheapest.time.value / plain.time.value };
  });
}

function fastest<T extends Costs>(some: readonly T[]): T | undefined {
  return some.reduce<T | undefined>(
    (best, one) => (best === undefined || one.time.value < best.time.value ? one : best),
    undefined,
  );
}
