import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantOfProduct } from '../../../src/ring/inner-product.ts';
import { TernaryProduct } from '../../../src/ring/ternary-product.ts';

/** The two largest primes below 2^27 that are 1 modulo 8192, and a small one. */
const MODULI = [134176769, 133996545, 12289];

const residues = (digits: Uint8Array): Uint32Array =>
  Uint32Array.from(MODULI.flatMap((q) => [...digits].map((digit) => [0, 1, q - 1][digit]!)));

describe('the constant coefficient of a product with a ternary polynomial', () => {
  test('is that of the general product', () => {
    const sizes = fc.constantFrom(8, 16, 64, 256);
    fc.assert(
      fc.property(
        sizes.chain((n) =>
          fc.tuple(
            fc.uint8Array({ minLength: n, maxLength: n, max: 2 }),
            fc.uint32Array({ minLength: 3 * n, maxLength: 3 * n }),
          ),
        ),
        ([digits, words]) => {
          const n = digits.length;
          const a = words.map((word, i) => word % MODULI[Math.floor(i / n)]!);
          using secret = new TernaryProduct(digits);
          const expected = constantOfProduct(a, residues(digits), n, MODULI);
          expect(secret.constant(a, MODULI)).toEqual(expected);
          const fewer = a.subarray(0, 2 * n);
          expect(secret.constant(fewer, MODULI.slice(0, 2))).toEqual(expected.slice(0, 2));
        },
      ),
    );
  });

  test.each([0, 1, 2])('is exact where all residues are largest and all digits are %i', (digit) => {
    const n = 4096;
    const digits = new Uint8Array(n).fill(digit);
    const a = Uint32Array.from(MODULI.flatMap((q) => Array.from({ length: n }, () => q - 1)));
    using secret = new TernaryProduct(digits);
    expect(secret.constant(a, MODULI)).toEqual(constantOfProduct(a, residues(digits), n, MODULI));
  });

  test('is refused for words of another shape', () => {
    using secret = new TernaryProduct(new Uint8Array(8));
    expect(() => secret.constant(new Uint32Array(9), [12289])).toThrow(/INTERNAL|words/);
    expect(() => new TernaryProduct(new Uint8Array(9))).toThrow(/degree 9/);
  });

  test('leaves nothing of the polynomial behind', () => {
    const secret = new TernaryProduct(new Uint8Array(8).fill(1));
    const a = new Uint32Array(8).fill(5);
    expect(secret.constant(a, [12289])).toEqual(Uint32Array.of((12289 - 30) % 12289));
    secret[Symbol.dispose]();
    expect(secret.constant(a, [12289])).toEqual(Uint32Array.of(0));
  });
});
