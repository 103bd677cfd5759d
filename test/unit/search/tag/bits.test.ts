import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  longestTag,
  planTag,
  segmentTag,
  shortestTag,
  type TagPlan,
} from '../../../../src/search/tag/bits.ts';

const rows = fc.integer({ min: 1, max: 2 ** 18 });
const refusedOf = (plan: TagPlan): string => ('refused' in plan ? plan.refused : '');

describe('the length of tags', () => {
  test('lies in 2 ≤ R/2^b < √R, and is the shortest that does', () => {
    fc.assert(
      fc.property(rows, (r) => {
        const inside = (b: number): boolean => r / 2 ** b >= 2 && r / 2 ** b < Math.sqrt(r);
        const all = Array.from({ length: 19 }, (_, b) => b).filter(inside);
        if (r >= 16) expect(all.length).toBeGreaterThan(0);
        if (all.length > 0) expect(shortestTag(r)).toBe(all[0]);
        else expect(shortestTag(r)).toBe(longestTag(r));
        if (r >= 2) expect(r / 2 ** longestTag(r)).toBeGreaterThanOrEqual(2);
        expect(r / 2 ** (longestTag(r) + 1)).toBeLessThan(2);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    [1, 0, 0],
    [3, 0, 0],
    [4, 1, 1],
    [16, 3, 3],
    [100, 4, 5],
    [4096, 7, 11],
    [2 ** 18, 10, 17],
  ])('of %i rows is %i to %i bits', (r, least, most) => {
    expect([shortestTag(r), longestTag(r)]).toEqual([least, most]);
  });

  test('that a schema gives is held against the same rules', () => {
    const column = { rows: 2 ** 18, distinct: 100_000, mode: 10 };
    expect(planTag(column)).toEqual({ bits: 10 });
    expect(planTag(column, 14)).toEqual({ bits: 14 });
    expect(refusedOf(planTag(column, 9))).toContain('10 to 17 bits');
    expect(refusedOf(planTag(column, 18))).toContain('10 to 17 bits');
    expect(refusedOf(planTag({ ...column, distinct: 5000 }, 14))).toContain('32768 distinct');
  });

  test('is none for a column of few values, and the refusal names what serves it', () => {
    const few = planTag({ rows: 2 ** 18, distinct: 2047, mode: 500 });
    expect(refusedOf(few)).toContain('2048 distinct values');
    expect(refusedOf(few)).toContain('"sse"');
    expect(planTag({ rows: 2 ** 18, distinct: 2048, mode: 500 })).toEqual({ bits: 10 });
  });

  test('is none for a column of which one value is frequent', () => {
    const column = { rows: 8000, distinct: 4000 };
    expect(planTag({ ...column, mode: 1000 })).toEqual({ bits: 7 });
    expect(refusedOf(planTag({ ...column, mode: 1001 }))).toContain('an eighth');
  });

  test('of a segment never tells more than two values apart on average', () => {
    fc.assert(
      fc.property(
        rows,
        fc.nat({ max: 2 ** 18 }),
        fc.option(fc.integer({ min: 1, max: 32 })),
        (r, d, asked) => {
          const distinct = Math.max(1, Math.min(r, d));
          const bits = segmentTag({ rows: r, distinct }, asked ?? undefined);
          expect(bits).toBeLessThanOrEqual(longestTag(r));
          if (bits > 0) expect(distinct / 2 ** bits).toBeGreaterThanOrEqual(2);
          const plan = planTag({ rows: r, distinct, mode: 1 }, asked ?? undefined);
          if ('bits' in plan) expect(bits).toBe(plan.bits);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
