import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as interval from '../../../../src/plan/exact/interval.ts';
import type { Interval } from '../../../../src/plan/exact/interval.ts';
import { Rational } from '../../../../src/plan/exact/rational.ts';
import { sqrt } from '../../../../src/plan/exact/sqrt.ts';

const rational = fc
  .tuple(fc.bigInt(-1000n, 1000n), fc.bigInt(1n, 60n))
  .map(([a, b]) => Rational.of(a, b));

/** An interval and a number inside it, which stands for the true one. */
const known = fc
  .tuple(rational, rational, fc.nat(4))
  .map(([value, error, share]): { of: Interval; truth: Rational } => ({
    of: interval.within(value, error.abs()),
    truth: value.plus(error.times(Rational.of(BigInt(share) - 2n, 2n))),
  }));

function holds({ value, low, high }: Interval, truth: Rational): void {
  expect(low.compare(truth)).toBeLessThanOrEqual(0);
  expect(high.compare(truth)).toBeGreaterThanOrEqual(0);
  expect(low.compare(value)).toBeLessThanOrEqual(0);
  expect(high.compare(value)).toBeGreaterThanOrEqual(0);
}

describe('whatever is computed holds the true result', () => {
  it.each([
    ['plus', interval.plus, (a: Rational, b: Rational) => a.plus(b)],
    ['minus', interval.minus, (a: Rational, b: Rational) => a.minus(b)],
    ['times', interval.times, (a: Rational, b: Rational) => a.times(b)],
    ['dividedBy', interval.dividedBy, (a: Rational, b: Rational) => a.dividedBy(b)],
    ['modulo', interval.modulo, (a: Rational, b: Rational) => a.modulo(b)],
  ])('%s', (_, operation, truth) => {
    fc.assert(
      fc.property(known, known, (a, b) => {
        fc.pre(b.truth.sign !== 0 && b.of.value.sign !== 0);
        const result = operation(a.of, b.of);
        if (result === undefined) return;
        holds(result, truth(a.truth, b.truth));
      }),
    );
  });

  it('of one number', () => {
    fc.assert(
      fc.property(known, fc.integer({ min: -2, max: 3 }), ({ of, truth }, places) => {
        holds(interval.negated(of), truth.negated());
        holds(interval.abs(of), truth.abs());
        holds(interval.round(of, places), truth.round(places));
        if (truth.sign >= 0) holds(interval.root(of), sqrt(truth));
      }),
    );
  });

  it('and comparisons say only what is sure', () => {
    fc.assert(
      fc.property(known, known, (a, b) => {
        const order = interval.compare(a.of, b.of);
        if (order !== undefined) expect(order).toBe(a.truth.compare(b.truth));
      }),
    );
  });
});

it('a quotient by what may be 0 is not known; by 0 it is refused', () => {
  const maybe = interval.within(Rational.ONE, Rational.ONE);
  expect(interval.dividedBy(maybe, maybe)).toBeUndefined();
  expect(() => interval.dividedBy(maybe, interval.point(Rational.ZERO))).toThrow(
    expect.objectContaining({ code: 'DIVISION_BY_ZERO' }),
  );
});
