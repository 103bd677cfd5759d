import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { vectorJson } from '../support/vectors.ts';

interface Suite {
  tables: Record<
    string,
    { columns: { name: string; type: string }[]; rows: (string | number | null)[][] }
  >;
  cases: { id: string; table: string; sql: string; expected: number[] }[];
}

const suite = vectorJson<Suite>('sql/sqlite-range.json');

const TYPES: Record<string, object> = {
  INTEGER: { type: 'integer' },
  FLOAT: { type: 'decimal', scale: 2 },
  TEXT: { type: 'text' },
};

eachStore('SQLite range predicates', ({ kind, pick }) => {
  let temp: TempVault;
  beforeAll(async () => {
    temp = await tempVault(kind);
    for (const [name, { columns, rows }] of Object.entries(suite.tables)) {
      const schema = {
        version: 1,
        table: name.toLowerCase(),
        columns: Object.fromEntries(
          columns.map((column) => [column.name, { ...TYPES[column.type], nullable: true }]),
        ),
      };
      await temp.vault.ingest(
        schema,
        rows.map((row) => Object.fromEntries(columns.map((c, i) => [c.name, row[i]]))),
      );
    }
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  it.each(pick(suite.cases).map((test) => [test.id, test] as const))('%s', async (_, test) => {
    const sql = test.sql.replace(/\bFROM T\b/, `FROM ${test.table}`);
    const { rows } = await temp.vault.query(sql);
    const found = rows.map(([pk]) => Number(pk)).sort((a, b) => a - b);
    expect(found).toEqual([...test.expected].sort((a, b) => a - b));
    const counted = await temp.vault.query(sql.replace('SELECT pk', 'SELECT COUNT(*), SUM(pk)'));
    const total = test.expected.reduce((sum, pk) => sum + pk, 0);
    expect(counted.rows).toEqual([
      [String(test.expected.length), test.expected.length === 0 ? null : String(total)],
    ]);
  });
});
