import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProductDecryptor, ProductSum } from '../../../../src/engine/engine.ts';
import { createProductDecryptor } from '../../../../src/engine/seal/decrypt-product-sums.ts';
import { deriveProductSecret } from '../../../../src/keys/product-secret.ts';
import { productParameters } from '../../../../src/params/presets.ts';
import { openSealProductSums } from '../../../support/seal-sums.ts';

const parameters = productParameters();
const { n, dataPrimes } = parameters;
const POLYNOMIALS = 3;
const secret = deriveProductSecret(new Uint8Array(32).fill(11), n);
let ours: ProductDecryptor;
let seal: Awaited<ReturnType<typeof openSealProductSums>>;

beforeAll(async () => {
  ours = createProductDecryptor(parameters, secret);
  seal = await openSealProductSums(parameters, secret);
});
afterAll(() => {
  ours[Symbol.dispose]();
  seal[Symbol.dispose]();
});

const sumOf = (limbs: number, word: (i: number, prime: number) => number): ProductSum => ({
  limbs,
  polynomials: Uint32Array.from({ length: POLYNOMIALS * limbs * n }, (_, i) =>
    word(i, dataPrimes[Math.floor(i / n) % limbs]!),
  ),
});

test.each([2, 3, 4, 5, 6, 7])(
  'are opened as SEAL opens them, %i limbs, whatever they are',
  (limbs) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 16, maxLength: 16 }), (seeds) => {
        const sum = sumOf(limbs, (i, prime) => {
          const word = Math.imul(seeds[i % 16]! + i, 0x9e37_79b1) ^ seeds[(i >>> 4) % 16]!;
          return (word >>> 0) % prime;
        });
        expect(ours.decryptTotal(sum)).toBe(seal.decrypt(sum));
      }),
      { numRuns: 5 },
    );
  },
);

test('at the ends of every residue', () => {
  for (const limbs of [2, dataPrimes.length]) {
    for (const word of [() => 0, (_i: number, prime: number) => prime - 1, () => 1]) {
      const sum = sumOf(limbs, word);
      expect(ours.decryptTotal(sum)).toBe(seal.decrypt(sum));
    }
  }
});

test('nothing is opened once the secret is gone', () => {
  const decryptor = createProductDecryptor(parameters, secret);
  // c0 = 0, c1 = 1: the secret itself.
  const bare = sumOf(3, (i) => (Math.floor(i / (3 * n)) === 1 ? 1 : 0));
  expect(decryptor.decryptTotal(bare)).not.toBe(0n);
  decryptor[Symbol.dispose]();
  expect(decryptor.decryptTotal(bare)).toBe(0n);
});
