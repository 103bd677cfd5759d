import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitSigmoid } from '../../../../src/client/score/sigmoid.ts';

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const end = fc.double({ min: -8, max: 8, noNaN: true });

it('is within its bound everywhere, and reaches almost that somewhere', () => {
  fc.assert(
    fc.property(end, end, fc.integer({ min: 1, max: 7 }), (a, b, degree) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const { coefficients, middle, error } = fitSigmoid(low, high, degree);
      const p = (z: number): number =>
        coefficients.reduceRight((sum, c) => sum * (z - middle) + c, 0);
      let most = 0;
      for (let i = 0; i <= 999; i++) {
        const z = low + ((high - low) * i) / 999;
        most = Math.max(most, Math.abs(p(z) - sigmoid(z)));
      }
      expect(most).toBeLessThanOrEqual(error);
      expect(error).toBeLessThanOrEqual(most * 1.05 + 1e-7);
    }),
  );
});

it.each([
  [-1, 1, 1, 0.0047],
  [-4, 4, 1, 0.0996],
  [-8, 8, 1, 0.2062],
  [1, 3, 2, 0.003],
  [-4, 4, 3, 0.033],
  [-8, 8, 3, 0.12],
  [-4, 4, 5, 0.0054],
  [-8, 8, 7, 0.019],
] as const)('on [%d, %d] degree %d is within %d', (low, high, degree, most) => {
  expect(fitSigmoid(low, high, degree).error).toBeLessThan(most);
});

it('no other line is closer', () => {
  const { error } = fitSigmoid(-3, 5, 1);
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (c0, c1) => {
        const off = Array.from({ length: 801 }, (_, i) => {
          const z = -3 + i / 100;
          return Math.abs(c0 + c1 * z - sigmoid(z));
        });
        expect(Math.max(...off)).toBeGreaterThan(error * 0.999);
      },
    ),
  );
});
