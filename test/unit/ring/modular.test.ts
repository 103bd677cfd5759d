import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inverseMod,
  isPrime,
  multiplyMod,
  powerMod,
  reverseBits,
  shoup,
  smallestPrimitiveRoot,
} from '../../../src/ring/modular.ts';
import { fromResidues, product, toResidues } from '../../../src/ring/residues.ts';

const PRIMES = [3, 17, 97, 8191, 65537, 133963777, 134012929, 134111233, 134176769, 134217689];
const prime = fc.constantFrom(...PRIMES);
const below = (q: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(0, 1, q - 1), fc.nat(q - 1));
const withResidues = prime.chain((q) => fc.tuple(fc.constant(q), below(q), below(q)));

describe('word-sized modular arithmetic', () => {
  test('multiplies as BigInt does', () => {
    fc.assert(
      fc.property(withResidues, ([q, a, b]) => {
        expect(multiplyMod(a, b, q)).toBe(Number((BigInt(a) * BigInt(b)) % BigInt(q)));
      }),
      { numRuns: 2000 },
    );
  });

  test('inverts, and follows the rules of exponents', () => {
    fc.assert(
      fc.property(withResidues, fc.nat(1e6), fc.nat(1e6), ([q, a], x, y) => {
        if (a !== 0) expect(multiplyMod(a, inverseMod(a, q), q)).toBe(1);
        expect(multiplyMod(powerMod(a, x, q), powerMod(a, y, q), q)).toBe(powerMod(a, x + y, q));
      }),
    );
  });

  test('gives the floored quotient as Shoup constant', () => {
    fc.assert(
      fc.property(withResidues, ([q, w]) => {
        expect(shoup(w, q)).toBe(Number((BigInt(w) << 32n) / BigInt(q)));
      }),
      { numRuns: 2000 },
    );
  });

  test('knows primes from composites', () => {
    const sieve = Array.from({ length: 2000 }, (_, i) => i).filter(
      (v) => v > 1 && Array.from({ length: v - 2 }, (_, d) => d + 2).every((d) => v % d !== 0),
    );
    expect(Array.from({ length: 2000 }, (_, i) => i).filter(isPrime)).toEqual(sieve);
    expect(PRIMES.every(isPrime)).toBe(true);
    for (const value of [134217727, 8191 * 8191, 1.5, -7, Number.NaN, 2 ** 60]) {
      expect(isPrime(value)).toBe(false);
    }
  });

  test.each([
    [16, 17],
    [32, 97],
    [64, 193],
    [512, 7681],
  ])('finds the smallest primitive %i-th root mod %i', (order, q) => {
    const isPrimitive = (w: number): boolean => powerMod(w, order / 2, q) === q - 1;
    const all = Array.from({ length: q }, (_, w) => w).filter(isPrimitive);
    expect(smallestPrimitiveRoot(order, q)).toBe(all[0]);
  });

  test('reverses bits', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((i) => reverseBits(i, 3))).toEqual([
      0, 4, 2, 6, 1, 5, 3, 7,
    ]);
  });
});

describe('residues', () => {
  test('round-trip through the Chinese remainder theorem', () => {
    const primes = fc.subarray(PRIMES, { minLength: 1 });
    fc.assert(
      fc.property(primes, fc.bigInt({ min: -(1n << 240n), max: 1n << 240n }), (moduli, value) => {
        const q = product(moduli);
        const residues = toResidues(value, moduli);
        expect(fromResidues(residues, moduli)).toBe(((value % q) + q) % q);
        for (const [i, p] of moduli.entries()) {
          expect(residues[i]).toBeGreaterThanOrEqual(0);
          expect(residues[i]).toBeLessThan(p);
        }
      }),
    );
  });
});
