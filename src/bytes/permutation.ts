import { randomBytes } from './random.ts';

/**
 * A uniformly random permutation of [0, count), by Fisher and Yates with unbiased draws.
 */
export function randomPermutation(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const draw = drawer();
  for (let i = count - 1; i > 0; i--) {
    const j = draw(i + 1);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}

/** The items in a random order. */
export function shuffled<T>(items: readonly T[]): T[] {
  return Array.from(randomPermutation(items.length), (i) => items[i]!);
}

/** Uniform integers below bounds that fall by one, from 32-bit draws with rejection. */
function drawer(): (bound: number) => number {
  let pool: Uint32Array = new Uint32Array(0);
  let at = 0;
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      if (at === pool.length) {
        // A draw for this bound and each below it: a short permutation asks for few.
        pool = new Uint32Array(randomBytes(Math.min(65_536, 4 * bound)).buffer);
        at = 0;
      }
      const value = pool[at++]!;
      if (value < limit) return value % bound;
    }
  };
}
