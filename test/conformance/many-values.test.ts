/** Columns of more values than a dictionary holds: ranks come from blocks, groups are refused by name. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DICTIONARY_LIMIT } from '../../src/table/segment-meta.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const ROWS = DICTIONARY_LIMIT + 4_465;
const schema = {
  version: 1,
  table: 't',
  columns: { at: { type: 'timestamp' }, name: { type: 'text' }, n: { type: 'integer' } },
};
const start = Date.UTC(2020, 0, 1);
const textOf = (i: number): string =>
  new Date(start + i * 1000).toISOString().slice(0, 19).replace('T', ' ');
const nameOf = (i: number): string => `name ${String(i).padStart(6, '0')}`;
/** Every value once, in an order that no index has. */
const rows = Array.from({ length: ROWS }, (_, i) => {
  const value = (i * 40_009) % ROWS;
  return { at: textOf(value), name: nameOf(value), n: 3 * value };
});

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
  await temp.vault.ingest(schema, rows);
  const [info] = await temp.vault.tables();
  expect(info).toMatchObject({ rows: ROWS, segments: 1 });
}, 300_000);
afterAll(() => temp[Symbol.asyncDispose]());

it('every value is another one', () => {
  expect(new Set(rows.map(({ n }) => n)).size).toBe(ROWS);
});

it.each([
  ['', 0, ROWS],
  ['WHERE n >= 30000 AND n < 150000', 10_000, 50_000],
])(
  'extremes, quantiles and distinct values %s',
  async (where, from, to) => {
    const count = to - from;
    const half = (from + to - 1) / 2;
    const { rows: found } = await temp.vault.query(
      `SELECT MIN(n), MAX(n), MEDIAN(n), COUNT(DISTINCT n), MIN(name), MAX(at), COUNT(DISTINCT name),
            PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY at) FROM t ${where}`,
    );
    const quarter = from + Math.ceil(count / 4) - 1;
    expect(found).toEqual([
      [
        String(3 * from),
        String(3 * (to - 1)),
        String(3 * half),
        String(count),
        nameOf(from),
        textOf(to - 1),
        String(count),
        textOf(quarter),
      ],
    ]);
  },
  120_000,
);

it('a histogram', async () => {
  const { rows: found } = await temp.vault.query('SELECT HISTOGRAM(n, 2) FROM t WHERE n < 6000');
  expect(found).toEqual([
    ['[{"low":0,"high":2998.5,"count":1000},{"low":2998.5,"high":5997,"count":1000}]'],
  ]);
});

it('groups of such a column are refused by name', async () => {
  for (const column of ['name', 'at', 'n']) {
    await expect(
      temp.vault.query(`SELECT ${column}, MIN(n) FROM t GROUP BY ${column}`),
    ).rejects.toMatchObject({ code: 'GROUP_LIMIT', details: { groups: ROWS } });
  }
});
