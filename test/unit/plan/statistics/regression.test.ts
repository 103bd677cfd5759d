import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { plain, regress } from './plain.ts';

/** Least squares in doubles by Householder's QR, which forms no normal equations. */
function leastSquares(design: readonly number[][], y: readonly number[]): number[] {
  const a = design.map((row, i) => [...row, y[i]!]);
  const size = design[0]!.length;
  for (let k = 0; k < size; k++) {
    const norm = Math.hypot(...a.slice(k).map((row) => row[k]!));
    const alpha = a[k]![k]! > 0 ? -norm : norm;
    const v = a.map((row, i) => (i < k ? 0 : row[k]! - (i === k ? alpha : 0)));
    const square = v.reduce((sum, c) => sum + c * c, 0);
    for (let j = k; j <= size; j++) {
      const along = (2 * v.reduce((sum, c, i) => sum + c * a[i]![j]!, 0)) / square;
      for (const [i, row] of a.entries()) row[j]! -= along * v[i]!;
    }
  }
  const beta = Array.from<number>({ length: size });
  for (let k = size - 1; k >= 0; k--) {
    const known = beta.reduce((sum, b, j) => (j > k ? sum + a[k]![j]! * b : sum), 0);
    beta[k] = (a[k]![size]! - known) / a[k]![k]!;
  }
  return beta;
}

const cell = fc.integer({ min: -1000, max: 1000 });
const data = fc.array(fc.record({ y: cell, a: cell, b: cell }), { minLength: 12, maxLength: 30 });

it.each([true, false])('agrees with QR in doubles, intercept %s', async (intercept) => {
  await fc.assert(
    fc.asyncProperty(data, async (rows) => {
      const design = rows.map(({ a, b }) => [...(intercept ? [1] : []), a, b]);
      fc.pre(Math.abs(spread(rows.map(({ a }) => a))) > 1 && wellConditioned(rows));
      const result = await regress(plain(rows), ['a', 'b'], { intercept });
      const beta = leastSquares(
        design,
        rows.map(({ y }) => y),
      );
      for (const [i, { estimate }] of result.coefficients.entries()) {
        expect(Number(estimate)).toBeCloseTo(beta[i]!, 6);
      }
      const fitted = design.map((row) => row.reduce((sum, x, j) => sum + x * beta[j]!, 0));
      const residuals = rows.reduce((sum, { y }, i) => sum + (y - fitted[i]!) ** 2, 0);
      const line = result.anova[1]!;
      expect(Number(line.sumOfSquares) / residuals).toBeCloseTo(1, 6);
      expect(line.df).toBe(String(rows.length - design[0]!.length));
      const error = Math.sqrt(residuals / (rows.length - design[0]!.length));
      expect(Number(result.residualSd) / error).toBeCloseTo(1, 6);
    }),
    { numRuns: 60 },
  );
});

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** a and b far from a common line, through the origin too. */
function wellConditioned(rows: readonly { a: number; b: number }[]): boolean {
  const size = (values: number[]): number => values.reduce((sum, x) => sum + x * x, 0);
  const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / rows.length;
  return [0, 1].every((centre) => {
    const a = rows.map((row) => row.a - centre * mean(rows.map((r) => r.a)));
    const b = rows.map((row) => row.b - centre * mean(rows.map((r) => r.b)));
    const cross = a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    return cross ** 2 < 0.9 * size(a) * size(b) && size(a) > 1e5 && size(b) > 1e5;
  });
}

test('the numbers of a model worked out by hand', async () => {
  // Through (0,1), (1,2), (2,4), (3,4): fitted 1.1 to 4.4, residuals −0.1, −0.2, 0.7, −0.4; Sxx is 5.
  const rows = [1, 2, 4, 4].map((y, x) => ({ y, x }));
  expect(await regress(plain(rows), ['x'])).toEqual({
    rows: '4',
    coefficients: [
      {
        term: '(intercept)',
        estimate: '1.1',
        standardError: '0.494974746830583267080591053473',
        t: '2.22233559801486364811693942376',
      },
      {
        term: 'x',
        estimate: '1.1',
        standardError: '0.264575131106459059050161575364',
        t: '4.15760920310149949935968189858',
      },
    ],
    anova: [
      {
        source: 'regression',
        df: '1',
        sumOfSquares: '6.05',
        meanSquare: '6.05',
        f: '17.2857142857142857142857142857',
      },
      { source: 'residual', df: '2', sumOfSquares: '0.7', meanSquare: '0.35', f: null },
      { source: 'total', df: '3', sumOfSquares: '6.75', meanSquare: null, f: null },
    ],
    residualSd: '0.591607978309961604256732829156',
    r2: '0.896296296296296296296296296296',
  });
});

