import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { officerDue, thresholds } from '../../../../src/policy/assessment/thresholds.ts';
import { column, mapOf, stated, table } from './support.ts';

const organisation = (staff: number | null, mainBusiness: boolean | null) =>
  stated({ organisation: { name: '', staff, mainBusiness }, expected: 0 });
const held = (category: string, atLeast: number, atMost = atLeast) =>
  mapOf([table([column('x', category)], { subjects: { atLeast, atMost } })]);
const answers = (...args: Parameters<typeof thresholds>) =>
  thresholds(...args).map(({ answer }) => answer);

describe('GB/T 35273-2020, 11.1 c)', () => {
  test.each<[number | null, boolean | null, string]>([
    [200, true, 'no'],
    [201, true, 'yes'],
    [201, false, 'no'],
    [200, null, 'no'],
    [201, null, 'unknown'],
    [null, true, 'unknown'],
    [null, false, 'no'],
  ])('%s persons, main business %s: %s', (staff, mainBusiness, expected) => {
    expect(answers(held('name', 1), organisation(staff, mainBusiness))[0]).toBe(expected);
  });

  test.each<[number, number, number | null, string]>([
    [1_000_000, 1_000_000, 0, 'no'],
    [1_000_001, 1_000_001, 0, 'yes'],
    [0, 1_000_001, 0, 'unknown'],
    [10, 10, 1_000_000, 'no'],
    [10, 10, 1_000_001, 'yes'],
    [10, 10, null, 'unknown'],
    [1_000_001, 1_000_001, null, 'yes'],
  ])('%s to %s held, %s expected: %s', (atLeast, atMost, expected, answer) => {
    expect(answers(held('name', atLeast, atMost), stated({ expected }))[1]).toBe(answer);
  });

  test.each<[string, number, number, string]>([
    ['health', 100_000, 100_000, 'no'],
    ['health', 100_001, 100_001, 'yes'],
    ['health', 100_000, 100_001, 'unknown'],
    ['name', 900_000, 900_000, 'no'],
  ])('%s of %s to %s: %s', (category, atLeast, atMost, answer) => {
    expect(answers(held(category, atLeast, atMost), stated({}))[2]).toBe(answer);
  });

  test('one condition is enough; what is not known is not no', () => {
    const due = (map: ReturnType<typeof held>, context: ReturnType<typeof stated>) =>
      officerDue(thresholds(map, context));
    expect(due(held('name', 1), organisation(10, false))).toBe('no');
    expect(due(held('health', 100_001), organisation(10, false))).toBe('yes');
    expect(due(held('name', 1), stated({}))).toBe('unknown');
  });
});

test('people of several tables: at least the largest, at most all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ people: fc.nat(1000), sensitive: fc.boolean() }), { maxLength: 6 }),
      (tables) => {
        const map = mapOf(
          tables.map(({ people, sensitive }, i) =>
            table([column('x', sensitive ? 'health' : 'name')], {
              table: `t${i}`,
              subjects: { atLeast: people, atMost: people },
            }),
          ),
        );
        const counts = tables.map(({ people }) => people);
        expect(map.subjects).toEqual({
          atLeast: Math.max(0, ...counts),
          atMost: counts.reduce((a, b) => a + b, 0),
        });
        const sensitive = tables.filter((one) => one.sensitive).map(({ people }) => people);
        expect(map.sensitiveSubjects.atMost).toBe(sensitive.reduce((a, b) => a + b, 0));
        expect(map.sensitiveSubjects.atLeast).toBeLessThanOrEqual(map.sensitiveSubjects.atMost);
      },
    ),
  );
});
