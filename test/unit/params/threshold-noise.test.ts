import { describe, expect, it } from 'vitest';
import { thresholdParameters, verifyingParameters } from '../../../src/params/presets.ts';
import {
  fewestThresholdLimbs,
  FLOOD_BITS,
  floodBound,
  rowNoise,
  sumNoise,
  thresholdNoise,
} from '../../../src/params/threshold-noise.ts';
import { product } from '../../../src/ring/residues.ts';

const dealt = thresholdParameters({ parties: 1, quorum: 3 });

describe('the noise of sums under a divided key', () => {
  it('of a row is at most the sum of what encryption and rounding add', () => {
    for (const parties of [1, 2, 7, 64]) {
      const parameters = thresholdParameters({ parties, quorum: parties === 1 ? 3 : parties });
      const [m, n, p] = [BigInt(parties), BigInt(parameters.n), BigInt(parameters.specialPrime)];
      // (21·m·n + 21 + 21·m·n)/p + (1 + m·n)/2 + 1/2 over 2p
      const exact = 2n * (42n * m * n + 21n) + p * (1n + m * n) + p;
      expect(2n * p * rowNoise(parameters)).toBeGreaterThanOrEqual(exact);
    }
  });

  it('is drowned by flooding noise, at every level', () => {
    const n = BigInt(dealt.n);
    for (const rows of [1, 1000, 2 ** 18, 10_000_000]) {
      for (const limbs of [5, 6, 7]) {
        const bound = floodBound(dealt, rows, limbs);
        expect(bound).toBeGreaterThanOrEqual(
          2n ** BigInt(FLOOD_BITS + 1) * n * sumNoise(dealt, rows, limbs),
        );
      }
    }
    expect(FLOOD_BITS).toBeGreaterThanOrEqual(64);
  });

  it('leaves a quorum of 64 room for a thousand million rows', () => {
    const wide = thresholdParameters({ parties: 1, quorum: 64 });
    expect(thresholdNoise(wide, 1e9, 7).holds).toBe(true);
    const joint = thresholdParameters({ parties: 64, quorum: 64 });
    expect(thresholdNoise(joint, 1e9, 7).holds).toBe(true);
  });

  it('takes the fewest limbs that hold it, and refuses what none holds', () => {
    const limbs = fewestThresholdLimbs(dealt, 1_000_000);
    expect(thresholdNoise(dealt, 1_000_000, limbs).holds).toBe(true);
    expect(thresholdNoise(dealt, 1_000_000, limbs - 1).holds).toBe(false);
    expect(() => fewestThresholdLimbs(dealt, Number.MAX_SAFE_INTEGER)).toThrow(
      expect.objectContaining({ code: 'NOISE_BOUND' }),
    );
  });

  it('is within half a step of the message exactly where it says so', () => {
    const { bound, limit, holds } = thresholdNoise(dealt, 1, 7);
    const q = product(dealt.dataPrimes);
    expect(limit).toEqual({ numerator: q, denominator: 2n ** 49n });
    expect(holds).toBe(bound.numerator * 2n ** 49n < q);
  });

  it('of checks is that of their sums, and is within the limit wherever theirs is', () => {
    for (const parties of [1, 2, 64]) {
      const sums = thresholdParameters({ parties, quorum: parties === 1 ? 3 : parties });
      const checks = verifyingParameters(sums);
      expect(verifyingParameters(sums)).toBe(checks);
      for (const rows of [1, 1000, 2 ** 18, 10_000_000, 1e9]) {
        expect(rowNoise(checks)).toBe(rowNoise(sums));
        const limbs = fewestThresholdLimbs(sums, rows);
        for (let left = limbs; left <= sums.dataPrimes.length; left += 1) {
          expect(floodBound(checks, rows, left)).toBe(floodBound(sums, rows, left));
          const [of, beside] = [
            thresholdNoise(sums, rows, left),
            thresholdNoise(checks, rows, left),
          ];
          expect(beside.bound).toEqual(of.bound);
          expect(beside.holds).toBe(true);
          expect(beside.limit.denominator).toBeLessThan(of.limit.denominator);
        }
      }
    }
  });

  it('leaves the rounding of an odd plaintext modulus the room it takes', () => {
    for (let parties = 1; parties <= 64; parties += 1) {
      const checks = verifyingParameters(
        thresholdParameters({ parties, quorum: parties === 1 ? 3 : parties }),
      );
      const [m, n, p] = [BigInt(parties), BigInt(checks.n), BigInt(checks.specialPrime)];
      const t = BigInt(checks.plainPrime);
      // (21·m·n + 21 + 21·m·n)/p + (1 + m·n)/2 + 1/2 + 1/(2t) over 2pt
      const exact = 2n * t * (42n * m * n + 21n) + p * t * (1n + m * n) + p * t + p;
      expect(2n * p * t * rowNoise(checks)).toBeGreaterThanOrEqual(exact);
    }
  });

  it('is of no division that nobody can make', () => {
    for (const division of [
      { parties: 0, quorum: 2 },
      { parties: 1, quorum: 65 },
      { parties: 3, quorum: 2 },
      { parties: 1, quorum: 1.5 },
    ]) {
      expect(() => thresholdParameters(division)).toThrow(
        expect.objectContaining({ code: 'PARAMETERS_INVALID' }),
      );
    }
  });
});
