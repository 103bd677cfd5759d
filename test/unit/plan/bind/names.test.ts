import { expect, test } from 'vitest';
import { planQuery } from '../../../../src/plan/plan-query.ts';
import { parseSchema } from '../../../../src/table/schema-json.ts';
import { plan, refusal, rows, run, SCHEMA } from '../visits.ts';

test.each([
  ['COUNT(*)', 'count'],
  ['count(days) AS n', 'n'],
  ['SUM(days) "Sum Of Days"', 'Sum Of Days'],
  ['STDDEV(days)', 'stddev'],
  ['REGR_R2(fee, days)', 'regr_r2'],
  ['ROUND(AVG(fee), 1)', 'round'],
  ['ABS(SUM(days))', 'abs'],
  ['SUM(days) + 1', '?column?'],
  ['-SUM(days)', '?column?'],
  ['1', '?column?'],
  ["'text'", '?column?'],
  ['NULL', '?column?'],
  ['TRUE', '?column?'],
  ["DATE '2024-01-01'", 'date'],
  ["'1'::integer", 'int4'],
  ['SUM(days)::numeric', 'sum'],
  ['CAST(SUM(days) + 1 AS integer)', 'int4'],
  ['COUNT(*) > 1', '?column?'],
])('%s is named %s', async (item, name) => {
  expect((await run(`SELECT ${item} FROM visits`)).columns).toEqual([name]);
});

test('columns keep their own names, * is all of them in schema order', async () => {
  expect((await run('SELECT visits.bed, bed FROM visits')).columns).toEqual(['bed', 'bed']);
  const all = SCHEMA.columns.map((c) => c.name);
  expect((await run('SELECT * FROM visits')).columns).toEqual(all);
  expect((await run('SELECT v.*, bed FROM visits v')).columns).toEqual([...all, 'bed']);
});

test('unquoted names fold to lower case; the hint for a missed capital lists the columns', async () => {
  expect((await run('SELECT BED, "Total" FROM VISITS')).columns).toEqual(['bed', 'Total']);
  const error = await refusal('SELECT Total FROM visits');
  expect(error).toMatchObject({
    code: 'UNKNOWN_COLUMN',
    details: { column: 'total', table: 'visits' },
  });
  expect(error.hint).toContain('Total, name, secret (names with capitals need double quotes)');
});

test('the table goes by its alias, and only by it', async () => {
  expect(await rows('SELECT v.bed FROM public.visits AS v WHERE v.bed = 1')).toEqual([['1']]);
  expect(await refusal('SELECT visits.bed FROM visits v')).toMatchObject({
    code: 'UNKNOWN_TABLE',
    details: { table: 'visits', known: ['v'] },
  });
  expect(await refusal('SELECT 1 FROM other')).toMatchObject({
    code: 'UNKNOWN_TABLE',
    details: { table: 'other', known: ['visits'] },
  });
});

test('a table or column that needs quotes takes them', async () => {
  const schema = parseSchema({
    version: 1,
    table: 'Order Lines',
    columns: { 'unit "price"': { type: 'integer' }, select: { type: 'text' } },
  });
  const made = await planQuery(
    'SELECT "select", SUM("unit ""price""") FROM "Order Lines" GROUP BY 1',
    [],
    { schemas: new Map([['Order Lines', schema]]) },
  );
  expect(made).toMatchObject({ table: 'Order Lines', groupBy: ['select'] });
});

test('a plan is frozen and the same for the same question', async () => {
  const sql = 'SELECT ward, AVG(fee) FROM visits WHERE days > $1 GROUP BY ward HAVING COUNT(*) > 1';
  const [a, b] = [await plan(sql, 1), await plan(sql, 1)];
  expect(a).toEqual(b);
  expect(Object.isFrozen(a) && Object.isFrozen(a.output[0]!.expression)).toBe(true);
});