test('through the origin R² is about 0: three points on y = 2x + 1', async () => {
  // Σxy = 34, Σx² = 14, Σy² = 83: slope 17/7, residual sum of squares 83 − 34²/14 = 3/7.
  const rows = [1, 2, 3].map((x) => ({ y: 2 * x + 1, x }));
  const { coefficients, anova, r2 } = await regress(plain(rows), ['x'], { intercept: false });
  expect(coefficients[0]!.estimate).toBe('2.42857142857142857142857142857');
  expect(anova.map(({ df }) => df)).toEqual(['1', '2', '3']);
  expect(anova[1]!.sumOfSquares).toBe('0.428571428571428571428571428571');
  expect(anova[2]!.sumOfSquares).toBe('83');
  expect(r2).toBe('0.994836488812392426850258175559');
});

const LINE = [0, 1, 2, 3, 4].map((x) => ({ y: 3 * x + 2, x, z: x * x - 7 * (x % 2) }));

test('a perfect fit: zero residuals, infinite t and F', async () => {
  const { coefficients, anova, residualSd, r2 } = await regress(plain(LINE), ['x', 'z']);
  expect(coefficients.map(({ estimate }) => estimate)).toEqual(['2', '3', '0']);
  // 0/0 is no number.
  expect(coefficients.map(({ t }) => t)).toEqual(['Infinity', 'Infinity', null]);
  expect(anova[0]!.f).toBe('Infinity');
  expect([residualSd, r2]).toEqual(['0', '1']);
});

test('as many rows as terms: estimates, and no residual degrees of freedom', async () => {
  const { coefficients, anova, residualSd, r2 } = await regress(plain(LINE.slice(0, 2)), ['x']);
  expect(coefficients[1]).toEqual({ term: 'x', estimate: '3', standardError: null, t: null });
  expect(anova[1]).toMatchObject({ df: '0', meanSquare: null });
  expect([anova[0]!.f, residualSd, r2]).toEqual([null, null, '1']);
});

test('a constant y has no R²', async () => {
  const constant = LINE.map((row) => ({ ...row, y: 5 }));
  expect((await regress(plain(constant), ['x'])).r2).toBeNull();
});

test('rows count where no variable is NULL and the condition holds', async () => {
  const rows = [
    { y: 2, x: 0, z: 1 },
    { y: 5, x: 1, z: null },
    { y: 8, x: 2, z: 3 },
    { y: null, x: 3, z: 4 },
    { y: 14, x: 4, z: 9 },
    { y: 99, x: 7, z: 100 },
  ];
  const where = 'z < $1 OR z IS NULL';
  const one = await regress(plain(rows), ['x'], { where, parameters: ['50'] });
  expect(one).toMatchObject({ rows: '4', residualSd: '0' });
  const two = await regress(plain(rows), ['x', 'z'], { where, parameters: ['50'] });
  expect(two.rows).toBe('3');
});

describe('powers and products', () => {
  const rows = [-3, -2, 0, 1, 4, 5, 7].map((x, i) => ({ y: x ** 3 - 2 * x + i, x, z: i * i }));
  /** The same regression with the powers given as columns of their own. */
  const given = plain(
    rows.map(({ y, x, z }) => ({ y, x, p2: x ** 2, p3: x ** 3, z, xz: x * z })),
    {
      pairs: ['y', 'x', 'p2', 'p3', 'z', 'xz'].flatMap((a, i, all) =>
        all.slice(i + 1).map((b): [string, string] => [a, b]),
      ),
    },
  );

  test.each<[string, Parameters<typeof plain>[1]]>([
    ['every power derived', { derived: { x2: 'x*x', x3: 'x2*x' } }],
    ['of a derived square and cube', { derived: { square: 'x^2', cube: 'x*square' } }],
    [
      'with the pairs declared that more columns need',
      {
        derived: { x2: 'x^2', x3: 'x^3', x4: 'x^4' },
        // x⁵ is x·x⁴; x⁴ and x⁶ are squares.
        pairs: [
          ['y', 'x'],
          ['y', 'x2'],
          ['y', 'x3'],
          ['x', 'x4'],
        ],
      },
    ],
  ])('a cubic, %s', async (_, more) => {
    const expected = await regress(given, ['x', 'p2', 'p3']);
    const found = await regress(plain(rows, more), ['x', 'x^2', 'x^3']);
    expect(found.anova).toEqual(expected.anova);
    const numbers = ({ coefficients }: typeof found): unknown[] =>
      coefficients.map(({ estimate, standardError, t }) => [estimate, standardError, t]);
    expect(numbers(found)).toEqual(numbers(expected));
    expect(found.coefficients.map(({ term }) => term)).toEqual(['(intercept)', 'x', 'x^2', 'x^3']);
  });

  test('an interaction', async () => {
    const expected = await regress(given, ['x', 'z', 'xz']);
    const found = await regress(plain(rows, { derived: { xz: 'x*z' } }), ['x', 'z', 'x * z']);
    expect(found.anova).toEqual(expected.anova);
    expect(found.coefficients.at(-1)!.term).toBe('x*z');
  });

  test('a square takes a column and no declaration where there are few columns', async () => {
    const found = await regress(plain(rows, { derived: { x2: 'x*x' } }), ['x', 'x^2']);
    expect(found.rows).toBe('7');
  });
});

