/**
 * Reproducible randomness for experiments: sfc32 (C. Doty-Humphrey, PractRand), 128 bits of state, seeded from one
 * number. Not for keys: those come from bytes/random.ts.
 */
export class SeededRandom {
  private a: number;
  private b: number;
  private c = 0;
  private counter = 1;

  /** @param seed a whole number, 0 to 2^53 − 1 */
  constructor(seed: number) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 2 ** 32) >>> 0;
    // As PractRand seeds it: so many rounds spread the seed over all of the state.
    for (let i = 0; i < 15; i++) this.word();
  }

  /** 32 uniform bits. */
  word(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.word() >>> 5) * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
  }

  /** A uniform whole number below `bound`, 1 to 2^32; by rejection, so without bias. */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const word = this.word();
      if (word < limit) return word % bound;
    }
  }

  /** A uniform permutation of 0 … count − 1 (Fisher–Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** The items in a random order. */
  shuffled<T>(items: readonly T[]): T[] {
    return this.permutation(items.length).map((i) => items[i]!);
  }

  /** Draws indexes with probability proportional to `weights`, which are not negative and not all 0. */
  drawer(weights: readonly number[]): () => number {
    const ends: number[] = [];
    let total = 0;
    for (const weight of weights) ends.push((total += weight));
    return () => {
      const at = this.uniform() * total;
      let low = 0;
      let high = ends.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (ends[middle]! > at) high = middle;
        else low = middle + 1;
      }
      return low;
    };
  }
}
