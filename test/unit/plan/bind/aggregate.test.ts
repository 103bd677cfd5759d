import { expect, test } from 'vitest';
import { plan, refusal, rows } from '../visits.ts';

const one = async (list: string, rest = ''): Promise<unknown[]> =>
  (await rows(`SELECT ${list} FROM visits ${rest}`))[0]!;

test('counts, sums and averages ignore NULL', async () => {
  expect(await one('COUNT(*), COUNT(days), SUM(days), AVG(days), SUM(fee)')).toEqual([
    '5',
    '4',
    '14',
    '3.5',
    '35.6',
  ]);
  expect(await one('COUNT(ward), COUNT(notes), COUNT(1), COUNT(NULL), COUNT(days + fee)')).toEqual([
    '4',
    '4',
    '5',
    '0',
    '3',
  ]);
});

test('no row: COUNT is 0 and everything else NULL', async () => {
  const list = [
    'SUM(days)',
    'AVG(days)',
    'VAR_POP(days)',
    'STDDEV(days)',
    'CORR(fee, days)',
    'REGR_R2(fee, days)',
    'SUM(2)',
  ];
  expect(await one(`COUNT(*), REGR_COUNT(fee, days), ${list.join(', ')}`, 'WHERE bed > 9')).toEqual(
    ['0', '0', ...list.map(() => null)],
  );
});

test('one row: the sample forms are NULL, the population forms 0', async () => {
  const list =
    'VAR_POP(days), VAR_SAMP(days), STDDEV_POP(days), STDDEV(days), COVAR_POP(fee, days), COVAR_SAMP(fee, days)';
  expect(await one(list, 'WHERE bed = 1')).toEqual(['0', null, '0', null, '0', null]);
});

test('functions of two columns drop a row where either is NULL; y comes first', async () => {
  // (fee, days): (10.5, 1), (20.25, 2), (-3.1, 4)
  expect(await one('REGR_COUNT(fee, days), REGR_AVGX(fee, days), REGR_AVGY(fee, days)')).toEqual([
    '3',
    '2.33333333333333333333333333333',
    '9.21666666666666666666666666667',
  ]);
  expect(await one('REGR_SXX(fee, days), REGR_SXY(fee, days), COVAR_POP(days, fee)')).toEqual([
    '4.66666666666666666666666666667',
    '-25.9166666666666666666666666667',
    '-8.63888888888888888888888888889',
  ]);
  expect(await one('REGR_SLOPE(fee, days), REGR_INTERCEPT(fee, days), SUM(fee * days)')).toEqual([
    '-5.55357142857142857142857142857',
    '22.175',
    '38.6',
  ]);
});

test('no variance: CORR and slope are NULL, R² is NULL for x and 1 for y', async () => {
  const both = 'WHERE bed = 1';
  expect(await one('CORR(fee, days), REGR_SLOPE(fee, days), REGR_R2(fee, days)', both)).toEqual([
    null,
    null,
    null,
  ]);
  expect(
    await one('REGR_R2(0 * days, days), CORR(0 * days, days), REGR_SLOPE(0 * days, days)'),
  ).toEqual(['1', null, '0']);
  expect(await one('CORR(days, days), CORR(-2 * days, days)')).toEqual(['1', '-1']);
});

test('an argument is expanded with exact coefficients, over the rows where all of it is there', async () => {
  expect(
    await one('SUM(days + fee), SUM((days + 1) * (fee - 0.5)), SUM(days / 3 - days / 3)'),
  ).toEqual(['34.65', '61.25', '0']);
  expect(await one('SUM(bed / 4), SUM(bed / 3), AVG(2 * bed * bed - 1)')).toEqual([
    '3.75',
    '5',
    '21',
  ]);
  expect(await one('SUM(days * 0), SUM(days * 0)', 'WHERE days IS NULL')).toEqual([null, null]);
});

test('equal terms are shared, and every sum has its count beside it', async () => {
  const made = await plan('SELECT AVG(days), SUM(days), VAR_SAMP(days), COUNT(days) FROM visits');
  expect(made.kind === 'aggregate' && made.terms).toEqual([
    { kind: 'count', over: ['days'] },
    { kind: 'sum', product: ['days'], over: ['days'] },
    { kind: 'sum', product: ['days', 'days'], over: ['days'] },
  ]);
  const cross = await plan('SELECT SUM(fee * days) FROM visits');
  expect(cross.kind === 'aggregate' && cross.terms).toEqual([
    { kind: 'count', over: ['days', 'fee'] },
    { kind: 'sum', product: ['days', 'fee'], over: ['days', 'fee'] },
  ]);
});

test('division is exact; by zero it is refused, but NULL comes first', async () => {
  expect(await one('SUM(bed) / COUNT(*), 7 / 2 * 2, 1 / 3 * 3')).toEqual(['3', '7', '1']);
  expect(await one('SUM(days) / 0', 'WHERE bed > 9')).toEqual([null]);
  expect(await refusal('SELECT 1 / COUNT(*) FROM visits WHERE bed > 9')).toMatchObject({
    code: 'DIVISION_BY_ZERO',
  });
  expect(await refusal('SELECT SUM(days) % 0 FROM visits')).toMatchObject({
    code: 'DIVISION_BY_ZERO',
  });
  expect(
    await rows('SELECT ward, 1 / (COUNT(*) - 1) FROM visits GROUP BY ward HAVING COUNT(*) > 1'),
  ).toEqual([
    ['A', '1'],
    ['B', '1'],
  ]);
});

test('ROUND, ABS and % follow PostgreSQL’s numeric', async () => {
  expect(await one('ROUND(AVG(fee), 1), ROUND(2.5), ROUND(-2.5), ROUND(SUM(bed), -1)')).toEqual([
    '8.9',
    '3',
    '-3',
    '20',
  ]);
  expect(await one('-7 % 3, 7 % -3, 7.5 % 2, ABS(-SUM(bed)), ROUND(1.5, NULL)')).toEqual([
    '-1',
    '1',
    '1.5',
    '15',
    null,
  ]);
  expect(
    await one('AVG(fee)::integer, SUM(fee)::numeric(10, 1), CAST(SUM(fee) AS numeric)'),
  ).toEqual(['9', '35.6', '35.6']);
});
