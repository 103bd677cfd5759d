import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { gaussianWords, magnitudeWeights } from '../../../../src/search/pir/lwe/token/gaussian.ts';

const VARIANCE = 25.6 ** 2;
const density = (k: number): number => Math.exp((-k * k) / (2 * VARIANCE));
const total = Array.from({ length: 1201 }, (_, i) => density(i - 600)).reduce((a, b) => a + b);

describe('the table of the discrete Gaussian', () => {
  const weights = magnitudeWeights();

  test('adds up to one and has the probabilities that it should', () => {
    expect(weights.reduce((a, b) => a + b)).toBe(2n ** 90n);
    for (let k = 0; k < 150; k++) {
      const exact = ((k === 0 ? 1 : 2) * density(k)) / total;
      expect(Number(weights[k]) / 2 ** 90 / exact).toBeCloseTo(1, 11);
    }
  });

  test('is nowhere above the exact probability but at zero, and symmetric to the last bit', () => {
    // 200-bit reference, by powers of e: exp(−25k²/32768) as a product, not by the recurrence of the table.
    const unit = 10n ** 60n;
    const exp = (numerator: bigint, denominator: bigint): bigint => {
      let sum = 0n;
      let term = unit;
      for (let i = 1n; term > 0n; i++) {
        sum += term;
        term = (term * numerator) / denominator / i;
      }
      return (unit * unit) / sum;
    };
    const exact = Array.from({ length: 300 }, (_, k) => exp(25n * BigInt(k * k), 32_768n));
    const sum = exact.reduce((a, b, k) => a + (k === 0 ? b : 2n * b), 0n);
    for (let k = 1; k < 300; k++) {
      const bound = (2n * exact[k]! * 2n ** 90n) / sum;
      expect(weights[k]! <= bound && weights[k]! >= bound - 6n).toBe(true);
      expect(weights[k]! % 2n).toBe(0n);
    }
  });
});

describe('samples', () => {
  test('fit the distribution: chi-square over 101 cells', () => {
    const count = 200_000;
    const seen = new Map<number, number>();
    for (const sample of gaussianWords(count, randomBytes)) {
      const cell = Math.max(-50, Math.min(50, sample | 0));
      seen.set(cell, (seen.get(cell) ?? 0) + 1);
    }
    let statistic = 0;
    for (let cell = -50; cell <= 50; cell++) {
      let expected = (count * density(cell)) / total;
      if (Math.abs(cell) === 50) {
        for (let k = 51; k < 600; k++) expected += (count * density(k)) / total;
      }
      statistic += ((seen.get(cell) ?? 0) - expected) ** 2 / expected;
    }
    // 100 degrees of freedom: beyond 190 with probability 1e-7.
    expect(statistic).toBeLessThan(190);
  });

  test('are the inverse of the distribution function at its steps', () => {
    const weights = magnitudeWeights();
    let tail = 2n ** 90n;
    for (let k = 0; k < 80; k++) {
      tail -= weights[k]!;
      // A number below the tail P(|e| > k) is a magnitude above k, the tail itself is not.
      expect(magnitude(tail - 1n)).toBe(k + 1);
      expect(magnitude(tail)).toBe(k);
    }
    expect(magnitude(2n ** 90n - 1n)).toBe(0);
    expect(magnitude(0n)).toBeLessThan(290);
  });

  test('are negative where the sign bit is set', () => {
    expect(gaussianWords(1, () => draw(1000n, 0))[0]! | 0).toBeGreaterThan(200);
    expect(gaussianWords(1, () => draw(1000n, 1))[0]! | 0).toBeLessThan(-200);
  });
});

function draw(number: bigint, sign: number): Uint8Array {
  const limb = (i: bigint): number => Number((number >> (30n * i)) & (2n ** 30n - 1n));
  const words = Uint32Array.of(limb(2n) << 2, limb(1n) << 2, limb(0n) << 2, sign);
  return new Uint8Array(words.buffer);
}

function magnitude(number: bigint): number {
  return gaussianWords(1, () => draw(number, 0))[0]!;
}
