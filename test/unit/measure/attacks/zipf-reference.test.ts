import { describe, expect, test } from 'vitest';
import { attackZipfColumn } from '../../../../bench/attacks/zipf-column.ts';
import { mean, seeds } from './support.ts';

describe('frequency matching on the reference column, over 20 seeds', () => {
  test.each([
    ['a tag for each value', undefined, 0.53],
    ['tags of 6 bits', 6, 0.4],
    ['tags of 4 bits', 4, 0.28],
  ])('%s', (_, bits, expected) => {
    const outcomes = seeds(20).map((seed) => attackZipfColumn(bits, seed));
    expect(Math.abs(mean(outcomes.map(({ recovery }) => recovery)) - expected)).toBeLessThan(0.05);
    expect(mean(outcomes.map(({ guessTheMode }) => guessTheMode))).toBeCloseTo(0.17, 2);
  });
});
