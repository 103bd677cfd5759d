import { describe, expect, it } from 'vitest';
import { checkRealParameters } from '../../../src/params/check.ts';
import { productParameters, realParameters } from '../../../src/params/presets.ts';
import {
  cubicPhase,
  fewestRealLimbs,
  linearPhase,
  realNoise,
  SECRET_NORM,
} from '../../../src/params/real-noise.ts';
import { product } from '../../../src/ring/residues.ts';

const parameters = realParameters();
const { n, dataPrimes, specialPrime, scaleBits } = parameters;
const literal = { n, dataPrimes, specialPrime, scaleBits };
const SCALE = 1n << BigInt(scaleBits);
const q = product(dataPrimes);
const invalid = expect.objectContaining({ code: 'PARAMETERS_INVALID' });
const refused = expect.objectContaining({ code: 'NOISE_BOUND' });

describe('the preset real', () => {
  it('keeps the bound of 128-bit security, is checked, and has the ring of products', () => {
    expect(parameters.totalBits).toBeLessThanOrEqual(218);
    expect(parameters.security).toBe(128);
    expect(checkRealParameters(structuredClone(literal))).toEqual(parameters);
    expect([n, dataPrimes]).toEqual([productParameters().n, productParameters().dataPrimes]);
  });

  it.each([
    ['a prime more', { dataPrimes: [...dataPrimes, 133_890_049] }],
    ['a scale that is no whole power of two', { scaleBits: 40.5 }],
    ['a scale that drowns in the noise', { scaleBits: 19 }],
    ['a scale beyond what is computed in doubles', { scaleBits: 61 }],
    ['less modulus than scale', { dataPrimes: dataPrimes.slice(0, 1) }],
  ])('refuses %s', (_, change) => {
    expect(() => checkRealParameters({ ...literal, ...change })).toThrow(invalid);
  });
});

describe('the error of reals', () => {
  it('of one column is that of encryption, encoding and the weight', () => {
    const { signal, error } = linearPhase(parameters, [3n], 0n);
    expect(signal).toBe(3n * SCALE);
    // 22·n of each, 2^-38 and 2^-52 of the scale, and half a unit of the weight.
    expect(error).toBe(3n * (22n * BigInt(n) + 256n + 1n) + SCALE / 2n + 1n);
    expect(linearPhase(parameters, [-3n], -5n).signal).toBe(3n * SCALE + 5n);
  });

  it('of a cubic is no less than what the polynomial does to it', () => {
    const y = { signal: 1000n, error: 7n };
    for (const [square, itself] of [
      [0n, 0n],
      [-40n, 1_000_000n],
      [50n, -3n],
    ] as const) {
      const { signal, error } = cubicPhase(y, square, itself);
      const p = (x: bigint): bigint => x ** 3n + square * x ** 2n + itself * x;
      for (let x = -1000n; x <= 1000n; x += 40n) {
        for (const e of [-7n, 0n, 7n]) {
          const off = p(x + e) - p(x);
          expect(off < 0n ? -off : off).toBeLessThanOrEqual(error);
          const size = p(x + e);
          expect(size < 0n ? -size : size).toBeLessThanOrEqual(signal);
        }
      }
    }
  });

  it('holds up to half the modulus and not beyond', () => {
    const most = q / 2n;
    expect(realNoise(parameters, { signal: most - 7n, error: 7n }, 2, 7).holds).toBe(true);
    expect(realNoise(parameters, { signal: most - 6n, error: 7n }, 2, 7).holds).toBe(false);
    expect(() => fewestRealLimbs(parameters, { signal: q, error: 1n }, 2)).toThrow(refused);
  });

  it('after switching is that of rounding, by powers of the secret', () => {
    const phase = { signal: 0n, error: 0n };
    for (const [polynomials, powers] of [
      [2, 1 + SECRET_NORM],
      [4, 1 + SECRET_NORM + SECRET_NORM ** 2 + SECRET_NORM ** 3],
    ] as const) {
      const { bound, error } = realNoise(parameters, phase, polynomials, 2);
      const expected = (powers * (n + 1)) / 2;
      expect(Math.abs(Number(bound.numerator / bound.denominator) - expected)).toBeLessThan(2);
      // In units of the phase before: as much more as was divided away.
      const dropped = product(dataPrimes.slice(2));
      expect(Number(error.numerator / error.denominator) / Number(dropped)).toBeCloseTo(
        Math.ceil(expected),
        -1,
      );
    }
  });

  it('needs two limbs where the modulus is used, more only where they help', () => {
    const weight = (q / 4n) >> BigInt(scaleBits);
    expect(fewestRealLimbs(parameters, linearPhase(parameters, [weight], 0n), 2)).toBe(2);
    // A small phase would drown in the rounding of a switch.
    expect(fewestRealLimbs(parameters, linearPhase(parameters, [1n], 0n), 2)).toBeGreaterThan(5);
  });
});
