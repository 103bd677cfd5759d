/** Scores of linear and logistic models against the same in doubles, row by row, on every store. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QueryResult, ScoreOptions, Vault } from '../../src/client/api.ts';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 'people',
  columns: {
    age: { type: 'integer' },
    fee: { type: 'decimal', scale: 2, nullable: true },
    dose: { type: 'real' },
    ward: { type: 'text' },
  },
};

interface Person {
  age: number;
  fee: string | null;
  dose: number;
  ward: string;
}

const person = (i: number): Person => ({
  age: (i * 37) % 90,
  fee: i % 17 === 0 ? null : (((i * 7919) % 10_000) / 100).toFixed(2),
  dose: Math.sin(i) * 2,
  ward: `w${i % 3}`,
});
const people = Array.from({ length: 5_000 }, (_, i) => person(i));
/** Few enough to stay rows of their own, and the only ones beyond 90 years. */
const late: Person[] = [{ age: 110, fee: '99.99', dose: -2.5, ward: 'w0' }];

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

eachStore('scores', ({ kind }) => {
  let temp: TempVault;
  let vault: Vault;
  const all = [...people, ...late];
  beforeAll(async () => {
    temp = await tempVault(kind);
    vault = temp.vault;
    await vault.ingest(schema, people);
    await vault.ingest(schema, late, { append: true });
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  const near = (
    { rows, stats }: QueryResult,
    row: number,
    some: readonly Person[],
    score: (of: Person) => number,
  ): void => {
    const total = some.reduce((sum, one) => sum + score(one), 0);
    const [count, mean, sum] = rows[row]!.slice(-3).map(Number);
    const [ofMean, ofSum] = stats.errors!.slice(-2).map(Number);
    expect(count).toBe(some.length);
    // The reference itself adds up in doubles.
    const own = 1e-12 * some.length;
    expect(Math.abs(sum! - total)).toBeLessThanOrEqual(ofSum! + own * 100);
    expect(Math.abs(mean! - total / some.length)).toBeLessThanOrEqual(ofMean! + own);
  };

  it('of a linear model are exact, NULLs left out', async () => {
    const weights = { age: 0.25, fee: -0.1 };
    const result = await vault.score({ table: 'people', weights, intercept: 3 });
    const counted = all.filter(({ fee }) => fee !== null);
    const hundredths = counted.reduce(
      (sum, { age, fee }) => sum + 25 * age - Math.round(Number(fee) * 10) + 300,
      0,
    );
    expect(result.columns).toEqual(['count', 'mean', 'total']);
    expect(result.rows[0]![0]).toBe(String(counted.length));
    const exact = counted.reduce(
      (sum, { age, fee }) => sum + 250n * BigInt(age) - BigInt(fee!.replace('.', '')) + 3000n,
      0n,
    );
    expect(Number(result.rows[0]![2])).toBe(Number(exact) / 1000);
    expect(typeof result.rows[0]![2]).toBe('string');
    expect(result.stats.error).toBeNull();
    expect(Math.abs(hundredths / 100 - Number(exact) / 1000)).toBeLessThan(counted.length);
  });

  it('of a linear model on reals are within the bound, filtered and by group', async () => {
    const options: ScoreOptions = {
      table: 'people',
      weights: { age: 0.5, dose: 1.25 },
      where: 'age >= $1',
      parameters: [20],
      groupBy: ['ward'],
    };
    const result = await vault.score(options);
    expect(result.rows.map(([ward]) => ward)).toEqual(['w0', 'w1', 'w2']);
    for (const [row, [ward]] of result.rows.entries()) {
      const some = all.filter((one) => one.ward === ward && one.age >= 20);
      near(result, row, some, ({ age, dose }) => 0.5 * age + 1.25 * dose);
    }
    expect(result.stats.errors!.at(-2)!).toBeLessThan(1e-13);
  });

  it('of a logistic model are within the proved error', async () => {
    const two = { table: 'people', weights: { age: 0.01, dose: 0.5 }, intercept: -0.5 };
    const result = await vault.score({ ...two, link: 'logistic' });
    near(result, 0, all, ({ age, dose }) => sigmoid(0.01 * age + 0.5 * dose - 0.5));
    expect(result.stats.errors![1]).toBeLessThan(0.06);
    const one = { table: 'people', weights: { age: 0.01 }, intercept: 1.2 };
    const curved = await vault.score({ ...one, link: 'logistic', where: 'dose > 0' });
    const some = all.filter(({ dose }) => dose > 0);
    near(curved, 0, some, ({ age }) => sigmoid(0.01 * age + 1.2));
    expect(curved.stats.errors![1]).toBeLessThan(0.005);
  });

  it('come closer where products of higher degree are stored', async () => {
    const powers = {
      version: 1,
      table: 'powers',
      columns: { age: { type: 'integer' }, dose: { type: 'real' } },
      derived: { age2: 'age*age', age3: 'age*age*age' },
    };
    await vault.ingest(
      powers,
      all.map(({ age, dose }) => ({ age, dose })),
    );
    const model = {
      table: 'powers',
      weights: { age: 0.05 },
      intercept: -2,
      link: 'logistic',
    } as const;
    const result = await vault.score({ ...model, where: 'dose > 0' });
    const some = all.filter(({ dose }) => dose > 0);
    near(result, 0, some, ({ age }) => sigmoid(0.05 * age - 2));
    // Of degree 6, by age, age², age³ and their products; a line is off by 0.196.
    expect(result.stats.errors![1]).toBeLessThan(0.011);
    const two = await vault.score({ ...model, weights: { age: 0.05, dose: 0.1 } });
    near(two, 0, all, ({ age, dose }) => sigmoid(0.05 * age + 0.1 * dose - 2));
    const derived = await vault.score({
      table: 'powers',
      weights: { age: 0.01, age2: 0.0001 },
      link: 'logistic',
    });
    near(derived, 0, all, ({ age }) => sigmoid(0.01 * age + 0.0001 * age * age));
  });

  it('are refused where the range is too wide, the column no number, the model none', async () => {
    const ask = (options: object): Promise<QueryResult> =>
      vault.score({ table: 'people', weights: { age: 1 }, ...options } as ScoreOptions);
    await expect(ask({ link: 'logistic' })).rejects.toMatchObject({ code: 'MODEL_RANGE' });
    // Of the segments alone it would fit: 90 · 0.08 < 8 < 110 · 0.08.
    await expect(ask({ weights: { age: 0.08 }, link: 'logistic' })).rejects.toMatchObject({
      code: 'MODEL_RANGE',
    });
    await expect(ask({ weights: { ward: 1 } })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    await expect(ask({ weights: { no: 1 } })).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
    await expect(ask({ table: 'no' })).rejects.toMatchObject({ code: 'UNKNOWN_TABLE' });
    await expect(ask({ weights: {} })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(ask({ weights: { age: Number.NaN } })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    });
    await expect(ask({ link: 'probit' })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});
