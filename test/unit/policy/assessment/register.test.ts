import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckId } from '../../../../src/policy/assessment/checks.ts';
import { impactOf, RISKS } from '../../../../src/policy/assessment/risks.ts';
import { riskRegister } from '../../../../src/policy/assessment/register.ts';
import {
  BANDS,
  gaugeOf,
  LEVELS,
  lowered,
  raised,
} from '../../../../src/policy/assessment/scale.ts';
import { ALL_CHECKS, column, DAY_MS, mapOf, NOW, results, table } from './support.ts';

const level = fc.constantFrom(...LEVELS);
const some = fc.subarray([...ALL_CHECKS]);
const maps = fc
  .record({
    category: fc.constantFrom('health', 'name', 'none', null),
    exposure: fc.constantFrom(
      'hidden' as const,
      'padded' as const,
      'queries' as const,
      'rest' as const,
    ),
    people: fc.nat(2_000_000),
    store: fc.constantFrom('local folder', 'https://store.example'),
  })
  .map(({ category, exposure, people, store }) =>
    mapOf(
      [table([column('x', category, exposure)], { subjects: { atLeast: people, atMost: people } })],
      {},
      store,
    ),
  );

const register = (map: ReturnType<typeof mapOf>, good: Iterable<CheckId>, statements = {}) =>
  riskRegister(map, results(good), statements, 'Moss', NOW);

describe('the scale', () => {
  test('a score is a product, and bands divide all of them', () => {
    const bands = new Map<number, string>();
    for (const likelihood of LEVELS) {
      for (const impact of LEVELS) {
        const { score, band } = gaugeOf(likelihood, impact);
        expect(score).toBe(likelihood * impact);
        bands.set(score, band);
      }
    }
    expect(Object.fromEntries([...bands].sort(([a], [b]) => a - b))).toEqual({
      1: 'low',
      2: 'low',
      3: 'moderate',
      4: 'moderate',
      6: 'high',
      8: 'high',
      9: 'high',
      12: 'severe',
      16: 'severe',
    });
  });

  test('levels stay on the scale, and order is kept', () => {
    fc.assert(
      fc.property(level, level, fc.integer({ min: -5, max: 9 }), (a, b, by) => {
        for (const move of [lowered, raised]) {
          expect(LEVELS).toContain(move(a, by));
          if (a <= b) expect(move(a, by)).toBeLessThanOrEqual(move(b, by));
        }
        expect(lowered(a, by)).toBeLessThanOrEqual(a);
        expect(raised(a, by)).toBeGreaterThanOrEqual(a);
      }),
    );
  });
});

