import { describe, expect, test } from 'vitest';
import { recoveredByMatching, sseLeakage } from '../../../../src/search/sse/leakage.ts';
import { generator } from './support.ts';

/** The attack itself: sort both histograms, match, ties in random order; share of rows named rightly. */
function matchOnce(frequencies: readonly number[], next: () => number): number {
  const shuffled = frequencies.map((rows, value) => ({ rows, value, at: next() }));
  const guess = shuffled.toSorted((a, b) => a.rows - b.rows || a.at - b.at);
  const truth = frequencies
    .map((rows, value) => ({ rows, value }))
    .toSorted((a, b) => a.rows - b.rows);
  const right = truth.filter(({ value }, i) => guess[i]!.value === value);
  const sum = (of: readonly { rows: number }[]): number => of.reduce((s, { rows }) => s + rows, 0);
  return sum(right) / sum(truth);
}

describe('expected recovery', () => {
  test.each([
    ['all frequencies alike', [5, 5, 5, 5], 1 / 4],
    ['all different', [1, 2, 3, 4], 1],
    ['mixed', [10, 10, 7, 3, 3, 3], 20 / 36],
    ['no rows', [], 0],
  ])('of a whole partition, %s', (_, frequencies, expected) => {
    expect(recoveredByMatching(frequencies, frequencies)).toBeCloseTo(expected, 12);
  });

  test('is what the attack recovers on average', () => {
    const next = generator(4);
    const frequencies = Array.from({ length: 60 }, () => 1 + (next() % 20));
    const runs = 4000;
    let total = 0;
    for (let i = 0; i < runs; i++) total += matchOnce(frequencies, next);
    expect(total / runs).toBeCloseTo(recoveredByMatching(frequencies, frequencies), 1.7);
  });

  test('of single values counts what each is worth', () => {
    expect(recoveredByMatching([10, 10, 7, 3], [7])).toBeCloseTo(7 / 30, 12);
    expect(recoveredByMatching([10, 10, 7, 3], [10])).toBeCloseTo(5 / 30, 12);
  });
});

describe('the leakage profile', () => {
  const base = { column: 'ward', rows: 100, segments: 2 };

  test('names every use, declares both times and is null where there is no closed form', () => {
    const leaks = sseLeakage({
      ...base,
      frequencies: [60, 30, 10],
      uses: [
        { kind: 'equality', values: 1, matched: [30] },
        { kind: 'equality', values: 2 },
        { kind: 'null', matched: 10 },
        { kind: 'range', nodes: 3, edges: 2 },
        { kind: 'groupBy' },
      ],
    });
    expect(leaks.map(({ expectedRecovery }) => expectedRecovery?.fraction)).toEqual([
      0.3,
      undefined,
      0.1,
      undefined,
      1,
    ]);
    for (const leak of leaks) {
      expect(leak.index).toBe('sse');
      expect(leak.node).toContain('ward');
      expect(leak.atRest.length).toBeGreaterThan(0);
      expect(leak.onQuery.length).toBeGreaterThan(0);
    }
    expect(leaks[3]!.onQuery.join()).toContain('3 tree nodes');
  });

  test('claims nothing when frequencies are unknown', () => {
    const [leak] = sseLeakage({ ...base, uses: [{ kind: 'groupBy' }] });
    expect(leak!.expectedRecovery).toBe(null);
    expect(leak!.onQuery.join()).toContain('partition');
  });
});
