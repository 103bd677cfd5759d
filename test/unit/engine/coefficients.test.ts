import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signedCoefficient, writeCoefficients } from '../../../src/engine/coefficients.ts';

const bits = fc.constantFrom(1, 2, 20, 31, 32, 33, 48, 53);
const cells = bits.chain((k) => {
  const most = 2 ** (k - 1) - 1;
  const cell = fc.oneof(
    fc.constantFrom(0, most, -most),
    fc.maxSafeInteger().map((v) => (most === 0 ? 0 : v % (most + 1))),
  );
  return fc.tuple(fc.constant(k), fc.array(cell, { maxLength: 20 }));
});

describe('coefficients modulo 2^k', () => {
  test('doubles and BigInts give the same residues, and come back', () => {
    fc.assert(
      fc.property(cells, ([k, values]) => {
        const doubles = new Uint32Array(50).fill(9);
        const integers = new Uint32Array(50).fill(7);
        writeCoefficients(doubles, Float64Array.from(values), k);
        writeCoefficients(
          integers,
          values.map((v) => BigInt(v)),
          k,
        );
        expect(doubles).toEqual(integers);
        const back = Array.from({ length: 25 }, (_, i) =>
          signedCoefficient(doubles[2 * i] ?? 0, doubles[2 * i + 1] ?? 0, k),
        );
        expect(back).toEqual(Array.from({ length: 25 }, (_, i) => BigInt(values[i] ?? 0)));
        for (let i = 0; i < 25; i += 1) {
          const residue = (BigInt(doubles[2 * i + 1] ?? 0) << 32n) | BigInt(doubles[2 * i] ?? 0);
          expect(residue < 1n << BigInt(k)).toBe(true);
        }
      }),
    );
  });

  test('half of t is positive', () => {
    expect(signedCoefficient(2 ** 31, 0, 32)).toBe(2n ** 31n);
    expect(signedCoefficient(2 ** 31 + 1, 0, 32)).toBe(-(2n ** 31n) + 1n);
    expect(signedCoefficient(0, 2 ** 15, 48)).toBe(2n ** 47n);
  });

  test('a refused column leaves nothing behind', () => {
    const halves = new Uint32Array(8);
    expect(() => writeCoefficients(halves, Float64Array.of(1, 2, 2 ** 40), 32)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    expect(halves.every((word) => word === 0)).toBe(true);
    expect(() => writeCoefficients(halves, [1n, 2n, 3n, 4n, 5n], 32)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});
