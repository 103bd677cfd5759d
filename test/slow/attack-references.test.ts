import { describe, expect, test } from 'vitest';
import { attackByCount, attackByScore } from '../../bench/attacks/topic-documents.ts';
import { mean, seeds } from '../unit/measure/attacks/support.ts';

describe('attacks on the reference documents, over 20 seeds', () => {
  test('RefinedScore with 5, 10, 15 and 30 known queries', () => {
    const known = [5, 10, 15, 30];
    const found = seeds(20).map((seed) => attackByScore(known, seed));
    const means = known.map((_, i) => mean(found.map((shares) => shares[i]!)));
    [0.33, 0.49, 0.62, 0.78].forEach((expected, i) => {
      expect(Math.abs(means[i]! - expected)).toBeLessThan(0.05);
    });
  });

  test('Count with all documents known, and with a part', () => {
    const found = seeds(20).map((seed) => attackByCount([1, 0.9, 0.5, 0.1], seed));
    const means = found[0]!.map((_, i) => mean(found.map((shares) => shares[i]!)));
    expect(means[0]).toBeGreaterThan(0.97);
    expect(means[1]).toBeLessThan(0.5);
    expect(means[2]).toBeLessThan(0.3);
    expect(means[3]).toBeLessThan(0.1);
  });
});
