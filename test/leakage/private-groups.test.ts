import { expect, test } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { recordLink, type Recording } from '../support/recording-link.ts';
import { tempVault } from '../support/vaults.ts';

/** What crosses the link while a query by private groups runs says nothing of the groups. */
const columns = {
  ward: { type: 'text', nullable: true },
  days: { type: 'integer' },
  fee: { type: 'integer', nullable: true },
} as const;
const hidden = {
  version: 1,
  table: 'hidden',
  columns,
  groupBy: { ward: { oblivious: [['fee', 'fee']] } },
};
const listed = { version: 1, table: 'listed', columns };

/** Each of the 6 values of days in as many rows; wards of very different sizes, given by `ward`. */
const rows = (ward: (i: number) => string | null): object[] =>
  Array.from({ length: 600 }, (_, i) => ({
    ward: ward(i),
    days: i % 6,
    fee: i % 7 === 0 ? null : i,
  }));
const skewed = (i: number): string | null => (i < 500 ? 'A' : i < 590 ? 'B' : i < 595 ? 'C' : null);
const even = (i: number): string | null => ['A', 'B', 'C', null][i % 4]!;

type Crossing = readonly { readonly name: string; readonly bytes: number }[];

async function crossing(
  { seen }: Recording,
  vault: Vault,
  sql: string,
  parameters: readonly number[] = [],
): Promise<{ crossed: Crossing; answer: unknown }> {
  // Metadata is fetched once; what follows is the query's own.
  await vault.query(sql, parameters);
  seen.length = 0;
  const { rows: answer } = await vault.query(sql, parameters);
  return { crossed: seen.map(({ name, bytes }) => ({ name, bytes: bytes.length })), answer };
}

async function twoVaults(
  schema: object,
  run: (recording: Recording, vault: Vault) => Promise<Crossing>,
): Promise<[Crossing, Crossing]> {
  const crossed: Crossing[] = [];
  for (const ward of [skewed, even]) {
    let recording: Recording | undefined;
    await using temp = await tempVault('memory', (link) => (recording = recordLink(link)).link);
    await temp.vault.ingest(schema, rows(ward));
    crossed.push(await run(recording!, temp.vault));
  }
  return [crossed[0]!, crossed[1]!];
}

const GROUPED = 'SELECT ward, COUNT(*), COUNT(fee), STDDEV_SAMP(fee) FROM';

test('queries of one shape send and bring the same lengths in the same order', async () => {
  let recording: Recording | undefined;
  await using temp = await tempVault('memory', (link) => (recording = recordLink(link)).link);
  const { vault } = temp;
  await vault.ingest(hidden, rows(skewed));
  const sql = `${GROUPED} hidden WHERE days = $1 GROUP BY ward ORDER BY ward`;
  const one = await crossing(recording!, vault, sql, [1]);
  const other = await crossing(recording!, vault, sql, [4]);
  expect(one.answer).not.toEqual(other.answer);
  expect(other.crossed).toEqual(one.crossed);
  const having = (count: number): string =>
    `${GROUPED} hidden GROUP BY ward HAVING COUNT(*) > ${count} ORDER BY STDDEV_SAMP(fee) LIMIT 1`;
  const large = await crossing(recording!, vault, having(100));
  const small = await crossing(recording!, vault, having(2));
  expect(small.answer).not.toEqual(large.answer);
  expect(small.crossed).toEqual(large.crossed);
});

test('groups of other sizes and rows look the same, as they do not with masks', async () => {
  const run =
    (table: string) =>
    async (recording: Recording, vault: Vault): Promise<Crossing> => {
      const sql = `${GROUPED} ${table} WHERE days = 2 GROUP BY ward`;
      const { crossed } = await crossing(recording, vault, sql);
      expect(crossed.length).toBeGreaterThan(2);
      return crossed;
    };
  const [one, other] = await twoVaults(hidden, run('hidden'));
  expect(other).toEqual(one);
  // The test can tell: here the store is given a list for each value, and answers for those that have rows.
  const [lists, others] = await twoVaults(listed, run('listed'));
  expect(others).not.toEqual(lists);
});

test('no token of the private column crosses, and the order of columns is another each time', async () => {
  await using temp = await tempVault('memory');
  const orders: string[] = [];
  for (let i = 0; i < 6; i++) {
    const table = `t${i}`;
    await temp.vault.ingest({ ...hidden, table }, rows(even));
    const { cost, leakage } = await temp.vault.explain(`${GROUPED} ${table} GROUP BY ward`);
    expect(cost.tokens).toBe(0);
    expect(leakage.map(({ node, index }) => `${node}, ${index}`)).toEqual([
      'groupBy on ward, oblivious',
      'sum, bfv',
    ]);
    const { bounds } = await temp.vault.explain(`${GROUPED} ${table} GROUP BY ward`);
    orders.push(bounds.map(({ term }) => term).join());
  }
  expect(new Set(orders).size).toBeGreaterThan(1);
});

test('what a filter or another grouping column shows is declared beside it', async () => {
  await using temp = await tempVault('memory');
  await temp.vault.ingest(hidden, rows(even));
  const { leakage } = await temp.vault.query(
    'SELECT ward, days, SUM(fee) FROM hidden WHERE fee > 5 GROUP BY ward, days',
  );
  expect(leakage.map(({ node }) => node)).toEqual([
    'groupBy on ward',
    'groupBy on days',
    'range on fee',
    'sum',
  ]);
});

test('a layout by a column is declared with every query of the table, and its groups with theirs', async () => {
  await using temp = await tempVault('memory');
  const { vault } = temp;
  await vault.ingest(
    { version: 1, table: 'laid', columns, layout: { clustered: 'ward' } },
    rows(even),
  );
  for (const sql of [
    'SELECT ward, COUNT(*) FROM laid GROUP BY ward',
    'SELECT COUNT(*) FROM laid WHERE days = 1',
    'SELECT fee FROM laid WHERE days = 1',
  ]) {
    const { leakage } = await vault.explain(sql);
    const layout = leakage.find(({ index }) => index === 'clustered');
    expect(layout?.onQuery.join()).toContain('the unlabelled histogram of ward');
  }
});

test('groups that the vault makes are shown to nobody: no list of theirs is asked for', async () => {
  let recording: Recording | undefined;
  await using temp = await tempVault('memory', (link) => (recording = recordLink(link)).link);
  const { vault } = temp;
  const table = { ...listed, table: 'many', columns: { ...columns, visit: { type: 'integer' } } };
  const visits = rows(even).map((row, i) => ({ ...row, visit: i % 300 }));
  await vault.ingest(table, visits);
  const { crossed } = await crossing(
    recording!,
    vault,
    'SELECT visit, SUM(fee) FROM many GROUP BY visit',
  );
  expect(new Set(crossed.map(({ name }) => name.split(' ')[0]))).toEqual(
    new Set(['head', 'fetch']),
  );
  const { cost, leakage, notes } = await vault.explain(
    'SELECT visit, SUM(fee) FROM many GROUP BY visit',
  );
  expect(cost.tokens).toBe(0);
  expect(leakage.map(({ node, index }) => `${node}, ${index}`)).toEqual([
    'groupBy on visit, row codes',
    'sum, bfv',
  ]);
  expect(notes.join()).toContain('grows with the rows');
});
