import {
  checkParameters,
  checkProductParameters,
  checkRealParameters,
  checkThresholdParameters,
  checkVerifyingParameters,
} from './check.ts';
import type {
  CheckParameters,
  Division,
  Parameters,
  ProductParameters,
  RealParameters,
} from './parameters.ts';

/** Bits of the plaintext modulus t = 2^k that the `sum` preset offers. */
export type SumPlainBits = 32 | 48;

const sum = (plainBits: SumPlainBits): Parameters =>
  checkParameters({
    preset: 'sum',
    scheme: 'bfv',
    n: 4096,
    // SEAL's CoeffModulus.Create(4096, [27, 27, 27, 27]): the largest such primes, in its order.
    dataPrimes: [133963777, 134012929, 134111233],
    specialPrime: 134176769,
    plainBits,
  });

const made = new Map<SumPlainBits, Parameters>();

/**
 * The `sum` preset: BFV at n = 4096, one row per coefficient, three data primes of 27 bits and a
 * key-switching prime (108 bits of the 109 that 128-bit classical security allows).
 * The same frozen object for the same k.
 */
export function sumParameters(plainBits: SumPlainBits): Parameters {
  const known = made.get(plainBits);
  if (known !== undefined) return known;
  const parameters = sum(plainBits);
  made.set(plainBits, parameters);
  return parameters;
}

const verifying = new Map<Parameters, CheckParameters>();

/**
 * The `check` preset: the ring, primes and packing of the sums that are verified, and for t the largest prime of 48
 * bits. A sum that was altered passes its check with a chance of about 1/t. The same frozen object for the same sums.
 *
 * @param sums of `sum` or `threshold`, as this file makes them
 */
export function verifyingParameters(sums: Parameters = sumParameters(48)): CheckParameters {
  const known = verifying.get(sums);
  if (known !== undefined) return known;
  const parameters = checkVerifyingParameters(sums);
  verifying.set(sums, parameters);
  return parameters;
}

/** At n = 8192: the eight largest primes below 2^27 that are 1 modulo 2n. */
const WIDE = {
  n: 8192,
  dataPrimes: [
    132_710_401, 132_759_553, 132_825_089, 133_251_073, 133_513_217, 133_611_521, 133_644_289,
  ],
  specialPrime: 133_857_281,
} as const;

let products: ProductParameters | undefined;

/**
 * The `product` preset: BGV at n = 8192, one row per slot, seven data primes of 27 bits and a
 * key-switching prime (216 bits of the 218 that 128-bit classical security allows). Nothing is ever
 * key-switched, so that prime need not be larger than the others, and the kernels' 2^27 holds for all.
 */
export function productParameters(): ProductParameters {
  products ??= checkProductParameters({
    ...WIDE,
    // The two largest below 2^24: t has 48 bits.
    plainPrimes: [16_760_833, 16_580_609],
  });
  return products;
}

const divided = new Map<string, Parameters>();

/**
 * The `threshold` preset: BFV at n = 8192, one row per coefficient, with the ring and primes of `product`: the
 * noise that hides a partial decryption takes 78 bits more than that of the sum (threshold-noise.ts). The same
 * frozen object for the same division.
 *
 * @throws PARAMETERS_INVALID for a division that nobody can make
 */
export function thresholdParameters(division: Division): Parameters {
  const key = `${division.parties}/${division.quorum}`;
  const known = divided.get(key);
  if (known !== undefined) return known;
  const parameters = checkThresholdParameters({ ...WIDE, plainBits: 48, division });
  divided.set(key, parameters);
  return parameters;
}

let reals: RealParameters | undefined;

/**
 * The `real` preset: CKKS at n = 8192, one row in each of 4,096 slots. Ring and primes are those of
 * `product`, so that a store keeps and streams both kinds of columns alike and cannot tell them apart.
 * The scale is what a cubic leaves room for: three times 46 bits and of the weights (real-noise.ts).
 */
export function realParameters(): RealParameters {
  reals ??= checkRealParameters({ ...WIDE, scaleBits: 46 });
  return reals;
}
