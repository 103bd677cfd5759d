import { describe, expect, test } from 'vitest';
import { fewestLimbs, maxRows, noiseBound } from '../../../src/params/noise.ts';
import { sumParameters } from '../../../src/params/presets.ts';
import { product } from '../../../src/ring/residues.ts';

const LEVELS = [
  [32, 1],
  [32, 2],
  [32, 3],
  [48, 1],
  [48, 2],
  [48, 3],
] as const;

describe('worst-case noise', () => {
  test.each(LEVELS)('t = 2^%i, %i limbs: the last row that fits, and one more', (k, limbs) => {
    const parameters = sumParameters(k);
    const most = maxRows(parameters, limbs);
    if (most > 0) expect(noiseBound(parameters, most, limbs).holds).toBe(true);
    expect(noiseBound(parameters, most + 1, limbs).holds).toBe(false);
  });

  test('is the inequality of the docstring, in integers', () => {
    for (const [k, limbs] of LEVELS) {
      const parameters = sumParameters(k);
      const q = product(parameters.dataPrimes);
      const left = product(parameters.dataPrimes.slice(0, limbs));
      const t = 1n << BigInt(k);
      for (const rows of [0, 1, 4096, 1_000_000, 194_404_704, 194_404_705, 2 ** 45]) {
        const h = BigInt(rows);
        const holds =
          limbs === 3
            ? 44n * h * t < q
            : 44n * h * left * t + BigInt(parameters.n + 2) * q * t < left * q;
        expect(noiseBound(parameters, rows, limbs).holds).toBe(holds);
      }
    }
  });

  test('covers every term of the derivation', () => {
    // Left: error and rounding of fresh rows, of each switch, and of SEAL's RNS decryption
    // (γ > 2^60), over the common denominator 2·γ·t·q; right: the bound of the module.
    const gamma = 1n << 60n;
    for (const [k, limbs] of LEVELS) {
      const parameters = sumParameters(k);
      const { dataPrimes, n } = parameters;
      const q = product(dataPrimes);
      const t = 1n << BigInt(k);
      for (const rows of [1, 2, 1000, 2 ** 40]) {
        // In units of 1 / (2·q·γ·t): 21.5·H first, then one division and rounding for each prime.
        let value = 43n * BigInt(rows) * q * gamma * t;
        for (const p of dataPrimes.slice(limbs).reverse()) {
          value = value / BigInt(p) + 1n + BigInt(n + 1) * q * gamma * t;
        }
        const left = product(dataPrimes.slice(0, limbs));
        value += 2n * q * BigInt(limbs) * left;
        const { bound } = noiseBound(parameters, rows, limbs);
        expect(value * bound.denominator < bound.numerator * 2n * q * gamma * t).toBe(true);
      }
    }
  });

  test('chooses the smallest reply, and refuses what no reply holds', () => {
    expect(fewestLimbs(sumParameters(32), 0)).toBe(2);
    expect(fewestLimbs(sumParameters(32), 10_000_000)).toBe(2);
    const wide = sumParameters(32);
    expect(fewestLimbs(wide, maxRows(wide, 2) + 1)).toBe(3);
    const deep = sumParameters(48);
    expect(fewestLimbs(deep, 194_404_704)).toBe(3);
    expect(() => fewestLimbs(deep, 194_404_705)).toThrow(
      expect.objectContaining({
        code: 'NOISE_BOUND',
        details: { rows: 194_404_705, bound: '4276903510', limit: '4276903494' },
      }),
    );
  });

  test('is the same number the design states for each k', () => {
    // Two limbs hold k <= 41 (before any row), one limb k <= 14.
    const fits = (k: number, limbs: number): boolean =>
      noiseBound({ ...sumParameters(32), plainBits: k }, 0, limbs).holds;
    expect([fits(41, 2), fits(42, 2), fits(14, 1), fits(15, 1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
