import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rational } from '../../src/plan/exact/rational.ts';
import { vectorPath } from '../support/vectors.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

/** Designs as hard as NIST's hardest, by construction, so that their exact answers are known. */

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

describe('analysis of variance', () => {
  /**
   * Simon and LeSage's design (SmLs01 to SmLs09 of NIST StRD): nine groups of `size` values, each its
   * group's mean, then 0.1 below and above in turn. In tenths above `base`.
   */
  const TENTHS = [4, 3, 5, 3, 5, 3, 5, 3, 5];
  const design = (base: string, size: number): { group: string; y: string }[] =>
    Array.from({ length: size * 9 }, (_, i) => {
      const [group, place] = [i % 9, Math.floor(i / 9)];
      const tenths = TENTHS[group]! + (place === 0 ? 0 : place % 2 === 0 ? 1 : -1);
      return { group: String(group + 1), y: `${base}.${tenths}` };
    });

  test.each([
    ['SmLs01t', '1'],
    ['SmLs07t', '1000000000000'],
  ])('the design is that of %s', (name, base) => {
    const file = readFileSync(vectorPath(`nist-strd/anova/${name}/data.csv`), 'utf8');
    const rows = design(base, 21).map(({ group, y }) => `${group},${y}`);
    expect(file.trim().split('\n').slice(1)).toEqual(rows);
  });

  // 2,001 values a group and 13 constant leading digits are those of SmLs09.
  test.each([
    ['1000000', 201],
    ['1000000000000', 201],
    ['1000000000000', 2001],
    ['1000000000000000000000000', 2001],
  ])('base %s, groups of %i', async (base, size) => {
    const table = `design_${base.length}_${size}`;
    const columns = { group: { type: 'text' }, y: { type: 'decimal', scale: 1 } };
    await temp.vault.ingest({ version: 1, table, columns }, design(base, size));
    const { anova, residualSd } = await temp.vault.anova({ table, y: 'y', by: 'group' });
    // Means 0.1 from their own mean but the first: Σ = 8 · 0.01 · size; all but one value 0.1 from its mean.
    const between = Rational.scaled(8n * BigInt(size), 2);
    const within = Rational.scaled(9n * BigInt(size - 1), 2);
    expect(anova.map(({ df }) => df)).toEqual(['8', String(9 * (size - 1)), String(9 * size - 1)]);
    expect(anova[0]!.sumOfSquares).toBe(text(between));
    expect(anova[1]!.sumOfSquares).toBe(text(within));
    expect(anova[0]!.f).toBe(String(size));
    expect(residualSd).toBe('0.1');
  });
});

describe('regression', () => {
  test('Wampler’s second polynomial: y is Σ (x/10)^k, k to 5, for x from 0 to 20', async () => {
    const rows = Array.from({ length: 21 }, (_, x) => {
      const y = [0, 1, 2, 3, 4, 5].reduce((sum, k) => sum + x ** k * 10 ** (5 - k), 0);
      return { x, y: `${Math.floor(y / 1e5)}.${String(y % 1e5).padStart(5, '0')}` };
    });
    const columns = { y: { type: 'decimal', scale: 5 }, x: { type: 'integer' } };
    await temp.vault.ingest(polynomial('wampler2', columns, 5), rows);
    const x = ['x', 'x^2', 'x^3', 'x^4', 'x^5'];
    const result = await temp.vault.regress({ table: 'wampler2', y: 'y', x });
    expect(
      result.coefficients.map(({ estimate, standardError }) => [estimate, standardError]),
    ).toEqual(
      ['1', '0.1', '0.01', '0.001', '0.0001', '0.00001'].map((estimate) => [estimate, '0']),
    );
    expect(result).toMatchObject({ residualSd: '0', r2: '1', rows: '21' });
  });

  /**
   * Degree 10 over a short, distant interval, as Filip of NIST StRD. What y has beside the polynomial is
   * orthogonal to every polynomial of degree 12 or less, so the coefficients are those that y was made of.
   */
  test('degree 10, with coefficients and residuals known', async () => {
    const [degree, places, count] = [10, 4, 14n];
    const unit = 10n ** BigInt(places);
    const coefficients = Array.from({ length: degree + 1 }, (_, k) => BigInt(3 * k - 7));
    // Differences of order n − 1 over equal steps vanish on lower degrees.
    const residuals = Array.from(
      { length: Number(count) },
      (_, i) => (i % 2 === 0 ? 1n : -1n) * binomial(count - 1n, BigInt(i)) * unit ** 9n,
    );
    const rows = residuals.map((residual, i) => {
      const x = -87_601n + BigInt(i) * 4123n;
      // In units of unit^degree, so that y is whole.
      const y = coefficients.reduce(
        (sum, c, k) => sum + c * x ** BigInt(k) * unit ** BigInt(degree - k),
        residual,
      );
      return { x: decimal(x, places), y };
    });
    const columns = { y: { type: 'integer' }, x: { type: 'decimal', scale: places } };
    await temp.vault.ingest(polynomial('tenth', columns, degree), rows);
    const x = Array.from({ length: degree }, (_, k) => `x^${k + 1}`);
    const result = await temp.vault.regress({ table: 'tenth', y: 'y', x });
    expect(result.coefficients.map(({ estimate }) => estimate)).toEqual(
      coefficients.map((c) => String(c * unit ** BigInt(degree))),
    );
    const squares = residuals.reduce((sum, residual) => sum + residual * residual, 0n);
    expect(result.anova[1]).toMatchObject({ df: '3', sumOfSquares: String(squares) });
  });
});

/** A schema with the powers of x to `degree`, and the pairs that a regression on them takes. */
function polynomial(table: string, columns: object, degree: number): object {
  const name = (k: number): string => (k === 1 ? 'x' : `x${k}`);
  const powers = Array.from({ length: degree }, (_, k) => k + 1);
  return {
    version: 1,
    table,
    columns,
    derived: Object.fromEntries(powers.slice(1).map((k) => [name(k), `x^${k}`])),
    pairs: [
      ...powers.map((k) => ['y', name(k)]),
      ...powers.filter((k) => 2 * k + 1 > degree && k < degree).map((k) => [name(k), name(k + 1)]),
    ],
  };
}

function binomial(n: bigint, k: bigint): bigint {
  let result = 1n;
  for (let i = 0n; i < k; i++) result = (result * (n - i)) / (i + 1n);
  return result;
}

function decimal(digits: bigint, places: number): string {
  const size = (digits < 0n ? -digits : digits).toString().padStart(places + 1, '0');
  return `${digits < 0n ? '-' : ''}${size.slice(0, -places)}.${size.slice(-places)}`;
}

/** A number of two places without trailing zeros. */
function text(value: Rational): string {
  const { digits, scale } = value.scaledTo(2);
  return decimal(digits, scale).replace(/\.?0+$/, '');
}
