import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { correctDigits, vectorJson, vectorPath } from '../support/vectors.ts';

const SETS = ['Lottery', 'Mavro', 'NumAcc1', 'NumAcc4'];

/** NIST asks for about 14 correct digits of exact arithmetic; certified values have 15. */
const DIGITS = 14;

/** The deviation of the doubles nearest to the data, where they are large beside it. */
const REAL_DIGITS: Readonly<Record<string, number>> = { Mavro: 13, NumAcc4: 7 };

interface Univariate {
  n: number;
  certified: { mean: string; sd_sample: string };
}
interface Regression {
  n: number;
  certified: {
    coefficients: Record<'B0' | 'B1', { estimate: string }>;
    r_squared: string;
  };
}

eachStore('NIST StRD', ({ kind }) => {
  let temp: TempVault;
  beforeAll(async () => {
    temp = await tempVault(kind);
    for (const name of SETS) {
      const file = vectorPath(`nist-strd/univariate/${name}/data.csv`);
      await temp.vault.ingestFile(file, { table: name.toLowerCase() });
    }
    const { inferSchema, openSource } = await import('../../src/client/ingest/file.ts');
    const { schemaToJson } = await import('../../src/table/schema-json.ts');
    const file = vectorPath('nist-strd/regression/Norris/data.csv');
    const inferred = schemaToJson(await inferSchema(await openSource(file), { table: 'norris' }));
    await temp.vault.ingestFile(file, {
      schema: { ...(inferred as object), pairs: [['y', 'x']] },
    });
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  it.each(SETS)('%s: mean and standard deviation', async (name) => {
    const { n, certified } = vectorJson<Univariate>(`nist-strd/univariate/${name}/expected.json`);
    const { rows } = await temp.vault.query(
      `SELECT COUNT(y), AVG(y), STDDEV_SAMP(y) FROM ${name.toLowerCase()}`,
    );
    const [count, mean, deviation] = rows[0] as [string, string, string];
    expect(Number(count)).toBe(n);
    expect(correctDigits(mean, certified.mean)).toBeGreaterThanOrEqual(DIGITS);
    expect(correctDigits(deviation, certified.sd_sample)).toBeGreaterThanOrEqual(DIGITS);
  });

  it.each(SETS)('%s as reals: mean and standard deviation within the bound', async (name) => {
    const { certified } = vectorJson<Univariate>(`nist-strd/univariate/${name}/expected.json`);
    const table = `${name.toLowerCase()}_real`;
    const schema = { version: 1, table, columns: { y: { type: 'real' } } };
    await temp.vault.ingestFile(vectorPath(`nist-strd/univariate/${name}/data.csv`), { schema });
    const { rows, stats } = await temp.vault.query(`SELECT AVG(y), STDDEV_SAMP(y) FROM ${table}`);
    const [mean, deviation] = rows[0] as [number, number];
    expect(correctDigits(String(mean), certified.mean)).toBeGreaterThanOrEqual(DIGITS);
    const digits = REAL_DIGITS[name] ?? DIGITS;
    expect(correctDigits(String(deviation), certified.sd_sample)).toBeGreaterThanOrEqual(digits);
    expect(stats.errors![0]! / mean).toBeLessThan(2 ** -52);
    expect(stats.errors![1]! / deviation).toBeLessThan(2 ** -52);
  });

  it('Norris: slope, intercept and R²', async () => {
    const { certified } = vectorJson<Regression>('nist-strd/regression/Norris/expected.json');
    const { rows } = await temp.vault.query(
      'SELECT REGR_SLOPE(y, x), REGR_INTERCEPT(y, x), REGR_R2(y, x) FROM norris',
    );
    const [slope, intercept, r2] = rows[0] as [string, string, string];
    const { B0, B1 } = certified.coefficients;
    expect(correctDigits(slope, B1.estimate)).toBeGreaterThanOrEqual(DIGITS);
    expect(correctDigits(intercept, B0.estimate)).toBeGreaterThanOrEqual(DIGITS);
    expect(correctDigits(r2, certified.r_squared)).toBeGreaterThanOrEqual(DIGITS);
  });
});
