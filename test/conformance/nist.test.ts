import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VarianceLine } from '../../src/client/api.ts';
import { inferSchema, openSource } from '../../src/client/ingest/file.ts';
import { schemaToJson } from '../../src/table/schema-json.ts';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { correctDigits, vectorJson, vectorPath } from '../support/vectors.ts';

/**
 * NIST asks for about 14 correct digits of exact arithmetic. Certified values have 15 significant
 * digits, so that of one such as 0.999 the last half unit is already 5·10^-16 of it, and of 1.000 5·10^-15.
 */
const DIGITS = 14;

/** The deviation of the doubles nearest to the data, where they are large beside it. */
const REAL_DIGITS: Readonly<Record<string, number>> = { Mavro: 13, NumAcc4: 7 };
/** The sets of a kind that are there. */
const sets = (kind: string): string[] => readdirSync(vectorPath(`nist-strd/${kind}`)).sort();
const fileOf = (kind: string, name: string): string =>
  vectorPath(`nist-strd/${kind}/${name}/data.csv`);
const expectedOf = <T>(kind: string, name: string): T =>
  vectorJson<T>(`nist-strd/${kind}/${name}/expected.json`);
const tableOf = (name: string): string => name.toLowerCase();

interface Univariate {
  readonly n: number;
  readonly certified: { mean: string; sd_sample: string; autocorr_lag1: string };
}

type Certified = Record<string, { df: number | string; ss: string; ms: string; f?: string }>;

interface Regression {
  readonly n: number;
  readonly intercept: boolean;
  readonly predictors: readonly string[];
  readonly certified: {
    coefficients: Record<string, { estimate: string; sd: string }>;
    residual_sd: string;
    r_squared: string;
    anova: Certified;
  };
}

interface OneWay {
  readonly n: number;
  readonly certified: { between: Certified[string]; within: Certified[string] } & {
    r_squared: string;
    residual_sd: string;
  };
}

/** A certified zero is zero, and an infinite F is infinite. */
function agrees(actual: string | null, certified: string): void {
  if (certified === 'Infinity' || /^[0.]+$/.test(certified)) {
    expect(actual).toBe(certified === 'Infinity' ? 'Infinity' : '0');
  } else {
    const digits = correctDigits(actual!, certified);
    expect(digits, `${actual} for ${certified}`).toBeGreaterThanOrEqual(DIGITS);
  }
}

function agreesLine(line: VarianceLine | undefined, { df, ss, ms, f }: Certified[string]): void {
  expect(line!.df).toBe(String(df));
  agrees(line!.sumOfSquares, ss);
  agrees(line!.meanSquare, ms);
  if (f !== undefined) agrees(line!.f, f);
}

/** The degree of a polynomial in one predictor. */
function degreeOf({ predictors, intercept, certified }: Regression): number {
  const terms = Object.keys(certified.coefficients).length - (intercept ? 1 : 0);
  return predictors.length === 1 ? terms : 1;
}

const power = (k: number): string => (k === 1 ? 'x' : `x${k}`);

/**
 * What a regression needs beside its columns. With more than five numeric columns pairs are declared: of a
 * polynomial of degree d those that give x^k·y, and x^(2k+1) above d; x^2k is a square.
 */
function additions(set: Regression): object {
  const degree = degreeOf(set);
  const { predictors } = set;
  if (degree === 1) {
    const columns = ['y', ...predictors];
    return { pairs: columns.flatMap((a, i) => columns.slice(i + 1).map((b) => [a, b])) };
  }
  const upTo = Array.from({ length: degree }, (_, k) => k + 1);
  return {
    derived: Object.fromEntries(upTo.slice(1).map((k) => [power(k), `x^${k}`])),
    pairs: [
      ...upTo.map((k) => ['y', power(k)]),
      ...upTo.filter((k) => k < degree && 2 * k + 1 > degree).map((k) => [power(k), power(k + 1)]),
    ],
  };
}

async function ingest({ vault }: TempVault, kind: string, name: string): Promise<void> {
  const file = fileOf(kind, name);
  const inferred = schemaToJson(
    await inferSchema(await openSource(file), { table: tableOf(name) }),
  );
  const more = kind === 'regression' ? additions(expectedOf<Regression>(kind, name)) : {};
  await vault.ingestFile(file, { schema: { ...(inferred as object), ...more } });
}

