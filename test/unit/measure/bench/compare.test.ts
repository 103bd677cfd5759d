import { describe, expect, test } from 'vitest';
import { comparisonText } from '../../../../src/cli/output/comparison-text.ts';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';
import { ratioOfMedians, separates } from '../../../../src/measure/bench/bootstrap.ts';
import { compareResults } from '../../../../src/measure/bench/compare.ts';
import type { BenchResult } from '../../../../src/measure/bench/result.ts';
import { measurement, resultOf } from './support.ts';

/** Times around `typical`, with a tail. */
function times(typical: number, seed: number, count = 21): number[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => typical * (0.95 - 0.1 * Math.log(random.uniform())));
}

describe('ratioOfMedians', () => {
  test('is the same for the same seed, and the interval holds the ratio', () => {
    const [a, b] = [times(10, 1), times(7, 2)];
    const one = ratioOfMedians(a, b);
    expect(ratioOfMedians(a, b)).toEqual(one);
    expect(one.interval[0]).toBeLessThanOrEqual(one.ratio);
    expect(one.interval[1]).toBeGreaterThanOrEqual(one.ratio);
  });

  test('covers the true ratio in about 95 of 100 cases', () => {
    let covered = 0;
    for (let i = 0; i < 100; i++) {
      const [low, high] = ratioOfMedians(times(3, 2 * i), times(1, 2 * i + 1)).interval;
      if (low <= 3 && high >= 3) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(88);
  });

  test('a single sample separates nothing', () => {
    expect(separates(ratioOfMedians([100], [1, 1, 1]))).toBe(false);
  });

  test('separates what is apart, and not what is the same', () => {
    expect(separates(ratioOfMedians(times(2, 1), times(1, 2)))).toBe(true);
    expect(separates(ratioOfMedians(times(1, 1), times(1, 1)))).toBe(false);
  });
});

describe('compareResults', () => {
  const of = (fast: number, slow: number, seed: number, count?: number) =>
    resultOf([
      measurement({ scheme: 'a', ms: times(fast, seed, count) }),
      measurement({ scheme: 'b', ms: times(slow, seed + 1, count) }),
    ]);

  test('a result against itself: every ratio 1, no other ranking', () => {
    const result = of(1, 2, 1);
    const { compared, rankings, pairs, unmatched } = compareResults(result, result);
    expect(compared.map(({ time }) => time.ratio)).toEqual([1, 1]);
    expect({ rankings, pairs, unmatched }).toEqual({ rankings: [], pairs: 1, unmatched: 0 });
  });

  test('counts what agrees: orders and ratios of pairs set apart, and times', () => {
    const agreement = (a: BenchResult, b: BenchResult) => compareResults(a, b).agreement;
    const one = of(1, 2, 1);
    expect(agreement(one, one)).toEqual({ separated: 1, ordered: 1, ratios: 1, times: 2 });
    // Another machine, half as fast: every ratio is the same.
    const slower = agreement(one, of(2, 4, 1));
    expect(slower).toEqual({ separated: 1, ordered: 1, ratios: 1, times: 0 });
    // The same order, at another distance.
    expect(agreement(one, of(1, 3, 1))).toEqual({ separated: 1, ordered: 1, ratios: 0, times: 1 });
    expect(agreement(one, of(2, 1, 3))).toMatchObject({ separated: 1, ordered: 0, ratios: 0 });
    // What a result does not set apart is in no order.
    expect(agreement(of(1, 1.001, 1, 5), one)).toMatchObject({ separated: 0, ordered: 0 });
  });

  test('a verdict in the last line, with the counts', () => {
    const last = (a: BenchResult, b: BenchResult): string =>
      comparisonText(compareResults(a, b)).trimEnd().split('\n').at(-1)!;
    const one = of(1, 2, 1);
    expect(last(one, one)).toBe(
      'Agree: of 1 pair that both results separate, 1 are in the same order and 1 have ratios within 20 % of each other; ' +
        'of 2 times, 2 are within 20 %',
    );
    expect(last(one, of(2, 1, 3))).toMatch(/^Differ: of 1 pair .* 0 are in the same order/);
  });

  test('schemes that changed places are named, with what either result has of them', () => {
    const { rankings, compared } = compareResults(of(1, 2, 1), of(2, 1, 3));
    expect(rankings).toHaveLength(1);
    expect(rankings[0]).toMatchObject({ faster: 'a', slower: 'b', separated: true });
    const [before, after] = rankings[0]!.ratios;
    expect(before.ratio).toBeGreaterThan(1.5);
    expect(after.ratio).toBeLessThan(0.7);
    expect(compared.map(({ separated }) => separated)).toEqual([true, true]);
    // The other way about, whichever comes first.
    const turned = compareResults(of(2, 1, 3), of(1, 2, 1)).rankings[0]!;
    expect(turned).toMatchObject({ faster: 'b', slower: 'a', separated: true });
    expect(turned.ratios[0].ratio).toBeGreaterThan(1.2);
  });

  test('a change of places within the noise does not count as separated', () => {
    const { rankings } = compareResults(of(1, 1.0001, 1, 5), of(1.0001, 1, 1, 5));
    for (const { separated } of rankings) expect(separated).toBe(false);
  });

  test('what one result alone has is counted, and not compared', () => {
    const more = resultOf([
      measurement({ scheme: 'a', ms: [1, 2] }),
      measurement({ scheme: 'c', ms: [1, 2] }),
      measurement({ scheme: 'a', rows: 9, ms: [1, 2] }),
    ]);
    expect(compareResults(of(1, 2, 1), more)).toMatchObject({ unmatched: 3, pairs: 0 });
  });
});
