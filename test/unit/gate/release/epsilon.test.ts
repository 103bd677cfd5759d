import { expect, it } from 'vitest';
import { discreteLaplace, type RandomBytes } from '../../../../src/bytes/discrete-gaussian.ts';
import { noisesOf, noisyGroups } from '../../../../src/gate/release/noisy-groups.ts';
import { interpretAggregate } from '../../../../src/plan/interpret.ts';
import { NO_COST } from '../../../../src/policy/dp/budget.ts';
import type { NoisySettings } from '../../../../src/policy/release/settings.ts';
import { PAY, PEOPLE, planOf, type Rows, seeded } from '../../../support/release/memory.ts';

const DRAWS = 6000;
/** How far a frequency of so many draws is off with a probability below 10^-6 (Hoeffding): √(ln(2·10^6)/2n). */
const SLACK = Math.sqrt(Math.log(2e6) / (2 * DRAWS));

const SETTINGS: NoisySettings = {
  mode: 'dp',
  floor: 5,
  budget: NO_COST,
  query: { ...NO_COST, microEpsilon: 1_000_000 },
  rows: 1,
  bucket: 1,
};

/**
 * A lower bound of ε from draws on neighbours: ln of the least that an event's probability can be on one over the most
 * that it can be on the other, for the best of the events X ≥ t, both ways round. All of the bounds hold together with
 * a probability above 0.999.
 */
function epsilonAtLeast(ones: readonly number[], others: readonly number[]): number {
  let best = 0;
  const frequency = (draws: readonly number[], isIn: (x: number) => boolean): number =>
    draws.filter(isIn).length / draws.length;
  for (let t = 50; t < 70; t++) {
    for (const isIn of [(x: number): boolean => x >= t, (x: number): boolean => x < t]) {
      for (const [a, b] of [
        [ones, others],
        [others, ones],
      ] as const) {
        const low = frequency(a, isIn) - SLACK;
        const high = frequency(b, isIn) + SLACK;
        if (low > 0) best = Math.max(best, Math.log(low / high));
      }
    }
  }
  return best;
}

const counts = async (
  rows: Rows,
  draw: (exact: readonly bigint[], random: RandomBytes) => bigint,
  seed: number,
): Promise<number[]> => {
  const plan = await planOf('SELECT COUNT(*) FROM pay');
  const [group] = interpretAggregate(plan, PAY, rows);
  const random = seeded(seed);
  return Array.from({ length: DRAWS }, () => Number(draw(group!.terms as bigint[], random)));
};

it('on neighbours, what draws show of ε is near its claim and not above it', async () => {
  const plan = await planOf('SELECT COUNT(*) FROM pay');
  const noises = noisesOf(plan, PAY, SETTINGS);
  const draw = (terms: readonly bigint[], random: RandomBytes): bigint =>
    noisyGroups(plan, noises, new Map(), [{ key: [], terms }], random)[0]!.terms[0] as bigint;
  const shown = epsilonAtLeast(
    await counts(PEOPLE, draw, 1),
    await counts(PEOPLE.slice(1), draw, 2),
  );
  expect(shown).toBeLessThanOrEqual(1);
  expect(shown).toBeGreaterThan(0.7);
});

it('the same finds out a sampler of half the noise', async () => {
  const broken = ([exact]: readonly bigint[], random: RandomBytes): bigint =>
    exact! + discreteLaplace({ numerator: 1n, denominator: 2n }, random);
  const shown = epsilonAtLeast(
    await counts(PEOPLE, broken, 3),
    await counts(PEOPLE.slice(1), broken, 4),
  );
  expect(shown).toBeGreaterThan(1);
});
