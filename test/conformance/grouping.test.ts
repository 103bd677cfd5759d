import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Value } from '../../src/table/value.ts';
import { objects } from '../property/objects.ts';
import { plainAnswer } from '../support/plain-twin.ts';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

/** Private groups, rows laid out together and groups made in the vault give the same answers from every store. */
const COLUMNS = {
  ward: { type: 'text', nullable: true },
  visit: { type: 'integer' },
  fee: { type: 'decimal', scale: 2, nullable: true },
} as const;
const ROWS: readonly (readonly Value[])[] = Array.from({ length: 700 }, (_, i) => [
  i % 9 === 0 ? null : `W${i % 4}`,
  BigInt(i % 350),
  i % 5 === 0 ? null : BigInt((i * 37) % 5000) - 900n,
]);

eachStore('groups', ({ kind }) => {
  let temp: TempVault;
  beforeAll(async () => {
    temp = await tempVault(kind);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  test.each([
    ['private', 'ward', { groupBy: { ward: 'oblivious' } }],
    ['clustered', 'ward', { layout: { clustered: 'ward' } }],
    ['vault', 'visit', {}],
    ['masks', 'ward', {}],
  ] as const)('%s, by %s', async (way, column, more) => {
    const schema = parseSchema({ version: 1, table: `by_${way}`, columns: COLUMNS, ...more });
    const { vault } = temp;
    await vault.ingest(schema, objects(schema, ROWS));
    await vault.delete(`DELETE FROM by_${way} WHERE visit = 7`);
    const rows = ROWS.filter(([, visit]) => visit !== 7n);
    for (const where of ['', 'WHERE fee > 10.5']) {
      const sql = `SELECT ${column}, COUNT(*), SUM(fee), AVG(fee) FROM by_${way} ${where} GROUP BY ${column}`;
      const { columns, rows: answer } = await vault.query(sql);
      expect({ columns, rows: answer }).toEqual(await plainAnswer(schema, rows, sql));
      const { groupings } = await vault.explain(sql);
      expect(groupings.map((one) => one.way)).toEqual(['masks', 'private', 'clustered', 'vault']);
      expect(groupings.filter(({ chosen }) => chosen).map((one) => one.way)).toEqual([way]);
    }
  });

  test('chosen and made in the vault by codes, of which the store hears nothing', async () => {
    const search = { index: 'oblivious', by: 'codes' } as const;
    const columns = { ...COLUMNS, visit: { type: 'integer', search } };
    const schema = parseSchema({ version: 1, table: 'coded', columns });
    const { vault } = temp;
    await vault.ingest(schema, objects(schema, ROWS));
    await vault.delete("DELETE FROM coded WHERE ward = 'W3'");
    const rows = ROWS.filter(([ward]) => ward !== 'W3');
    for (const sql of [
      'SELECT COUNT(*), SUM(fee), AVG(fee) FROM coded WHERE visit = 8',
      'SELECT COUNT(*), SUM(fee) FROM coded WHERE visit = 8 AND visit = 9',
      "SELECT ward, COUNT(*), SUM(visit) FROM coded WHERE visit < 20 OR ward = 'W1' GROUP BY ward ORDER BY ward",
      'SELECT visit, COUNT(fee) FROM coded WHERE fee > 10.5 GROUP BY visit ORDER BY visit',
    ]) {
      const { columns: names, rows: answer } = await vault.query(sql);
      expect({ columns: names, rows: answer }).toEqual(await plainAnswer(schema, rows, sql));
    }
  });

  test.each([
    ['private', 'ward', { groupBy: { ward: { oblivious: [['rate', 'rate']] } } }],
    ['vault', 'visit', {}],
  ] as const)(
    '%s: sums of reals, with their errors, as of one group alone',
    async (way, by, more) => {
      const { vault } = temp;
      const columns = { ...COLUMNS, rate: { type: 'real', nullable: true } };
      const rows = ROWS.map(([ward, visit], i) => {
        const rate = i % 11 === 0 ? null : (i - 300) / 7;
        return { ward: ward as string | null, visit: String(visit), fee: null, rate };
      });
      const table = `reals_${way}`;
      await vault.ingest({ version: 1, table, columns, ...more }, rows);
      const sums = 'SUM(rate), AVG(rate), VAR_POP(rate), SUM(rate) > 0';
      const sql = `SELECT ${by}, ${sums} FROM ${table} WHERE visit > 5 GROUP BY ${by}`;
      const { groupings } = await vault.explain(sql);
      expect(groupings.find((one) => one.chosen)?.way).toBe(way);
      const all = await vault.query(sql);
      expect(all.rows.length).toBeGreaterThan(3);
      const errors = [0, 0, 0];
      for (const [group, ...answer] of [all.rows[0]!, all.rows[2]!, all.rows.at(-1)!]) {
        const where = group === null ? `${by} IS NULL` : `${by} = $1`;
        const parameters = group === null ? [] : [group!];
        const one = await vault.query(
          `SELECT ${sums} FROM ${table} WHERE visit > 5 AND ${where}`,
          parameters,
        );
        expect(one.rows).toEqual([answer]);
        errors.forEach((error, i) => (errors[i] = Math.max(error, one.stats.errors![i]!)));
      }
      expect(errors[0]).toBeGreaterThan(0);
      errors.forEach((error, i) => {
        expect(all.stats.errors![i + 1]).toBeGreaterThanOrEqual(error);
      });
    },
  );
});
