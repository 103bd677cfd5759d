import { expect, test } from 'vitest';
import { rows } from '../visits.ts';

const one = async (list: string, rest = ''): Promise<unknown[]> =>
  (await rows(`SELECT ${list} FROM visits ${rest}`))[0]!;

test('MIN and MAX of every type; NULL is no value', async () => {
  expect(await one('MIN(days), MAX(days), MIN(fee), MAX(ward), MIN(urgent)')).toEqual([
    '1',
    '7',
    '-3.1',
    'B',
    false,
  ]);
  expect(await one('MIN(born), MAX(seen), MIN(score), MIN(DISTINCT days)')).toEqual([
    '1985-12-31',
    '2024-01-02 23:59:59.999999',
    -2,
    '1',
  ]);
  expect(await one('MIN(3 - 2 * days), MAX(fee / 2 + 1), MIN(NULL), MIN(5)')).toEqual([
    '-11',
    '11.125',
    null,
    '5',
  ]);
});

test('quantiles lie between values; PERCENTILE_DISC is one', async () => {
  // days: 1, 2, 4, 7
  expect(await one('MEDIAN(days), QUANTILE(days, 0.1), QUANTILE(days, 1), MEDIAN(-days)')).toEqual([
    '3',
    '1.3',
    '7',
    '-3',
  ]);
  const within = (call: string, order: string): string =>
    `${call} WITHIN GROUP (ORDER BY ${order})`;
  expect(
    await one(
      [
        within('PERCENTILE_CONT(0.25)', 'days'),
        within('PERCENTILE_CONT(0.25)', 'days DESC'),
        within('PERCENTILE_DISC(0.5)', 'days'),
        within('PERCENTILE_DISC(0.51)', 'days'),
        within('PERCENTILE_DISC(0.5)', 'ward'),
      ].join(', '),
    ),
  ).toEqual(['1.75', '4.75', '2', '4', 'A']);
});

test('HISTOGRAM cuts the span from the least to the greatest value into equal parts', async () => {
  expect(await one('HISTOGRAM(days, 3), HISTOGRAM(fee, 1)')).toEqual([
    '[{"low":1,"high":3,"count":2},{"low":3,"high":5,"count":1},{"low":5,"high":7,"count":1}]',
    '[{"low":-3.1,"high":20.25,"count":4}]',
  ]);
  expect(await one('HISTOGRAM(days, 9)', 'WHERE bed = 1')).toEqual([
    '[{"low":1,"high":1,"count":1}]',
  ]);
});

test('COUNT(DISTINCT) counts values, and no row has none of anything', async () => {
  expect(await one('COUNT(DISTINCT ward), COUNT(DISTINCT born), COUNT(DISTINCT 7)')).toEqual([
    '2',
    '3',
    '1',
  ]);
  const list = 'COUNT(DISTINCT ward), MIN(ward), MEDIAN(days), HISTOGRAM(days, 2)';
  expect(await one(list, 'WHERE bed > 9')).toEqual(['0', null, null, null]);
});
