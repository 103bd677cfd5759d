import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levelOf, modulusChain } from '../../../../../src/engine/seal/inspect/modulus-chain.ts';
import type { ParametersBytes } from '../../../../../src/engine/seal/inspect/parameters-bytes.ts';
import { isPrime64 } from '../../../../../src/engine/seal/inspect/prime.ts';
import { parseModulusChain } from '../../../../../src/engine/seal/inspect/seal-object.ts';
import { isPrime } from '../../../../../src/ring/modular.ts';
import { goldenBytes, parmsBytes } from '../../../../support/hostile-vectors.ts';

describe('isPrime64', () => {
  test('agrees with trial division', () => {
    for (let value = 0; value < 3000; value++) {
      expect(isPrime64(BigInt(value))).toBe(isPrime(value));
    }
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2 ** 31 }), (value) => {
        expect(isPrime64(BigInt(value))).toBe(isPrime(value));
      }),
    );
  });

  test.each([
    // The least strong pseudoprimes to the first 4, 8 and 11 prime bases (OEIS A014233).
    [3215031751n, false],
    [341550071728321n, false],
    [3825123056546413051n, false],
    // A Carmichael number, a prime square, SEAL's largest 60-bit prime for n = 1024, and 2^61 − 1.
    [561n, false],
    [1073692673n ** 2n, false],
    [0xffffffffffc0001n, true],
    [2305843009213693951n, true],
  ])('%s: %s', (value, expected) => {
    expect(isPrime64(value)).toBe(expected);
  });
});

const GOOD: ParametersBytes = {
  layout: 'parameters',
  scheme: 'bfv',
  n: 1024,
  primes: [1073692673n, 1073698817n, 1073707009n],
  plainModulus: 120833n,
};

describe('modulusChain', () => {
  test.each(['bfv1024', 'bgv1024', 'ckks1024'])('has the levels of %s that SEAL has', (context) => {
    const chain = parseModulusChain(parmsBytes(context));
    const idOf = (kind: string, at = 16): Uint8Array =>
      goldenBytes(`${context}.${kind}.none.bin`).subarray(at, at + 32);
    expect(chain.data.map(({ primes }) => primes.length)).toEqual([2, 1]);
    expect(chain.key.primes).toHaveLength(3);
    expect(chain.key.parmsId).toEqual(idOf('pk'));
    expect(chain.key.parmsId).toEqual(idOf('sk'));
    expect(levelOf(chain.data, idOf('ct'))?.primes).toHaveLength(2);
    expect(levelOf(chain.data, idOf('ct_low'))?.primes).toHaveLength(1);
    expect(levelOf(chain.data, idOf('rk'))).toBeUndefined();
  });

  test('ends where the plaintext modulus would reach the ciphertext modulus', () => {
    const { data } = modulusChain({ ...GOOD, plainModulus: 1n << 40n });
    expect(data.map(({ primes }) => primes.length)).toEqual([2]);
  });

  test('of a single prime has one level, for keys and data', () => {
    const { key, data } = modulusChain({ ...GOOD, primes: GOOD.primes.slice(0, 1) });
    expect(data).toEqual([key]);
  });

  test.each<[string, Partial<ParametersBytes>]>([
    ['a degree of 1', { n: 1 }],
    ['a degree that is no power of two', { n: 1000 }],
    ['a degree past SEAL’s', { n: 1 << 18 }],
    ['a degree that the primes do not fit', { n: 8192 }],
    ['a composite modulus', { primes: [1n << 30n, ...GOOD.primes] }],
    ['a product of two good primes', { primes: [132120577n * 12289n] }],
    ['a prime twice', { primes: [GOOD.primes[0]!, GOOD.primes[0]!] }],
    ['a plaintext modulus that a prime divides', { plainModulus: 1073692673n }],
    ['no plaintext modulus', { plainModulus: 0n }],
    ['CKKS with a plaintext modulus', { scheme: 'ckks' }],
    [
      'a plaintext modulus past the last data level',
      { plainModulus: 1n << 59n, primes: GOOD.primes.slice(0, 2) },
    ],
    [
      'a plaintext modulus past everything',
      { plainModulus: 1n << 59n, primes: GOOD.primes.slice(0, 1) },
    ],
  ])('refuses %s', (_, change) => {
    expect(() => modulusChain({ ...GOOD, ...change })).toThrow(
      expect.objectContaining({ code: 'PARAMETERS_INVALID' }),
    );
  });
});
