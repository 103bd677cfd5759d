import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHECK_PRIME,
  isConsistent,
  multiplyAdd,
  ResidueSum,
} from '../../../src/params/check-field.ts';
import { maxRows } from '../../../src/params/noise.ts';
import { plainModulus } from '../../../src/params/plain-modulus.ts';
import { sumParameters, verifyingParameters } from '../../../src/params/presets.ts';

const P = BigInt(CHECK_PRIME);
const mod = (value: bigint): bigint => ((value % P) + P) % P;

const MOST = 2 ** 47 - 1;
const extreme = [0, 1, -1, 2 ** 24, -(2 ** 24), 2 ** 24 - 1, MOST, -MOST, 2 ** 46, -(2 ** 46) - 1];
const value = fc.oneof(fc.constantFrom(...extreme), fc.integer({ min: -MOST, max: MOST }));
const residues = [0, 1, 58, 59, 60, 2 ** 24, CHECK_PRIME - 1, CHECK_PRIME - 59, 2 ** 47];
const residue = fc.oneof(
  fc.constantFrom(...residues),
  fc.integer({ min: 0, max: CHECK_PRIME - 1 }),
);

/** Miller and Rabin with bases that decide below 3.3·10^24. */
function isPrime(n: bigint): boolean {
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square, rest] = [1n, base % n, exponent];
    for (; rest > 0n; rest >>= 1n, square = (square * square) % n) {
      if ((rest & 1n) === 1n) result = (result * square) % n;
    }
    return result;
  };
  let [odd, twos] = [n - 1n, 0];
  for (; (odd & 1n) === 0n; odd >>= 1n) twos++;
  return [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n].every((base) => {
    let x = power(base, odd);
    if (x === 1n || x === n - 1n) return true;
    for (let i = 1; i < twos; i++) if ((x = (x * x) % n) === n - 1n) return true;
    return false;
  });
}

describe('the field in which sums are verified', () => {
  it('is of the largest prime of 48 bits', () => {
    expect(isPrime(P)).toBe(true);
    for (let n = P + 2n; n < 1n << 48n; n += 2n) expect(isPrime(n)).toBe(false);
  });

  it('multiplies and adds as bigints do', () => {
    fc.assert(
      fc.property(
        residue,
        fc.array(fc.tuple(value, residue), { maxLength: 20 }),
        (factor, rows) => {
          const values = Float64Array.from(rows, ([v]) => v);
          const pads = Float64Array.from(rows, ([, pad]) => pad);
          expect(Array.from(multiplyAdd(factor, values, pads), BigInt)).toEqual(
            rows.map(([v, pad]) => mod(BigInt(factor) * BigInt(v) + BigInt(pad))),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([2 ** 47, -(2 ** 47), 0.5, Number.NaN])('refuses to multiply %d', (wrong) => {
    expect(() => multiplyAdd(1, Float64Array.of(wrong), Float64Array.of(0))).toThrow(
      /out of range/,
    );
  });

  it('adds up as bigints do', () => {
    fc.assert(
      fc.property(fc.array(residue, { maxLength: 100 }), (all) => {
        const sum = new ResidueSum();
        for (const one of all) sum.add(one);
        expect(BigInt(sum.value)).toBe(mod(all.reduce((total, one) => total + BigInt(one), 0n)));
      }),
    );
  });

  it('finds a sum consistent with its check, and no other within its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: CHECK_PRIME - 1 }),
        value,
        residue,
        fc.bigInt({ min: -P / 2n, max: P / 2n }),
        (factor, sum, pads, other) => {
          const check = mod(BigInt(factor) * BigInt(sum) + BigInt(pads));
          expect(isConsistent(factor, BigInt(sum), check, BigInt(pads))).toBe(true);
          expect(isConsistent(factor, other, check, BigInt(pads))).toBe(other === BigInt(sum));
        },
      ),
    );
  });

  it('leaves a check at least the room for noise that its sum has', () => {
    expect(plainModulus(verifyingParameters())).toBeLessThan(plainModulus(sumParameters(48)));
    expect(verifyingParameters().dataPrimes).toEqual(sumParameters(48).dataPrimes);
    expect(maxRows(sumParameters(48), 3)).toBeGreaterThan(2 ** 23);
  });
});
