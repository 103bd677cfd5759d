import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';

describe('seeded randomness', () => {
  test('repeats for a seed, differs for another, also above 32 bits', () => {
    const words = (seed: number): number[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 8 }, () => random.word());
    };
    expect(words(7)).toEqual(words(7));
    const different = new Set(
      [0, 1, 7, 2 ** 32, 2 ** 32 + 7, 2 ** 53 - 1].map((s) => words(s).join()),
    );
    expect(different.size).toBe(6);
  });

  test('bits are balanced, draws below a bound are uniform', () => {
    const random = new SeededRandom(3);
    const draws = 60_000;
    const counts = Array.from({ length: 6 }, () => 0);
    let ones = 0;
    for (let i = 0; i < draws; i++) {
      counts[random.below(6)]! += 1;
      for (let word = random.word(); word !== 0; word &= word - 1) ones++;
    }
    expect(Math.abs(ones / (32 * draws) - 0.5)).toBeLessThan(0.002);
    const chi = counts.reduce((sum, count) => sum + (count - draws / 6) ** 2 / (draws / 6), 0);
    // 99.9 % of a χ² with 5 degrees of freedom lies below.
    expect(chi).toBeLessThan(20.5);
  });

  test('each of the 24 orders of four things comes equally often', () => {
    const random = new SeededRandom(4);
    const orders = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.permutation(4).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    const chi = [...orders.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(49.7);
  });

  test('weighted draws come as often as they weigh, and never with weight 0', () => {
    const random = new SeededRandom(5);
    const draw = random.drawer([0, 3, 0, 1]);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i++) counts[draw()]! += 1;
    expect(counts[0]! + counts[2]!).toBe(0);
    expect(counts[1]! / 8000).toBeCloseTo(0.75, 1.5);
  });
});
