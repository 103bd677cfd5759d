import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normalised } from '../../../../src/client/seal/reals.ts';
import { ofDouble } from '../../../../src/plan/exact/number-text.ts';
import { Rational } from '../../../../src/plan/exact/rational.ts';
import { ALL_ZERO } from '../../../../src/table/segment-meta.ts';

const valid = (values: ArrayLike<unknown>): Uint8Array => new Uint8Array(values.length).fill(1);

it('doubles are divided by a power of two, exactly, and none is above 1', () => {
  const real = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(5e-324, Number.MAX_VALUE, 2 ** 1023, 1),
  );
  fc.assert(
    fc.property(fc.array(real, { minLength: 1 }), (all) => {
      // Below the least normal double the power of two itself costs bits.
      const most = Math.max(...all.map(Math.abs));
      const reals = Float64Array.from(all, (x) => (Math.abs(x) < most * 2 ** -900 ? 0 : x));
      const { values, exponent } = normalised({ kind: 'real', values: reals, valid: valid(all) });
      if (most === 0) {
        expect(exponent).toBe(ALL_ZERO);
        return;
      }
      const largest = Math.max(...values.map(Math.abs));
      expect(largest).toBeLessThanOrEqual(1);
      expect(largest).toBeGreaterThanOrEqual(0.5);
      values.forEach((value, i) => {
        const back = ofDouble(value).times(Rational.binary(1n, -exponent));
        expect(back.equals(ofDouble(reals[i]!))).toBe(true);
      });
    }),
  );
});

it('whole numbers of any size are within 2^-52 of the largest', () => {
  const whole = fc.oneof(fc.bigInt(-9n, 9n), fc.bigInt(-(10n ** 60n), 10n ** 60n));
  fc.assert(
    fc.property(fc.array(whole, { minLength: 1 }), (all) => {
      const { values, exponent } = normalised({ kind: 'big', values: all, valid: valid(all) });
      if (all.every((value) => value === 0n)) {
        expect(exponent).toBe(ALL_ZERO);
        return;
      }
      const unit = Rational.binary(1n, -exponent);
      values.forEach((value, i) => {
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        const off = ofDouble(value).minus(Rational.of(all[i]!).dividedBy(unit)).abs();
        expect(off.compare(Rational.binary(1n, 52))).toBeLessThanOrEqual(0);
      });
    }),
  );
});

it('zeros alone have no size', () => {
  const values = new Float64Array(3);
  expect(normalised({ kind: 'int', values, valid: valid(values) })).toEqual({
    values,
    exponent: ALL_ZERO,
  });
});
