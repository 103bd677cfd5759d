/**
 * Worst-case bounds of the `product` preset: when does an encrypted sum of products surely decrypt
 * to the right value? Exact integer arithmetic, nothing statistical.
 *
 * Notation: as in noise.ts; t the odd plaintext modulus; φ(c) = Σ c_j·s^j mod q the phase of a
 * ciphertext, the representative in (−q/2, q/2); |·| the largest coefficient; products of polynomials
 * modulo X^n + 1, so that |a·b| ≤ n·|a|·|b|.
 *
 * 1. Fresh. SEAL's symmetric BGV encryption gives φ = m − t·e (native/src/seal/util/rlwe.cpp,
 *    encrypt_zero_symmetric, which multiplies the error by t; encryptor.cpp adds the plaintext
 *    without scaling it). 0 ≤ m < t and |e| ≤ 21 as in noise.ts, so |φ| < 22·t.
 * 2. Product. The size-3 tensor of two ciphertexts has the product of their phases:
 *    |φ| < n·(22·t)², and it is the product of the plaintexts modulo t.
 * 3. Mask. The 0/1 vector of the rows that count, as a polynomial modulo t with coefficients in
 *    (−t/2, t/2), multiplies the phase: |φ| < n·(t/2)·n·(22·t)². It is applied to the product, once,
 *    whatever the number of rows. Where every row of a chunk counts there is no mask.
 * 4. Sum over H products: H times that.
 * 5. Modulus switching by a prime p replaces c_j by (c_j − t·ρ_j)/p, where ρ_j ≡ c_j/t mod p and
 *    |ρ_j| ≤ p/2: the phase becomes (φ − t·Σρ_j·s^j)/p, and the plaintext is multiplied by p^-1 mod t
 *    (the correction factor). s is ternary, so |s| ≤ 1 and the sum of the magnitudes of the
 *    coefficients of s^2 is at most n²: |Σρ_j·s^j| ≤ (p/2)·(1 + n + n²). After the last of several
 *    switches, q'/q times what was there plus (t/2)·(1 + n + n²)·(1 + 1/p + 1/(p·p') + …), the sum
 *    below 1 + 1/n since p ≥ 2n + 1.
 * 6. Decryption reduces the phase modulo q' to (−q'/2, q'/2), then modulo t. SEAL finds the quotient
 *    by q' in doubles (rns.cpp, BaseConverter::exact_convert_array): up to 16 terms, each off by at
 *    most 2^-52, so it is right for |φ| < q'/2·(1 − 2^-32).
 */
import { OpalineError } from '../errors/index.ts';
import { product } from '../ring/residues.ts';
import type { Fraction, NoiseBound } from './noise.ts';
import type { ProductParameters } from './parameters.ts';
import { plainModulus } from './plain-modulus.ts';

const FRESH = 22n;
const EXACT_SHARE: Fraction = { numerator: (1n << 32n) - 1n, denominator: 1n << 32n };

/** The bound and the limit for a sum of `products` masked products replied with `limbs` primes left. */
export function productNoise(
  parameters: ProductParameters,
  products: number,
  limbs: number,
): NoiseBound {
  const { dataPrimes } = parameters;
  const q = product(dataPrimes);
  const left = product(dataPrimes.slice(0, limbs));
  const limit = {
    numerator: left * EXACT_SHARE.numerator,
    denominator: 2n * EXACT_SHARE.denominator,
  };
  const carried = BigInt(products) * maskedProduct(parameters);
  const switched = limbs === dataPrimes.length ? ZERO : switching(parameters);
  // carried·left/(2q) + switched, where carried is twice the bound.
  const bound = {
    numerator: carried * left * switched.denominator + 2n * q * switched.numerator,
    denominator: 2n * q * switched.denominator,
  };
  const holds = bound.numerator * limit.denominator < limit.numerator * bound.denominator;
  return { bound, limit, holds };
}

const ZERO: Fraction = { numerator: 0n, denominator: 1n };

/** Twice the bound of step 3. */
function maskedProduct(parameters: ProductParameters): bigint {
  const t = plainModulus(parameters);
  const n = BigInt(parameters.n);
  return n * n * t * (FRESH * t) ** 2n;
}

/** (t/2)·(1 + n + n²)·(1 + 1/n). */
function switching(parameters: ProductParameters): Fraction {
  const n = BigInt(parameters.n);
  return {
    numerator: plainModulus(parameters) * (1n + n + n * n) * (n + 1n),
    denominator: 2n * n,
  };
}

/** Most products that one sum may take before anything is dropped. */
export function maxProducts(parameters: ProductParameters): number {
  const q = product(parameters.dataPrimes);
  const room = q * EXACT_SHARE.numerator - 1n;
  return Number(room / (maskedProduct(parameters) * EXACT_SHARE.denominator));
}

/**
 * The fewest limbs in which a sum of `products` masked products surely decrypts.
 *
 * @throws NOISE_BOUND when no number of limbs suffices; `rows` is the slots of the products
 */
export function fewestProductLimbs(parameters: ProductParameters, products: number): number {
  const all = parameters.dataPrimes.length;
  for (let limbs = 1; limbs <= all; limbs += 1) {
    if (productNoise(parameters, products, limbs).holds) return limbs;
  }
  const { bound, limit } = productNoise(parameters, products, all);
  const print = ({ numerator, denominator }: Fraction): string =>
    ((numerator + denominator - 1n) / denominator).toString();
  throw new OpalineError('NOISE_BOUND', {
    rows: products * parameters.n,
    bound: print(bound),
    limit: print(limit),
  });
}
