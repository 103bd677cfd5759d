/** Scores of single rows on CKKS columns against the plain twin, on every store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueryResult, ScoreRowsOptions, Vault } from '../../src/client/api.ts';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 'loans',
  key: 'id',
  columns: {
    id: { type: 'integer' },
    age: { type: 'integer', score: true },
    fee: { type: 'decimal', scale: 2, nullable: true, score: true },
    dose: { type: 'real', score: true },
    ward: { type: 'text' },
  },
};

interface Loan {
  id: number;
  age: number;
  fee: string | null;
  dose: number;
  ward: string;
}

const loan = (id: number): Loan => ({
  id,
  age: (id * 37) % 90,
  fee: id % 17 === 0 ? null : (((id * 7919) % 10_000) / 100 - 50).toFixed(2),
  dose: Math.sin(id) * 2,
  ward: `w${id % 3}`,
});
/** Two chunks of slots, the second one short; then rows of their own. */
const loans = Array.from({ length: 5_000 }, (_, i) => loan(i));
const late = [loan(9000), loan(9003)];

const z = ({ age, fee, dose }: Loan): number => 0.02 * age - 0.05 * Number(fee) + 0.3 * dose - 0.5;
const sigmoid = (of: number): number => 1 / (1 + Math.exp(-of));
const model = { table: 'loans', weights: { age: 0.02, fee: -0.05, dose: 0.3 }, intercept: -0.5 };

