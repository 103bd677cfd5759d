import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBytes } from '../../../src/bytes/random.ts';
import { floodReal } from '../../../src/gate/flood.ts';

const deviation = (bound: number, queries: number, bits: number): number =>
  Math.sqrt(12 * queries) * 2 ** (bits / 2) * bound;

describe('flooding', () => {
  it('adds noise of the deviation asked for, and no drift', () => {
    const [bound, budget] = [0.3, { queries: 5, bits: 30 }];
    const sigma = deviation(bound, budget.queries, budget.bits);
    const draws = Array.from(
      { length: 2000 },
      () => floodReal(1234.5, bound, budget, randomBytes).value - 1234.5,
    );
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + draw * draw, 0) / draws.length;
    // Five standard errors; rounding to half a deviation or more adds a twelfth of its square.
    expect(Math.abs(mean)).toBeLessThan((5 * 1.1 * sigma) / Math.sqrt(draws.length));
    expect(Math.sqrt(variance) / sigma).toBeGreaterThan(0.9);
    expect(Math.sqrt(variance) / sigma).toBeLessThan(1.2);
  });

  it('releases multiples of a power of two near the deviation, within what it says', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        fc.double({ min: 1e-9, max: 1e3, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        (value, bound, queries) => {
          const { value: released, within } = floodReal(
            value,
            bound,
            { queries, bits: 30 },
            randomBytes,
          );
          const sigma = deviation(bound, queries, 30);
          const grid = 2 ** Math.floor(Math.log2(sigma));
          // The deviation it works with is of a bound rounded up by less than a millionth.
          expect([0, 0.5]).toContain(Math.abs(released / grid) % 1);
          expect(within).toBeGreaterThanOrEqual(8 * sigma);
          expect(Math.abs(released - value)).toBeLessThanOrEqual(within * 1.0001);
        },
      ),
    );
  });

  it.each([
    ['no finite value', Number.NaN, 1, { queries: 1, bits: 30 }],
    ['no bound', 1, 0, { queries: 1, bits: 30 }],
    ['a bound that is infinite', 1, Infinity, { queries: 1, bits: 30 }],
    ['no release', 1, 1, { queries: 0, bits: 30 }],
    ['fewer than 30 bits', 1, 1, { queries: 1, bits: 29 }],
  ])('refuses %s', (_, value, bound, budget) => {
    expect(() => floodReal(value, bound, budget, randomBytes)).toThrow(
      expect.objectContaining({ code: 'PARAMETERS_INVALID' }),
    );
  });
});
