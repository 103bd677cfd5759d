import fc from 'fast-check';
import { expect, it } from 'vitest';
import { doubleParts, lowestBit, nextUp } from '../../../src/bytes/double.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

it('parts give the double back, for every magnitude', () => {
  fc.assert(
    fc.property(finite, (value) => {
      const { mantissa, exponent } = doubleParts(value);
      expect(Math.abs(mantissa)).toBeLessThan(2 ** 53);
      // In two steps: 2^-1074 times a mantissa is exact, 2^exponent alone may not be.
      const half = Math.trunc(exponent / 2);
      expect(mantissa * 2 ** half * 2 ** (exponent - half) + 0).toBe(value + 0);
    }),
  );
});

it.each([
  [1, 0],
  [-6, 1],
  [0.1, -55],
  [2 ** 52, 52],
  [3 * 2 ** 40, 40],
  [5e-324, -1074],
  [Number.MAX_VALUE, 971],
])('the lowest bit of %d counts 2^%d', (value, bit) => {
  expect(lowestBit(value)).toBe(bit);
});

it('the next double above is the least that is greater', () => {
  fc.assert(
    fc.property(finite, (value) => {
      fc.pre(value !== Number.MAX_VALUE);
      const next = nextUp(value);
      expect(next).toBeGreaterThan(value);
      const middle = value / 2 + next / 2;
      expect(middle === value || middle === next || Math.abs(value) < 1e-300).toBe(true);
    }),
  );
});
