import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { anova, plain } from './plain.ts';

const MODEL = { y: 'y', by: 'g' };

it('agrees with the definition in doubles, groups of any sizes', async () => {
  const row = fc.record({
    g: fc.option(fc.integer({ min: 1, max: 5 })),
    y: fc.option(fc.integer({ min: -1000, max: 1000 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 8, maxLength: 40 }), async (rows) => {
      const counted = rows.filter(
        (r): r is { g: number; y: number } => r.g !== null && r.y !== null,
      );
      const groups = [...Map.groupBy(counted, ({ g }) => g).values()].map((g) =>
        g.map(({ y }) => y),
      );
      fc.pre(groups.length > 1 && counted.length > groups.length);
      const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
      const grand = mean(counted.map(({ y }) => y));
      const between = groups.reduce((sum, ys) => sum + ys.length * (mean(ys) - grand) ** 2, 0);
      const within = groups.reduce(
        (sum, ys) => sum + ys.reduce((rest, y) => rest + (y - mean(ys)) ** 2, 0),
        0,
      );
      const result = await anova(plain(rows), MODEL);
      expect(result).toMatchObject({
        rows: String(counted.length),
        groups: String(groups.length),
      });
      expect(result.anova.map(({ source, df }) => [source, df])).toEqual([
        ['between', String(groups.length - 1)],
        ['within', String(counted.length - groups.length)],
        ['total', String(counted.length - 1)],
      ]);
      expect(Number(result.anova[0]!.sumOfSquares)).toBeCloseTo(between, 4);
      expect(Number(result.anova[1]!.sumOfSquares)).toBeCloseTo(within, 4);
    }),
    { numRuns: 60 },
  );
});

test('an analysis worked out by hand', async () => {
  // Means 2, 3 and 7 of 3, 2 and 1 rows, 19/6 in all: Σ Sₖ²/nₖ = 12 + 18 + 49 = 79, S²/n = 361/6, Q = 83.
  const groups = { 1: [1, 2, 3], 2: [2, 4], 3: [7] };
  const rows = Object.entries(groups).flatMap(([g, ys]) => ys.map((y) => ({ g: Number(g), y })));
  expect(await anova(plain(rows), MODEL)).toEqual({
    rows: '6',
    groups: '3',
    anova: [
      {
        source: 'between',
        df: '2',
        sumOfSquares: '18.8333333333333333333333333333',
        meanSquare: '9.41666666666666666666666666667',
        f: '7.0625',
      },
      {
        source: 'within',
        df: '3',
        sumOfSquares: '4',
        meanSquare: '1.33333333333333333333333333333',
        f: null,
      },
      {
        source: 'total',
        df: '5',
        sumOfSquares: '22.8333333333333333333333333333',
        meanSquare: null,
        f: null,
      },
    ],
    residualSd: '1.154700538379251529018297561',
    r2: '0.824817518248175182481751824818',
  });
});

test('refusals', async () => {
  const table = plain([1, 1, 2, null].map((g, y) => ({ g, y })));
  await expect(anova(table, MODEL, { where: 'g = 1' })).rejects.toMatchObject({
    code: 'TOO_FEW_ROWS',
    details: { what: 'groups', found: 1, needed: 2 },
  });
  await expect(anova(table, { y: 'y', by: 'h' })).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
  await expect(anova(table, { y: 'h', by: 'g' })).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
});

test('one row a group leaves nothing within', async () => {
  const {
    anova: lines,
    residualSd,
    r2,
  } = await anova(plain([1, 2].map((g) => ({ g, y: g }))), MODEL);
  expect(lines.map(({ df, f }) => [df, f])).toEqual([
    ['1', null],
    ['0', null],
    ['1', null],
  ]);
  expect([residualSd, r2]).toEqual([null, '1']);
});
