import { describe, expect, test } from 'vitest';
import { aucOf } from '../../../../src/measure/attacks/auc.ts';
import { distinguish, type Transcript } from '../../../../src/measure/attacks/distinguisher.ts';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';

type Make = (random: SeededRandom, i: number) => Transcript;

const times = (count: number, make: Make, random: SeededRandom): Transcript[] =>
  Array.from({ length: count }, (_, i) => make(random, i));

/** Two reads at fresh positions, answered with one of two lengths. */
const silent: Make = (random) => [
  { up: 100, down: 500 + random.below(2), touched: [random.below(1 << 20), random.below(1 << 20)] },
];

const game = (
  first: Make,
  second: Make,
  seed: number,
  count = 100,
): ReturnType<typeof distinguish> => {
  const random = new SeededRandom(seed);
  return distinguish(times(count, first, random), times(count, second, random), random);
};

describe('the distinguisher', () => {
  test('learns nothing from classes that are alike: intervals hold 0.5 as often as they say', () => {
    const runs = Array.from({ length: 60 }, (_, seed) => game(silent, silent, seed));
    const mean = runs.reduce((sum, { auc }) => sum + auc, 0) / runs.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
    const holding = runs.filter(({ interval: [low, high] }) => low <= 0.5 && 0.5 <= high);
    expect(holding.length).toBeGreaterThanOrEqual(54);
  });

  test('learns nothing where every transcript is the same', () => {
    const same: Make = () => [{ up: 1, down: 2, touched: ['a'] }];
    expect(game(same, same, 1)).toMatchObject({ auc: 0.5, telling: [] });
  });

  test.each<[string, Make, Make]>([
    ['a longer reply', silent, (r) => [{ ...silent(r, 0)[0]!, down: 600 + r.below(2) }]],
    [
      'a length between two others',
      (r) => [{ up: 1, down: 10 + 20 * r.below(2), touched: [] }],
      () => [{ up: 1, down: 20, touched: [] }],
    ],
    ['one call more', silent, (r) => [...silent(r, 0), ...silent(r, 1)]],
    [
      'the same position twice',
      silent,
      (r) => [
        { up: 100, down: 500 + r.below(2), touched: [7 + r.below(1 << 20)].flatMap((p) => [p, p]) },
      ],
    ],
    [
      'tokens that come again, of two values each',
      (r) => [{ up: 32, down: 8, touched: [`t${r.below(2)}`] }],
      (r) => [{ up: 32, down: 8, touched: [`t${2 + r.below(2)}`] }],
    ],
    [
      'positions at one end',
      silent,
      (r) => [{ up: 100, down: 500 + r.below(2), touched: [r.below(1 << 14), r.below(1 << 14)] }],
    ],
  ])('tells apart by %s', (_, first, second) => {
    const { auc, interval, telling } = game(first, second, 3);
    expect(auc).toBeGreaterThan(0.98);
    expect(interval[0]).toBeGreaterThan(0.9);
    expect(telling.length).toBeGreaterThan(0);
  });

  test('a token seen in training only says nothing', () => {
    const fresh: Make = (r, i) => [{ up: 32, down: 8, touched: [`${i} ${r.word()}`] }];
    const { interval } = game(fresh, fresh, 9);
    expect(interval[0]).toBeLessThanOrEqual(0.5);
    expect(interval[1]).toBeGreaterThanOrEqual(0.5);
  });

  test('is reproducible, halves what it is given, and asks for enough', () => {
    expect(game(silent, silent, 5)).toEqual(game(silent, silent, 5));
    expect(game(silent, silent, 5, 21)).toMatchObject({ trained: 20, scored: 22 });
    expect(() => game(silent, silent, 5, 7)).toThrow(/at least 8 transcripts/);
  });
});

describe('the area under the curve', () => {
  const naive = (first: readonly number[], second: readonly number[]): number => {
    let sum = 0;
    for (const x of first) for (const y of second) sum += y > x ? 1 : y === x ? 0.5 : 0;
    return sum / (first.length * second.length);
  };

  test('counts pairs, ties half', () => {
    const random = new SeededRandom(1);
    for (let run = 0; run < 50; run++) {
      const draw = (count: number): number[] =>
        Array.from({ length: count }, () => random.below(8));
      const [first, second] = [draw(1 + random.below(20)), draw(1 + random.below(20))];
      expect(aucOf(first, second).auc).toBeCloseTo(naive(first, second), 12);
    }
  });

  test('its interval holds the true area about 95 times in 100, and has a width at 1', () => {
    const random = new SeededRandom(2);
    // Exponential scores of rates 1 and 1/3: the true area is 3/4.
    const draw = (mean: number): number[] =>
      Array.from({ length: 40 }, () => -mean * Math.log(1 - random.uniform()));
    let held = 0;
    for (let run = 0; run < 1000; run++) {
      const [low, high] = aucOf(draw(1), draw(3)).interval;
      if (low <= 0.75 && 0.75 <= high) held++;
    }
    expect(held).toBeGreaterThan(930);
    expect(held).toBeLessThan(985);
    expect(aucOf([1, 2, 3, 4], [5, 6, 7, 8]).interval[0]).toBeLessThan(0.9);
    expect(aucOf([1, 2, 3, 4], [5, 6, 7, 8]).interval[1]).toBeCloseTo(1, 6);
  });
});