describe('the register', () => {
  test('no check passed: nothing is lower than it was', () => {
    fc.assert(
      fc.property(maps, (map) => {
        for (const risk of register(map, [])) {
          expect(risk.residual).toEqual(risk.inherent);
          expect(risk.measures.every(({ effective }) => !effective)).toBe(true);
        }
      }),
    );
  });

  test('residual is at most inherent, and one more check that passes never raises it', () => {
    fc.assert(
      fc.property(maps, some, fc.constantFrom(...ALL_CHECKS), (map, good, one) => {
        const before = register(map, good);
        const after = register(map, [...good, one]);
        for (const [i, risk] of before.entries()) {
          expect(risk.residual.score).toBeLessThanOrEqual(risk.inherent.score);
          expect(after[i]!.residual.score).toBeLessThanOrEqual(risk.residual.score);
        }
      }),
    );
  });

  test('a measure is effective if and only if all of its checks passed', () => {
    fc.assert(
      fc.property(maps, some, (map, good) => {
        for (const { measures } of register(map, good)) {
          for (const { effective, checks } of measures) {
            expect(effective).toBe(checks.every((check) => good.includes(check)));
          }
        }
      }),
    );
  });

  test('every check matters to some risk: without it more is left, or another action is due', () => {
    const map = mapOf([table([column('x', 'health')])], {}, 'https://store.example');
    const whole = register(map, ALL_CHECKS);
    for (const check of ALL_CHECKS) {
      const without = register(
        map,
        ALL_CHECKS.filter((one) => one !== check),
      );
      const worse = without.filter(
        ({ residual, plan }, i) =>
          residual.score > whole[i]!.residual.score &&
          plan.actions.length > 0 &&
          plan.actions.join() !== whole[i]!.plan.actions.join(),
      );
      expect(
        worse.map(({ id }) => id),
        check,
      ).not.toEqual([]);
    }
  });

  test('a check that was not run lowers nothing', () => {
    const map = mapOf([table([column('x', 'health')])]);
    const notRun = results([]).map((one) => ({ ...one, status: 'not-run' as const }));
    const risks = riskRegister(map, notRun, {}, 'Moss', NOW);
    expect(risks.every(({ inherent, residual }) => inherent.score === residual.score)).toBe(true);
  });

  test('every risk has a plan with an owner and a time; the worse, the sooner', () => {
    fc.assert(
      fc.property(maps, some, (map, good) => {
        for (const { residual, plan } of register(map, good)) {
          expect(plan.actions.length).toBeGreaterThan(0);
          expect(plan.owner).toBe('Moss');
          const days = { low: 365, moderate: 90, high: 30, severe: 7 }[residual.band];
          expect(plan.due).toBe(NOW + days * DAY_MS);
          const decisions = { low: 'retain', moderate: 'reduce', high: 'reduce', severe: 'stop' };
          expect(plan.decision).toBe(decisions[residual.band]);
        }
      }),
    );
    expect(BANDS).toHaveLength(4);
  });

  test('what somebody states counts instead, and is marked', () => {
    const map = mapOf([table([column('x', 'health')])]);
    const due = '2026-02-03T00:00:00Z';
    const statements = {
      inference: {
        likelihood: 4 as const,
        impact: 4 as const,
        owner: 'Ada',
        due,
        accepted: 'ruled',
      },
    };
    const risks = register(map, [], statements);
    const inference = risks.find(({ id }) => id === 'inference')!;
    expect(inference).toMatchObject({
      inherent: { likelihood: 4, impact: 4, score: 16, band: 'severe' },
      stated: true,
      plan: { decision: 'retain', owner: 'Ada', due: Date.parse(due), accepted: 'ruled' },
    });
    expect(risks.filter(({ stated }) => stated)).toHaveLength(1);
  });

  test('ids are distinct, and a name of Object’s is no statement', () => {
    expect(new Set(RISKS.map(({ id }) => id)).size).toBe(RISKS.length);
    const map = mapOf([table([column('x', 'health')])]);
    expect(() =>
      register(map, [], Object.create({ inference: { impact: 9 } }) as object),
    ).not.toThrow();
  });
});

describe('the levels that a data map gives', () => {
  const people = (category: string | null, atMost: number) =>
    impactOf(mapOf([table([column('x', category)], { subjects: { atLeast: 0, atMost } })]));

  test.each<[string, string | null, number, number]>([
    ['nothing personal', 'none', 2_000_000, 1],
    ['personal', 'name', 100_000, 2],
    ['nothing stated counts as personal', null, 100_000, 2],
    ['sensitive', 'health', 100_000, 3],
    ['personal, of very many', 'name', 100_001, 3],
    ['sensitive, of very many', 'health', 100_001, 4],
  ])('impact: %s', (_, category, atMost, expected) => {
    expect(people(category, atMost)).toBe(expected);
  });

  test.each<[string, 'hidden' | 'padded' | 'queries' | 'rest', string, number]>([
    ['hidden', 'hidden', 'health', 1],
    ['padded, not sensitive', 'padded', 'name', 2],
    ['padded, sensitive', 'padded', 'health', 3],
    ['queries, sensitive', 'queries', 'health', 4],
    ['at rest', 'rest', 'name', 4],
  ])('likelihood of inference: %s', (_, exposure, category, expected) => {
    const [risk] = register(mapOf([table([column('x', category, exposure)])]), []).filter(
      ({ id }) => id === 'inference',
    );
    expect(risk!.inherent.likelihood).toBe(expected);
  });
});
