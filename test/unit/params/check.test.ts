import { describe, expect, test } from 'vitest';
import { loadSeal } from '../../../src/engine/seal/seal-module.ts';
import { checkParameters, type ParametersLiteral } from '../../../src/params/check.ts';
import { sumParameters } from '../../../src/params/presets.ts';
import { mostModulusBits, securityLevel } from '../../../src/params/security.ts';

const { totalBits: _bits, security: _security, ...literal } = sumParameters(48);
const INVALID = expect.objectContaining({ code: 'PARAMETERS_INVALID' });

describe('presets', () => {
  test('sum is frozen, 128-bit, and one object for each k', () => {
    const parameters = sumParameters(32);
    expect(parameters).toMatchObject({ n: 4096, totalBits: 108, security: 128, plainBits: 32 });
    expect(Object.isFrozen(parameters) && Object.isFrozen(parameters.dataPrimes)).toBe(true);
    expect(sumParameters(32)).toBe(parameters);
    expect(sumParameters(48)).toEqual({ ...parameters, plainBits: 48 });
  });

  test('sum has the primes of SEAL’s CoeffModulus.Create(4096, [27, 27, 27, 27])', async () => {
    const seal = await loadSeal();
    const moduli = seal.CoeffModulus.Create(4096, Int32Array.from([27, 27, 27, 27]));
    const primes = Array.from({ length: moduli.size() }, (_, i) => {
      const modulus = moduli.get(i);
      const value = Number(modulus?.value());
      modulus?.delete();
      return value;
    });
    moduli.delete();
    const { dataPrimes, specialPrime } = sumParameters(48);
    expect(primes).toEqual([...dataPrimes, specialPrime]);
  });
});

describe('checkParameters', () => {
  test('accepts what a manifest holds', () => {
    expect(checkParameters(structuredClone(literal))).toEqual(sumParameters(48));
  });

  const [q0 = 0, q1 = 0, q2 = 0] = literal.dataPrimes;
  const cases: [string, Partial<Record<keyof ParametersLiteral, unknown>>][] = [
    ['another preset', { preset: 'product' }],
    ['another scheme', { scheme: 'bgv' }],
    ['another t', { plainBits: 40 }],
    ['a fractional t', { plainBits: 47.5 }],
    ['a degree that is no power of two', { n: 4095 }],
    ['a degree without security', { n: 1024 }],
    ['a degree the table lacks', { n: 512 }],
    ['no primes', { dataPrimes: [] }],
    ['primes that are no list', { dataPrimes: 'abc' }],
    ['a composite', { dataPrimes: [q0, q1, 134176769 - 2 * 8192] }],
    ['a prime that is not 1 mod 2n', { dataPrimes: [q0, q1, 134217689] }],
    ['a prime past 2^27', { dataPrimes: [q0, q1, 134250497] }],
    ['a repeated prime', { dataPrimes: [q0, q1, q1] }],
    ['the special prime among the data', { dataPrimes: [q0, q1, literal.specialPrime] }],
    ['a special prime that is none', { specialPrime: 1 }],
    ['one prime too many for 128 bits', { dataPrimes: [q0, q1, q2, 133857281] }],
    ['a modulus not above t', { dataPrimes: [q0] }],
  ];
  test.each(cases)('refuses %s', (_, change) => {
    expect(() => checkParameters({ ...literal, ...change } as ParametersLiteral)).toThrow(INVALID);
  });
});

describe('the HE-standard table', () => {
  test('agrees with SEAL’s MaxBitCount at every degree and level', async () => {
    const seal = await loadSeal();
    for (const n of [1024, 2048, 4096, 8192, 16384, 32768]) {
      expect([128, 192, 256].map((level) => mostModulusBits(n, level as 128))).toEqual(
        [seal.SecLevelType.tc128, seal.SecLevelType.tc192, seal.SecLevelType.tc256].map((level) =>
          seal.CoeffModulus.MaxBitCount(n, level),
        ),
      );
    }
  });

  test.each([
    [4096, 109, 'classical', 128],
    [4096, 110, 'classical', undefined],
    [4096, 75, 'classical', 192],
    [4096, 76, 'classical', 128],
    [4096, 58, 'classical', 256],
    [4096, 108, 'quantum', undefined],
    [4096, 101, 'quantum', 128],
    [8192, 109, 'quantum', 256],
    [4095, 10, 'classical', undefined],
  ] as const)('n = %i, %i bits, %s: %s', (n, bits, adversary, level) => {
    expect(securityLevel(n, bits, adversary)).toBe(level);
  });
});