eachStore('scores of rows', ({ kind }) => {
  let temp: TempVault;
  let vault: Vault;
  let live = [...loans, ...late];
  beforeAll(async () => {
    temp = await tempVault(kind);
    vault = temp.vault;
    await vault.ingest(schema, loans);
    await vault.ingest(schema, late, { append: true });
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  /** Every row that counts once, each within the error that was returned. */
  const check = (
    { columns, rows, stats }: QueryResult,
    some: readonly Loan[],
    score: (of: Loan) => number,
    least: number,
  ): void => {
    expect(columns).toEqual(['id', 'score']);
    expect(stats.rowsMatched).toBe(some.length);
    const expected = new Map(some.map((one) => [String(one.id), score(one)]));
    expect(rows.map(([id]) => id).sort()).toEqual([...expected.keys()].sort());
    const error = stats.error!;
    expect(error).toBeLessThan(least);
    for (const [id, found] of rows) {
      // The reference itself is computed in doubles.
      expect(Math.abs(Number(found) - expected.get(String(id))!)).toBeLessThanOrEqual(
        error + 1e-14,
      );
    }
  };
  const known = (): Loan[] => live.filter(({ fee }) => fee !== null);

  it('are within the proved error, NULLs left out', async () => {
    check(await vault.scoreRows(model), known(), z, 1e-7);
    const { stats, rows } = await vault.scoreRows({ ...model, select: [] });
    expect(stats.errors).toEqual([null, stats.error]);
    expect(new Set(rows.map(([row]) => row)).size).toBe(rows.length);
    expect(rows.at(-1)![0]).toMatch(/^new\/\d$/);
    const steps = rows.map(([, score]) => Number(score) / stats.error!);
    // Multiples of a power of two that is about the error, not the decryption's own digits.
    const grid = 2 ** Math.floor(Math.log2(stats.error!));
    expect(steps.length).toBe(known().length);
    for (const [, score] of rows) expect(Number.isInteger((4 * Number(score)) / grid)).toBe(true);
  });

  it('of a filter are those of its rows alone', async () => {
    const where = { where: 'age >= $1 AND ward = $2', parameters: [40, 'w1'] };
    const some = known().filter(({ age, ward }) => age >= 40 && ward === 'w1');
    check(await vault.scoreRows({ ...model, ...where }), some, z, 1e-7);
    const none = await vault.scoreRows({ ...model, where: 'age > 1000' });
    expect(none.rows).toEqual([]);
  });

  it('of a logistic model take its link, here or by the store', async () => {
    const logistic = { ...model, link: 'logistic' } as const;
    check(await vault.scoreRows(logistic), known(), (of) => sigmoid(z(of)), 3e-8);
    const store = await vault.scoreRows({ ...logistic, sigmoid: 'store', select: ['id'] });
    check(store, known(), (of) => sigmoid(z(of)), 0.09);
  });

  it('may be the highest alone, whose records alone are fetched', async () => {
    const { rows, stats } = await vault.scoreRows({ ...model, top: 5 });
    const sorted = known().sort((a, b) => z(b) - z(a));
    expect(rows.map(([id]) => Number(id))).toEqual(sorted.slice(0, 5).map(({ id }) => id));
    const all = await vault.scoreRows({ ...model, select: [] });
    expect(stats.bytesDown).toBeLessThan(all.stats.bytesDown + 2000);
  });

  it('stay so when rows are deleted, erased, compacted and rotated', async () => {
    await vault.delete('DELETE FROM loans WHERE id BETWEEN 4000 AND 4200');
    live = live.filter(({ id }) => id < 4000 || id > 4200);
    check(await vault.scoreRows(model), known(), z, 1e-7);
    await vault.delete('DELETE FROM loans WHERE id = 3', [], { erase: true });
    live = live.filter(({ id }) => id !== 3);
    check(await vault.scoreRows(model), known(), z, 1e-7);
    await vault.rotate('loans');
    await vault.compact('loans');
    check(await vault.scoreRows(model), known(), z, 1e-7);
    const findings = await vault.check({ deep: true });
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  });

  it('are explained', async () => {
    const linear = await vault.explainScoreRows(model);
    expect(linear.plan.join('\n')).toMatch(
      /score {3}each row by age, fee, dose, by the store \(CKKS, n 8192, scale 2\^46\): 2 polynomials of 2 limbs/,
    );
    expect(linear.leakage.map(({ node }) => node)).toContain('score');
    const { stats } = await vault.scoreRows({ ...model, select: [] });
    expect(linear.cost.replyBytes).toBeGreaterThanOrEqual(stats.bytesDown - 2000);
    const cubic = await vault.explainScoreRows({ ...model, link: 'logistic', sigmoid: 'store' });
    expect(cubic.plan.join('\n')).toMatch(/4 polynomials of \d limbs[^]*polynomial of degree 3/);
  });

  it('are refused where the range is too wide, or a column is not there to be scored', async () => {
    const ask = (options: object): Promise<QueryResult> =>
      vault.scoreRows({ ...model, ...options } as ScoreRowsOptions);
    const wide = { weights: { age: 1 }, link: 'logistic', sigmoid: 'store' };
    await expect(ask(wide)).rejects.toMatchObject({ code: 'MODEL_RANGE' });
    await expect(ask({ weights: { id: 1 } })).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
      message: expect.stringContaining('"score": true'),
    });
    await expect(ask({ weights: { ward: 1 } })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    await expect(ask({ weights: { x: 1 } })).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
    await expect(ask({ sigmoid: 'store' })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(ask({ select: ['x'] })).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
    await expect(ask({ top: 0 })).rejects.toMatchObject({ code: 'SQL_SYNTAX' });
    await expect(ask({ table: 't' })).rejects.toMatchObject({ code: 'UNKNOWN_TABLE' });
    await expect(ask({ where: 'age > 1 GROUP BY age' })).rejects.toMatchObject({
      code: 'SQL_SYNTAX',
    });
  });
});

describe('a table that was made without', () => {
  const schemaWith = (score: boolean): object => ({
    version: 1,
    table: 't',
    columns: { x: { type: 'integer', score } },
  });

  it('is scored once it is reindexed, and no longer when it is again', async () => {
    await using temp = await tempVault('memory');
    const { vault } = temp;
    const some = Array.from({ length: 20 }, (_, x) => ({ x: x - 7 }));
    await vault.ingest(schemaWith(false), some);
    const ask = (): Promise<QueryResult> => vault.scoreRows({ table: 't', weights: { x: 2 } });
    await expect(ask()).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
    const mixed = vault.ingest(schemaWith(true), some, { append: true });
    await expect(mixed).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
    await vault.reindex(schemaWith(true));
    const found = (await ask()).rows.map(([, score]) => Math.round(Number(score) / 2) + 7);
    expect(found.sort((a, b) => a - b)).toEqual([...some.keys()]);
    await vault.reindex(schemaWith(false));
    await expect(ask()).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
    expect((await vault.query('SELECT SUM(x) FROM t')).rows).toEqual([['50']]);
  });

  it('of zeros, of NULLs, or empty has scores all the same', async () => {
    await using temp = await tempVault('memory');
    const { vault } = temp;
    const columns = {
      x: { type: 'real', score: true },
      y: { type: 'integer', nullable: true, score: true },
    };
    await vault.ingest({ version: 1, table: 't', columns }, [
      { x: 0, y: null },
      { x: 0, y: 0 },
    ]);
    const huge = { table: 't', weights: { x: 1e300, y: -1e300 }, intercept: 0.5 };
    const { rows, stats } = await vault.scoreRows(huge);
    expect(rows.map(([, score]) => score)).toEqual([0.5]);
    expect(stats.error!).toBeLessThan(1e-13);
    await vault.ingest({ version: 1, table: 'none', columns }, []);
    expect((await vault.scoreRows({ ...huge, table: 'none' })).rows).toEqual([]);
  });
});
