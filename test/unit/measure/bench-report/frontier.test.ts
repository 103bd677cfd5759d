import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  frontierOf,
  standings,
  type Costs,
} from '../../../../src/measure/bench-report/frontier.ts';
import { LEVELS, pricesOf } from '../../../../src/measure/bench-report/price.ts';

const exactly = (value: number): Costs['time'] => ({ value, low: value, high: value });
const costs = (time: number, advantage: number): Costs => ({
  time: exactly(time),
  advantage: exactly(advantage),
});

// Few distinct values, so that ties are frequent.
const estimate = fc
  .tuple(
    fc.integer({ min: 0, max: 8 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([value, below, above]) => ({ value, low: value - below, high: value + above }));
const several = fc.array(fc.record({ time: estimate, advantage: estimate }), {
  minLength: 1,
  maxLength: 12,
});

describe('the frontier', () => {
  test('of four ways, one beaten in both respects', () => {
    const all = [costs(5, 0.5), costs(1, 1), costs(9, 0), costs(6, 0.6)];
    expect(frontierOf(all)).toEqual([1, 0, 2]);
    expect(standings(all)).toEqual(['frontier', 'frontier', 'frontier', 'dominated']);
  });

  test('equals are all on it', () => {
    expect(frontierOf([costs(2, 0.5), costs(2, 0.5)])).toEqual([0, 1]);
  });

  test('what is beaten within the intervals is undecided', () => {
    const beaten = { time: { value: 3, low: 1, high: 5 }, advantage: exactly(0.5) };
    expect(standings([costs(2, 0.5), beaten])).toEqual(['frontier', 'undecided']);
  });

  test('is never empty, descends, and beats or equals everything else', () => {
    fc.assert(
      fc.property(several, (all) => {
        const places = frontierOf(all);
        expect(places.length).toBeGreaterThan(0);
        const on = places.map((place) => all[place]!);
        for (const [i, one] of on.entries()) {
          const next = on[i + 1];
          if (next === undefined) continue;
          const equal =
            one.time.value === next.time.value && one.advantage.value === next.advantage.value;
          const descends =
            one.time.value < next.time.value && one.advantage.value > next.advantage.value;
          expect(equal || descends).toBe(true);
        }
        for (const one of all) {
          const covered = on.some(
            (other) =>
              other.time.value <= one.time.value && other.advantage.value <= one.advantage.value,
          );
          expect(covered).toBe(true);
        }
      }),
    );
  });

  test('does not depend on the order, and dominated is never on it', () => {
    fc.assert(
      fc.property(several, (all) => {
        const straight = standings(all);
        expect(standings(all.toReversed())).toEqual(straight.toReversed());
        for (const [i, standing] of straight.entries()) {
          const one = all[i]!;
          const beyond = all.some(
            (other) =>
              other.time.high <= one.time.low &&
              other.advantage.high <= one.advantage.low &&
              (other.time.high < one.time.low || other.advantage.high < one.advantage.low),
          );
          expect(standing === 'dominated').toBe(beyond);
        }
      }),
    );
  });
});

describe('prices', () => {
  test('are of the fastest that is private enough', () => {
    const all = [costs(1, 1), costs(2, 0.3), costs(8, 0.05), costs(40, 0)];
    const prices = pricesOf(all, (one) => one.advantage.value === 1);
    expect(prices.map((price) => price?.times)).toEqual([40, 8, 8, 2, 1]);
    expect(LEVELS).toHaveLength(prices.length);
  });

  test('are missing where nothing is private enough, or nothing is plain', () => {
    const prices = pricesOf([costs(1, 0.4)], () => false);
    expect(prices.map((price) => price && price.times)).toEqual([null, null, null, null, null]);
    expect(prices.map((price) => price === null)).toEqual([true, true, true, false, false]);
  });
});
