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
});