describe('refusals', () => {
  const table = plain(LINE);
  const code = (of: string, message: string): object => ({
    code: of,
    message: expect.stringContaining(message) as string,
  });

  test.each<[string[], string]>([
    [['x', 'x'], 'the term x is a combination of x'],
    [['x', 'line'], 'the term line is a combination of (intercept), x'],
    [['one'], 'the term one is a combination of (intercept)'],
    [['x', 'zero'], 'the term zero is zero in every row'],
    [['one', 'z', 'x', 'sum'], 'the term one is a combination of (intercept)'],
    [['z', 'x', 'sum'], 'the term sum is a combination of z, x'],
  ])('terms %s: %s', async (x, message) => {
    const rows = LINE.map((row) => ({
      ...row,
      line: 7 - 2 * row.x,
      one: 1,
      zero: 0,
      sum: row.x - 2 * row.z,
    }));
    const all = plain(rows, {
      pairs: Object.keys(rows[0]!).flatMap((a, i, names) =>
        names.slice(i + 1).map((b): [string, string] => [a, b]),
      ),
    });
    await expect(regress(all, x)).rejects.toMatchObject(code('DESIGN_SINGULAR', message));
  });

  test('too few rows', async () => {
    const where = 'x < 2';
    await expect(regress(table, ['x', 'z'], { where })).rejects.toMatchObject({
      code: 'TOO_FEW_ROWS',
      details: { what: 'rows', found: 2, needed: 3 },
    });
    await expect(regress(table, ['x'], { where: 'x > 9' })).rejects.toMatchObject({
      details: { found: 0 },
    });
  });

  test.each<[string[], string, string]>([
    [[], 'USAGE', 'at least one term'],
    [['x+z'], 'UNKNOWN_COLUMN', 'x+z'],
    [['x^'], 'USAGE', 'a term is'],
    [['w'], 'UNKNOWN_COLUMN', '"w"'],
    [['x', 'x^2'], 'CAPABILITY_MISSING', '"derived": {"x2":"x*x"}'],
    [['x', 'x^2', 'x^3'], 'CAPABILITY_MISSING', '"derived": {"x2":"x*x","x3":"x*x*x"}'],
    [['x*z'], 'CAPABILITY_MISSING', '"derived": {"x_z":"x*z"}'],
  ])('terms %j: %s', async (x, of, message) => {
    await expect(regress(table, x)).rejects.toMatchObject(code(of, message));
  });

  test('what a refusal asks for is enough', async () => {
    const wide = LINE.map((row) => ({ ...row, a: 1, b: 2, c: 3 }));
    const x = ['x', 'x^2', 'x^3', 'x*z'];
    const refused = await regress(plain(wide), x).catch((error: unknown) => error as Error);
    const asked = /declare (.*) in the schema/.exec((refused as Error).message)![1]!;
    const more = JSON.parse(`{${asked.replace(' and ', ', ')}}`) as Parameters<typeof plain>[1];
    expect(Object.keys(more!)).toEqual(['derived', 'pairs']);
    // The data do not matter, the plan does: five rows are as many as the terms.
    await expect(regress(plain(wide, more), x)).resolves.toMatchObject({ rows: '5' });
  });

  test.each([
    'x < 2 GROUP BY x',
    'x < 2; DELETE FROM t',
    'x < 2 UNION SELECT 1',
    'x < 2) OR (x > 3',
    'x < 2 LIMIT 1',
    'COUNT(*) > 1',
    '',
  ])('a condition that is more than one: %j', async (where) => {
    await expect(regress(table, ['x'], { where })).rejects.toMatchObject({ code: 'SQL_SYNTAX' });
  });

  test('a place in a condition is counted from its own start', async () => {
    await expect(regress(table, ['x'], { where: 'x < < 2' })).rejects.toMatchObject(
      code('SQL_SYNTAX', '(at character 5)'),
    );
    await expect(regress(table, ['x'], { parameters: ['1'] })).rejects.toMatchObject({
      code: 'PARAMETER_UNUSED',
    });
  });
});
