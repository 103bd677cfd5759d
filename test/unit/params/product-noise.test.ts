import { describe, expect, it } from 'vitest';
import { checkProductParameters } from '../../../src/params/check.ts';
import { plainModulus } from '../../../src/params/plain-modulus.ts';
import { productParameters, sumParameters } from '../../../src/params/presets.ts';
import {
  fewestProductLimbs,
  maxProducts,
  productNoise,
} from '../../../src/params/product-noise.ts';
import { product } from '../../../src/ring/residues.ts';

const parameters = productParameters();
const { n, dataPrimes, specialPrime, plainPrimes } = parameters;
const literal = { n, dataPrimes, specialPrime, plainPrimes };
const log2 = (value: bigint): number => value.toString(2).length;
const invalid = expect.objectContaining({ code: 'PARAMETERS_INVALID' });

describe('the preset product', () => {
  it('keeps the bound of 128-bit security, and is checked', () => {
    expect(parameters.totalBits).toBeLessThanOrEqual(218);
    expect(parameters.security).toBe(128);
    expect(log2(plainModulus(parameters))).toBe(48);
    expect(checkProductParameters(structuredClone(literal))).toEqual(parameters);
    expect(plainModulus(sumParameters(48))).toBe(1n << 48n);
  });

  it.each([
    ['a prime more', { dataPrimes: [...dataPrimes, 133_890_049] }],
    ['a plaintext prime that is not 1 modulo 2n', { plainPrimes: [16_760_833, 16_777_213] }],
    ['a plaintext prime twice', { plainPrimes: [16_760_833, 16_760_833] }],
    ['a plaintext prime of the ciphertext', { plainPrimes: [16_760_833, dataPrimes[0]!] }],
    ['a plaintext prime above 2^24', { plainPrimes: [16_760_833, specialPrime] }],
    ['three plaintext primes', { plainPrimes: [16_760_833, 16_580_609, 16_515_073] }],
    ['less ciphertext than plaintext', { dataPrimes: dataPrimes.slice(0, 1) }],
    ['primes that are no list', { dataPrimes: '1' }],
  ])('refuses %s', (_, change) => {
    const changed = { ...literal, ...change } as unknown as typeof literal;
    expect(() => checkProductParameters(changed)).toThrow(invalid);
  });
});

describe('the noise of sums of products', () => {
  it('is what the source says, in bits', () => {
    // 13 + 13 for two products of polynomials, 47 for the mask, 52.4 twice.
    const { bound, limit } = productNoise(parameters, 1, 7);
    expect(log2(bound.numerator / bound.denominator)).toBe(178);
    expect(log2(limit.numerator / limit.denominator)).toBe(188);
    const t = plainModulus(parameters);
    const degree = BigInt(n);
    expect(2n * bound.numerator).toBe(degree ** 2n * t * (22n * t) ** 2n * bound.denominator);
  });

  it('holds for maxProducts and not for one more', () => {
    const most = maxProducts(parameters);
    // Eight million rows and more in one sum.
    expect(most * n).toBeGreaterThan(8_000_000);
    expect(productNoise(parameters, most, 7).holds).toBe(true);
    expect(productNoise(parameters, most + 1, 7).holds).toBe(false);
    expect(() => fewestProductLimbs(parameters, most + 1)).toThrow(
      expect.objectContaining({ code: 'NOISE_BOUND' }),
    );
  });

  it('after switching is that of the switch, so that replies need three limbs', () => {
    expect(fewestProductLimbs(parameters, 1)).toBe(3);
    expect(fewestProductLimbs(parameters, 1000)).toBe(3);
    expect(productNoise(parameters, 0, 2).holds).toBe(false);
    const { bound } = productNoise(parameters, 1, 3);
    const noise = bound.numerator / bound.denominator;
    const t = plainModulus(parameters);
    const degree = BigInt(n);
    const rounding = (t * (1n + degree + degree * degree)) / 2n;
    expect(noise > rounding).toBe(true);
    const carried =
      (productNoise(parameters, 1, 7).bound.numerator * product(dataPrimes.slice(0, 3))) /
      (productNoise(parameters, 1, 7).bound.denominator * product(dataPrimes));
    expect(noise < carried + rounding + rounding / 1000n).toBe(true);
  });
});
