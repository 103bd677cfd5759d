import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  discreteGaussian,
  discreteLaplace,
  type RandomBytes,
  uniformBelow,
} from '../../../src/bytes/discrete-gaussian.ts';
import { sha256 } from '../../../src/bytes/hash.ts';
import { randomBytes } from '../../../src/bytes/random.ts';

/** The same bytes on every run: a test of a distribution would else fail now and then. */
function seeded(seed: number): RandomBytes {
  let counter = 0;
  let pool = new Uint8Array(0);
  return (length) => {
    while (pool.length < length) {
      const block = sha256(new Uint8Array(Uint32Array.of(seed, counter++).buffer));
      const grown = new Uint8Array(pool.length + block.length);
      grown.set(pool);
      grown.set(block, pool.length);
      pool = grown;
    }
    const out = pool.slice(0, length);
    pool = pool.slice(length);
    return out;
  };
}

const DRAWS = 20_000;

/**
 * Pearson's statistic of draws against a distribution on the integers, tails pooled, over the degrees of
 * freedom: near 1. For 10 or more of them it exceeds 4 with a probability below 10^-5.
 */
function misfit(draw: () => bigint, weight: (x: number) => number): number {
  const most = 200;
  const xs = Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
  const total = xs.reduce((sum, x) => sum + weight(x), 0);
  const counts = new Map<number, number>();
  for (let i = 0; i < DRAWS; i++) {
    const x = Number(draw());
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  let [statistic, cells] = [0, 0];
  const tails = { expected: 0, found: DRAWS };
  for (const x of xs) {
    const expected = (DRAWS * weight(x)) / total;
    const found = counts.get(x) ?? 0;
    if (expected < 10) {
      tails.expected += expected;
      continue;
    }
    tails.found -= found;
    statistic += (found - expected) ** 2 / expected;
    cells++;
  }
  if (tails.expected > 5) statistic += (tails.found - tails.expected) ** 2 / tails.expected;
  expect(cells).toBeGreaterThanOrEqual(10);
  return statistic / cells;
}

describe('exact samplers', () => {
  it.each([
    [9n, 1n],
    [25n, 4n],
    [200n, 3n],
  ])('draw a discrete Gaussian of variance %d/%d', (numerator, denominator) => {
    const random = seeded(Number(numerator));
    const variance = Number(numerator) / Number(denominator);
    const draw = (): bigint => discreteGaussian({ numerator, denominator }, random);
    expect(misfit(draw, (x) => Math.exp(-(x * x) / (2 * variance)))).toBeLessThan(4);
    // The test tells a neighbour apart.
    expect(misfit(draw, (x) => Math.exp(-(x * x) / (2 * variance * 1.3)))).toBeGreaterThan(4);
  });

  it.each([
    [3n, 1n],
    [7n, 2n],
  ])('draw a discrete Laplace of scale %d/%d', (numerator, denominator) => {
    const random = seeded(Number(denominator));
    const scale = Number(numerator) / Number(denominator);
    const draw = (): bigint => discreteLaplace({ numerator, denominator }, random);
    expect(misfit(draw, (x) => Math.exp(-Math.abs(x) / scale))).toBeLessThan(4);
    expect(misfit(draw, (x) => Math.exp(-Math.abs(x) / (1.15 * scale)))).toBeGreaterThan(4);
  });

  it('draw every integer below a bound alike, and no other', () => {
    const random = seeded(5);
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 7000; i++) counts[Number(uniformBelow(7n, random))]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 1n << 300n }), (bound) => {
        const drawn = uniformBelow(bound, randomBytes);
        return drawn >= 0n && drawn < bound;
      }),
    );
  });

  it('reach deviations that doubles cannot hold, at the right size', () => {
    const random = seeded(6);
    const deviation = 1n << 90n;
    const variance = { numerator: deviation * deviation, denominator: 1n };
    let within = 0;
    for (let i = 0; i < 300; i++) {
      const x = discreteGaussian(variance, random);
      if (x < deviation && x > -deviation) within++;
    }
    // 68.3 % of 300 is 205; five standard deviations of that are 40.
    expect(Math.abs(within - 205)).toBeLessThan(40);
  });

  it('refuse what is no scale, variance or bound', () => {
    const zero = { numerator: 0n, denominator: 1n };
    for (const draw of [
      () => discreteGaussian(zero, randomBytes),
      () => discreteLaplace(zero, randomBytes),
      () => discreteLaplace({ numerator: 1n, denominator: 0n }, randomBytes),
      () => uniformBelow(0n, randomBytes),
    ]) {
      expect(draw).toThrow(expect.objectContaining({ code: 'PARAMETERS_INVALID' }));
    }
  });
});
