import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../../src/engine/slots.ts';
import { createWasmRing } from '../../../src/ring/simd/wasm-ring.ts';

const PRIMES = [16_760_833, 16_580_609];
const N = 16;
const T = PRIMES.reduce((t, p) => t * p, 1);
const HALF = (T - 1) / 2;
const slots = new Slots(createWasmRing(N, PRIMES));

const cell = fc.oneof(
  fc.integer({ min: -HALF, max: HALF }),
  fc.constantFrom(0, 1, -1, HALF, -HALF, 2 ** 32, -(2 ** 32), PRIMES[0]!, -PRIMES[1]!),
);

const totalOf = (coefficients: Float64Array): bigint =>
  slots.totalOf((residues) => {
    PRIMES.forEach((prime, half) =>
      coefficients.forEach((value, i) => {
        residues[half * N + i] = ((value % prime) + prime) % prime;
      }),
    );
  });

test('the total of the slots of what was encoded is the sum of the values', () => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: N }), fc.boolean(), (values, big) => {
      const coefficients = new Float64Array(N);
      slots.coefficients(big ? values.map(BigInt) : Float64Array.from(values), coefficients);
      expect(coefficients.every((value) => Math.abs(value) <= HALF)).toBe(true);
      const sum = values.reduce((total, value) => total + BigInt(value), 0n);
      expect(totalOf(coefficients)).toBe(sum);
    }),
  );
});

test('a product of polynomials is the product of the slots', () => {
  const small = fc.array(fc.integer({ min: -(2 ** 23), max: 2 ** 23 }), { maxLength: N });
  const encode = (values: number[]): bigint[] => {
    const coefficients = new Float64Array(N);
    slots.coefficients(Float64Array.from(values), coefficients);
    return Array.from(coefficients, BigInt);
  };
  fc.assert(
    fc.property(small, small, (a, b) => {
      const [x, y] = [encode(a), encode(b)];
      const t = BigInt(T);
      const product = new Float64Array(N);
      for (let k = 0; k < N; k += 1) {
        let sum = 0n;
        for (let i = 0; i < N; i += 1) {
          const j = (k - i + N) % N;
          sum += (i > k ? -1n : 1n) * x[i]! * y[j]!;
        }
        product[k] = Number(((sum % t) + t) % t);
      }
      const expected = a.reduce((sum, v, i) => sum + BigInt(v) * BigInt(b[i] ?? 0), 0n);
      expect(totalOf(product)).toBe(expected);
    }),
  );
});

test('values that a slot cannot hold are refused and leave nothing behind', () => {
  const internal = expect.objectContaining({ code: 'INTERNAL' });
  const into = new Float64Array(N);
  for (const values of [
    [HALF + 1],
    [-HALF - 1],
    [0.5],
    [Number.NaN],
    Array.from({ length: N + 1 }, () => 0),
  ]) {
    expect(() => slots.coefficients(Float64Array.from(values), into)).toThrow(internal);
  }
  slots.coefficients(Float64Array.of(5, -7), into);
  expect(totalOf(into)).toBe(-2n);
});
