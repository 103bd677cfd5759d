import { fitSigmoid } from '../../src/client/score/sigmoid.ts';
import { productParameters, sumParameters } from '../../src/params/presets.ts';
import { residentChunkWords, wireChunkBytes } from '../../src/table/column-part.ts';

const BYTES_A_WORD = 4;
const sums = { n: sumParameters(48).n, primes: sumParameters(48).dataPrimes };
const products = { n: productParameters().n, primes: productParameters().dataPrimes };

/** Figures that follow from the program itself, so that each check computes them anew; in the units of the base. */
export const RECOMPUTED: Readonly<Record<string, () => number>> = {
  'wire bytes a row': () => wireChunkBytes(sums) / sums.n,
  'resident bytes a row': () => (BYTES_A_WORD * residentChunkWords(sums)) / sums.n,
  'wire bytes a row of products': () => wireChunkBytes(products) / products.n,
  'resident bytes a row of products': () =>
    (BYTES_A_WORD * residentChunkWords(products)) / products.n,
  'modulus bits of sums': () =>
    [...sums.primes, sumParameters(48).specialPrime].reduce((bits, q) => bits + Math.log2(q), 0),
  ...Object.fromEntries(
    [4, 8].flatMap((radius) =>
      [1, 3, 5, 7].map((degree) => [
        `sigmoid on ±${radius}, degree ${degree}`,
        () => fitSigmoid(-radius, radius, degree).error,
      ]),
    ),
  ),
};
