import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantOfProduct } from '../../../src/ring/inner-product.ts';
import { evaluateAt, lagrangeAtZero } from '../../../src/ring/interpolate.ts';
import * as twin from '../../support/threshold-twin.ts';

const PRIMES = [132_710_401, 133_644_289, 97];

describe('interpolation at 0', () => {
  it('gives the constant of a polynomial from as many points as it has coefficients', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PRIMES),
        fc.array(fc.nat(2 ** 27 - 1), { minLength: 1, maxLength: 6 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 6, maxLength: 12 }),
        (prime, raw, points) => {
          const coefficients = raw.map((c) => c % prime);
          const xs = points.slice(0, coefficients.length);
          const sum = xs.reduce((all, x) => {
            const lambda = BigInt(lagrangeAtZero(xs, x, prime));
            return all + lambda * BigInt(evaluateAt(coefficients, x, prime));
          }, 0n);
          expect(sum % BigInt(prime)).toBe(BigInt(coefficients[0]!));
          const ys = xs.map((x) => ({ x, y: BigInt(evaluateAt(coefficients, x, prime)) }));
          expect(twin.interpolateAtZero(ys, BigInt(prime))).toBe(BigInt(coefficients[0]!));
        },
      ),
    );
  });

  it('refuses points that are not distinct, 0, or without the one that is asked for', () => {
    for (const [points, at] of [
      [[1, 1, 2], 1],
      [[0, 1], 1],
      [[1, 2], 3],
      [[97, 1], 1],
    ] as const) {
      expect(() => lagrangeAtZero(points, at, 97)).toThrow('interpolated');
    }
  });
});

describe('the constant coefficient of a product', () => {
  it('is that of the definition, up to the largest words', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8, 4096),
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        (n, largest, seed) => {
          const [q] = PRIMES as [number];
          const word = (i: number): number =>
            largest === 3 ? q - 1 : ((i + 1) * 48_271 * (seed % 65_537) + i) % q;
          const a = Uint32Array.from({ length: n }, (_, i) => word(i));
          const s = Uint32Array.from({ length: n }, (_, i) => word(3 * i + 1));
          const [got] = constantOfProduct(a, s, n, [q]);
          expect(BigInt(got!)).toBe(twin.constantOfProduct(a, s, BigInt(q)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('takes the limbs of the shorter operand', () => {
    const moduli = PRIMES.slice(0, 2);
    const a = Uint32Array.from({ length: 16 }, (_, i) => i);
    const s = Uint32Array.from({ length: 24 }, (_, i) => 100 + i);
    const got = constantOfProduct(a, s, 8, moduli);
    moduli.forEach((q, limb) => {
      const [from, to] = [8 * limb, 8 * limb + 8];
      const expected = twin.constantOfProduct(a.slice(from, to), s.slice(from, to), BigInt(q));
      expect(BigInt(got[limb]!)).toBe(expected);
    });
    expect(() => constantOfProduct(a, s.subarray(0, 8), 8, moduli)).toThrow('words');
  });
});
