import { expect, test } from 'vitest';
import { finishAggregate } from '../../../src/plan/finish.ts';
import { plan, rows, SCHEMA } from './visits.ts';

const GREEN = 'a green-tall LIGHT';

test('cells: exact numbers, text, dates and timestamps are strings; booleans and reals JSON’s own', async () => {
  expect(await rows('SELECT * FROM visits WHERE bed IN (3, 4) ORDER BY bed')).toEqual([
    [
      'B',
      '4',
      '-3.1',
      '3',
      true,
      null,
      '2024-01-02 23:59:59.999999',
      -2,
      GREEN,
      '3',
      'Ann_a%',
      '3',
    ],
    ['B', null, '7.95', '4', null, '2001-02-28', null, null, null, null, null, null],
  ]);
});

test('NULL is a group of its own, and groups come in order of their keys', async () => {
  expect(await rows('SELECT ward, COUNT(*) FROM visits GROUP BY ward')).toEqual([
    ['A', '2'],
    ['B', '2'],
    [null, '1'],
  ]);
  expect(await rows('SELECT ward, urgent, SUM(bed) FROM visits GROUP BY 1, urgent')).toEqual([
    ['A', false, '2'],
    ['A', true, '1'],
    ['B', true, '3'],
    ['B', null, '4'],
    [null, false, '5'],
  ]);
});

test('GROUP BY takes columns, ordinals, aliases and constants', async () => {
  const wards = [['A'], ['B'], [null]];
  expect(await rows('SELECT ward FROM visits GROUP BY ward')).toEqual(wards);
  expect(await rows('SELECT ward AS w FROM visits GROUP BY w')).toEqual(wards);
  expect(await rows('SELECT visits.ward FROM visits GROUP BY 1, ward')).toEqual(wards);
  expect(await rows('SELECT 1 AS k, SUM(bed) FROM visits GROUP BY k')).toEqual([['1', '15']]);
  // A column goes before an alias of the same name.
  expect(await rows('SELECT COUNT(*), ward AS bed FROM visits GROUP BY bed, ward LIMIT 1')).toEqual(
    [['1', 'A']],
  );
});

test('a grouped query without rows has none, an ungrouped one has its one row', async () => {
  expect(await rows('SELECT 1 AS k, COUNT(*) FROM visits WHERE bed > 9 GROUP BY k')).toEqual([]);
  expect(await rows('SELECT ward, COUNT(*) FROM visits WHERE bed > 9 GROUP BY ward')).toEqual([]);
  expect(await rows('SELECT COUNT(*) FROM visits WHERE bed > 9')).toEqual([['0']]);
  expect(await rows('SELECT 1 FROM visits HAVING COUNT(*) = 5')).toEqual([['1']]);
  expect(await rows('SELECT 1 FROM visits HAVING COUNT(*) > 5')).toEqual([]);
});

test('HAVING keeps the groups of which it is true', async () => {
  const having = (condition: string): Promise<unknown[][]> =>
    rows(`SELECT ward FROM visits GROUP BY ward HAVING ${condition}`);
  expect(await having('COUNT(*) > 1')).toEqual([['A'], ['B']]);
  expect(await having('SUM(fee) > 0')).toEqual([['A'], ['B']]);
  expect(await having('NOT SUM(fee) > 10')).toEqual([['B']]);
  expect(await having('SUM(fee) IS NULL OR ward = $$A$$')).toEqual([['A'], [null]]);
  expect(await having('COUNT(*) BETWEEN 1 AND 1 OR COUNT(*) IN (7, 8)')).toEqual([[null]]);
  expect(await having('(SUM(fee) > 10) IS NOT TRUE')).toEqual([['B'], [null]]);
  expect(await having("ward IS DISTINCT FROM 'A'")).toEqual([['B'], [null]]);
});

test('ORDER BY: NULL is the largest value unless told otherwise', async () => {
  const order = async (by: string): Promise<string> =>
    (await rows(`SELECT bed FROM visits ORDER BY ${by}, bed`)).join('');
  expect(await order('days')).toBe('12354');
  expect(await order('days DESC')).toBe('45321');
  expect(await order('days NULLS FIRST')).toBe('41235');
  expect(await order('days DESC NULLS LAST')).toBe('53214');
  expect(await order('fee * -1')).toBe('21435');
  expect(await order('urgent')).toBe('25134');
  expect(await order('score')).toBe('35124');
  expect(await order('seen DESC')).toBe('43215');
});

test('ORDER BY: ordinals, aliases before columns, and aggregates that are not shown', async () => {
  expect(await rows('SELECT bed, -bed AS x FROM visits ORDER BY 2 LIMIT 2')).toEqual([
    ['5', '-5'],
    ['4', '-4'],
  ]);
  expect(await rows('SELECT bed AS days FROM visits ORDER BY days DESC LIMIT 1')).toEqual([['5']]);
  expect(await rows('SELECT ward FROM visits GROUP BY ward ORDER BY SUM(days) DESC')).toEqual([
    [null],
    ['B'],
    ['A'],
  ]);
  expect(
    await rows('SELECT ward, COUNT(*) FROM visits GROUP BY ward ORDER BY count, 1 DESC'),
  ).toEqual([
    [null, '1'],
    ['B', '2'],
    ['A', '2'],
  ]);
});

test('text sorts by code point, not by UTF-16 unit', async () => {
  const made = await plan('SELECT ward FROM visits GROUP BY ward ORDER BY ward');
  if (made.kind !== 'aggregate') throw new Error(made.kind);
  const words = ['\u{1f600}', '\uffff', 'z', 'é', 'Z', '', 'ab', 'a'];
  const sorted = finishAggregate(
    made,
    SCHEMA,
    words.map((word) => ({ key: [word], terms: [] })),
  );
  expect(sorted.rows.flat()).toEqual(['', 'Z', 'a', 'ab', 'z', 'é', '\uffff', '\u{1f600}']);
});

test('LIMIT and OFFSET cut after ordering; NULL and ALL do not', async () => {
  expect(await rows('SELECT bed FROM visits ORDER BY bed LIMIT 2 OFFSET 3')).toEqual([
    ['4'],
    ['5'],
  ]);
  expect(await rows('SELECT bed FROM visits ORDER BY bed OFFSET $1 LIMIT $2', '1', 1n)).toEqual([
    ['2'],
  ]);
  expect(await rows('SELECT bed FROM visits LIMIT 0')).toEqual([]);
  expect(await rows('SELECT bed FROM visits LIMIT ALL OFFSET 4')).toHaveLength(1);
  expect(await rows('SELECT bed FROM visits LIMIT NULL')).toHaveLength(5);
  expect(await rows('SELECT bed FROM visits ORDER BY 1 FETCH FIRST 1 ROW ONLY')).toEqual([['1']]);
});

test('row retrieval reads the columns that it needs and no other', async () => {
  const made = await plan('SELECT days + 1, $1 FROM visits WHERE fee > 1 ORDER BY bed', 'x');
  expect(made).toMatchObject({ kind: 'select', columns: ['days', 'bed'] });
});