/** The values of a univariate set, each with the one before it: lagged values come from the input. */
async function ingestLagged({ vault }: TempVault, name: string): Promise<void> {
  const [, ...values] = readFileSync(fileOf('univariate', name), 'utf8').trim().split('\n');
  const scale = Math.max(...values.map((value) => value.split('.')[1]?.length ?? 0));
  const column = { type: 'decimal', scale };
  const columns = { y: column, before: { ...column, nullable: true } };
  const rows = values.map((y, i) => ({ y, before: values[i - 1] ?? null }));
  await vault.ingest({ version: 1, table: tableOf(name), columns }, rows);
}

eachStore('NIST StRD', ({ kind, pick }) => {
  const univariate = pick(sets('univariate'));
  const regression = pick(sets('regression'));
  const anova = pick(sets('anova'));
  let temp: TempVault;
  beforeAll(async () => {
    temp = await tempVault(kind);
    for (const name of univariate) await ingestLagged(temp, name);
    for (const name of regression) await ingest(temp, 'regression', name);
    for (const name of anova) await ingest(temp, 'anova', name);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  it.each(univariate)('%s: mean, standard deviation, lag-1 autocorrelation', async (name) => {
    const { n, certified } = expectedOf<Univariate>('univariate', name);
    // Σ(yᵢ − ȳ)(yᵢ₋₁ − ȳ) over the rows that have one before, over Σ(yᵢ − ȳ)².
    const { rows } = await temp.vault.query(
      `SELECT COUNT(y), AVG(y), STDDEV_SAMP(y),
         (SUM(y * before) - AVG(y) * REGR_COUNT(y, before)
            * (REGR_AVGX(y, before) + REGR_AVGY(y, before) - AVG(y))) / (VAR_POP(y) * COUNT(y))
       FROM ${tableOf(name)}`,
    );
    const [count, mean, deviation, autocorrelation] = rows[0] as string[];
    expect(Number(count)).toBe(n);
    agrees(mean!, certified.mean);
    agrees(deviation!, certified.sd_sample);
    agrees(autocorrelation!, certified.autocorr_lag1);
  });

  it.each(univariate)('%s as reals: mean and standard deviation within the bound', async (name) => {
    const { certified } = expectedOf<Univariate>('univariate', name);
    const table = `${tableOf(name)}_real`;
    const schema = { version: 1, table, columns: { y: { type: 'real' } } };
    await temp.vault.ingestFile(fileOf('univariate', name), { schema });
    const { rows, stats } = await temp.vault.query(`SELECT AVG(y), STDDEV_SAMP(y) FROM ${table}`);
    const [mean, deviation] = rows[0] as [number, number];
    expect(correctDigits(String(mean), certified.mean)).toBeGreaterThanOrEqual(DIGITS);
    const digits = REAL_DIGITS[name] ?? DIGITS;
    expect(correctDigits(String(deviation), certified.sd_sample)).toBeGreaterThanOrEqual(digits);
    expect(stats.errors![0]! / mean).toBeLessThan(2 ** -52);
    expect(stats.errors![1]! / deviation).toBeLessThan(2 ** -52);
  });

  it.each(regression)('%s: every certified value of the regression', async (name) => {
    const set = expectedOf<Regression>('regression', name);
    const { certified, intercept } = set;
    const degree = degreeOf(set);
    const x =
      degree === 1 ? set.predictors : Array.from({ length: degree }, (_, k) => `x^${k + 1}`);
    const result = await temp.vault.regress({ table: tableOf(name), y: 'y', x, intercept });
    expect(result.rows).toBe(String(set.n));
    const coefficients = Object.values(certified.coefficients);
    expect(result.coefficients).toHaveLength(coefficients.length);
    for (const [i, { estimate, sd }] of coefficients.entries()) {
      agrees(result.coefficients[i]!.estimate, estimate);
      agrees(result.coefficients[i]!.standardError, sd);
    }
    agrees(result.residualSd, certified.residual_sd);
    agrees(result.r2, certified.r_squared);
    agreesLine(result.anova[0], certified.anova['regression']!);
    agreesLine(result.anova[1], certified.anova['residual']!);
  });

  it.each(anova)('%s: every certified value of the analysis of variance', async (name) => {
    const { n, certified } = expectedOf<OneWay>('anova', name);
    const result = await temp.vault.anova({ table: tableOf(name), y: 'y', by: 'group' });
    expect(result.rows).toBe(String(n));
    agreesLine(result.anova[0], certified.between);
    agreesLine(result.anova[1], certified.within);
    agrees(result.r2, certified.r_squared);
    agrees(result.residualSd, certified.residual_sd);
  });
});
