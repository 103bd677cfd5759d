import { expect, test } from 'vitest';
import { beds, plan, refusal } from '../visits.ts';

const filter = async (where: string): Promise<unknown> =>
  (await plan(`SELECT bed FROM visits WHERE ${where}`)).filter;

test('bounds that a scale cannot hold move to the nearest that it can', async () => {
  const range = (ends: object): object => ({ kind: 'range', column: 'fee', ...ends });
  const at = (value: bigint): object => ({ value, inclusive: true });
  expect(await filter('fee < 7.955')).toEqual(range({ high: at(795n) }));
  expect(await filter('fee <= 7.955')).toEqual(range({ high: at(795n) }));
  expect(await filter('fee > 7.955')).toEqual(range({ low: at(796n) }));
  expect(await filter('fee >= 7.955')).toEqual(range({ low: at(796n) }));
  expect(await filter('fee < 7.95')).toEqual(range({ high: at(794n) }));
  expect(await filter('-7.955 < fee')).toEqual(range({ low: at(-795n) }));
  expect(await filter('fee BETWEEN 1.001 AND 2.009')).toEqual(
    range({ low: at(101n), high: at(200n) }),
  );
  expect(await filter('fee = 7.95000')).toEqual({ kind: 'equals', column: 'fee', value: 795n });
});

test('equality with a value that the scale cannot hold is false, and unknown of NULL', async () => {
  expect(await beds('fee = 7.955')).toEqual([]);
  expect(await beds('NOT fee = 7.955')).toEqual([1, 2, 3, 4]);
  expect(await beds('fee <> 7.955')).toEqual([1, 2, 3, 4]);
  expect(await beds('(fee = 7.955) IS UNKNOWN')).toEqual([5]);
  expect(await beds('days = 1.5 OR bed = 5')).toEqual([5]);
});

test('literals may stand on either side, and be computed', async () => {
  expect(await beds('2 < bed')).toEqual([3, 4, 5]);
  expect(await beds('bed = 10 / 4 * 2')).toEqual([5]);
  expect(await beds('bed = 7 % 4 + -1')).toEqual([2]);
  expect(await beds('bed = ROUND(2.5)')).toEqual([3]);
  expect(await refusal('SELECT bed FROM visits WHERE bed = 1 / 0')).toMatchObject({
    code: 'DIVISION_BY_ZERO',
  });
});

test('arithmetic on one column is solved for it', async () => {
  expect(await filter('2 * bed + 1 < 8')).toEqual(await filter('bed < 3.5'));
  expect(await filter('-bed < -3')).toEqual(await filter('bed > 3'));
  expect(await filter('10 >= (bed - 1) / -2')).toEqual(await filter('bed >= -19'));
  expect(await beds('bed + bed = 6')).toEqual([3]);
});

test('NULL is unknown in comparisons, IN and NOT IN', async () => {
  expect(await beds('days <> 1')).toEqual([2, 3, 5]);
  expect(await beds('days = NULL')).toEqual([]);
  expect(await beds('NOT (days = NULL)')).toEqual([]);
  expect(await beds('days IN (1, NULL)')).toEqual([1]);
  expect(await beds('days NOT IN (1, NULL)')).toEqual([]);
  expect(await beds('days NOT IN (1, 2)')).toEqual([3, 5]);
  expect(await beds('days IS NULL')).toEqual([4]);
  expect(await beds('days IS NOT NULL AND fee IS NULL')).toEqual([5]);
  expect(await beds('days BETWEEN NULL AND 2')).toEqual([]);
  expect(await beds('NOT (days BETWEEN NULL AND 2)')).toEqual([3, 5]);
  expect(await beds('days > 3 OR NULL')).toEqual([3, 5]);
  expect(await beds('days + fee IS NULL')).toEqual([4, 5]);
});

test('BETWEEN is inclusive, and empty where the bounds are exchanged', async () => {
  expect(await beds('bed BETWEEN 2 AND 4')).toEqual([2, 3, 4]);
  expect(await beds('bed NOT BETWEEN 2 AND 4')).toEqual([1, 5]);
  expect(await beds('bed BETWEEN 4 AND 2')).toEqual([]);
  expect(await beds('bed NOT BETWEEN 4 AND 2')).toEqual([1, 2, 3, 4, 5]);
});

test('boolean columns stand alone, compare and are tested', async () => {
  expect(await beds('urgent')).toEqual([1, 3]);
  expect(await beds('NOT urgent')).toEqual([2, 5]);
  expect(await beds("urgent = 'no'")).toEqual([2, 5]);
  expect(await beds('urgent > FALSE')).toEqual([1, 3]);
  expect(await beds('urgent >= FALSE')).toEqual([1, 2, 3, 5]);
  expect(await beds('urgent IS NOT TRUE')).toEqual([2, 4, 5]);
  expect(await beds('urgent IS UNKNOWN')).toEqual([4]);
  expect(await beds('(days > 1 AND urgent) IS NOT FALSE')).toEqual([3, 4]);
  expect(await beds('urgent IS DISTINCT FROM TRUE')).toEqual([2, 4, 5]);
  expect(await beds('days IS NOT DISTINCT FROM NULL')).toEqual([4]);
});

test('dates and timestamps meet: a date is its midnight', async () => {
  expect(await beds("born = '1990-05-01'")).toEqual([1, 5]);
  expect(await beds("born < DATE '1990-01-01'")).toEqual([2]);
  expect(await beds("seen >= '2024-01-02'")).toEqual([2, 3]);
  expect(await beds("seen < DATE '2024-01-02'")).toEqual([1, 5]);
  expect(await beds("seen = '2024-01-01 08:30'::timestamp")).toEqual([1]);
  expect(await beds("born >= TIMESTAMP '1990-05-01 00:00:01'")).toEqual([4]);
  expect(await beds("born <= CAST('1990-05-01 12:00' AS timestamp)")).toEqual([1, 2, 5]);
  expect(await beds("seen >= TIMESTAMP '2024-01-02 10:00'::date")).toEqual([2, 3]);
});

test('text is compared by code point, exclusive ends kept', async () => {
  expect(await filter("ward > 'A'")).toEqual({
    kind: 'range',
    column: 'ward',
    low: { value: 'A', inclusive: false },
  });
  expect(await beds("ward > 'A'")).toEqual([3, 4]);
  expect(await beds("ward <= 'A'")).toEqual([1, 2]);
  expect(await beds("ward IN ('B', 'C')")).toEqual([3, 4]);
});

test('real columns compare with the nearest double', async () => {
  expect(await beds('score = 0.1')).toEqual([5]);
  expect(await beds('score < 0.5')).toEqual([3, 5]);
  expect(await beds('score >= 1e-1')).toEqual([1, 2, 5]);
  expect(await beds('score < 1e400')).toEqual([1, 2, 3, 5]);
  expect(await beds('score > 1e400')).toEqual([]);
  expect(await beds('NOT score = 1e400')).toEqual([1, 2, 3, 5]);
});

test('conditions without a column are decided when the query is planned', async () => {
  expect(await filter('1 < 2 AND NULL IS NULL')).toEqual({ kind: 'constant', value: true });
  expect(await filter("'b' < 'a'")).toEqual({ kind: 'constant', value: false });
  expect(await filter('NULL = 1')).toEqual({ kind: 'constant', value: null });
  expect(await filter("NOT 'true'")).toEqual({ kind: 'constant', value: false });
});
