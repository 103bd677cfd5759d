import { expect, test } from 'vitest';
import type { Parameter } from '../../../../src/plan/parameter.ts';
import { beds, refusal, rows } from '../visits.ts';

test('text takes the type that it meets, like a quoted literal', async () => {
  expect(await beds('bed BETWEEN $1 AND $2', '2', ' 3 ')).toEqual([2, 3]);
  expect(await beds('fee > $1', '7.955')).toEqual([1, 2]);
  expect(await beds('ward = $1', 'B')).toEqual([3, 4]);
  expect(await beds('urgent = $1', 'yes')).toEqual([1, 3]);
  expect(await beds('born = $1', '1990-05-01')).toEqual([1, 5]);
  expect(await beds('score = $1', '1.5')).toEqual([2]);
  expect(await beds('ward = $1', '5')).toEqual([]);
  expect(await rows('SELECT SUM(bed * $1) + $2 FROM visits LIMIT $3', '2', '0.5', '1')).toEqual([
    ['30.5'],
  ]);
  expect(await rows('SELECT $1 FROM visits LIMIT 1', '007')).toEqual([['007']]);
});

test('values of other types keep theirs', async () => {
  expect(await beds('bed = $1', 3)).toEqual([3]);
  expect(await beds('bed < $1', 2.5)).toEqual([1, 2]);
  expect(await beds('fee = $1', 7.95)).toEqual([4]);
  expect(await beds('bed = $1', 3n)).toEqual([3]);
  expect(await beds('urgent = $1', true)).toEqual([1, 3]);
  expect(await beds('days = $1', null)).toEqual([]);
  expect(await beds('days IS NOT DISTINCT FROM $1', null)).toEqual([4]);
  expect(await beds('seen = $1', new Date('2024-01-01T08:30:00Z'))).toEqual([1]);
  expect(await beds('born = $1', new Date('1990-05-01T00:00:00Z'))).toEqual([1, 5]);
  expect(await beds('$1', false)).toEqual([]);
});

test('one parameter may serve twice, each time with the type that it meets there', async () => {
  expect(await beds('bed = $1 OR fee > $1', '20')).toEqual([2]);
});

test.each<[string, Parameter]>([
  ['bed = $1', 'four'],
  ['bed = $1', true],
  ['bed = $1', Number.NaN],
  ['bed = $1', Infinity],
  ['ward = $1', 5],
  ['ward = $1', '\ud800'],
  ['born = $1', 'yesterday'],
  ['seen = $1', new Date(Number.NaN)],
  ['urgent = $1', 'maybe'],
])('%s with a parameter of another type', async (where, parameter) => {
  const error = await refusal(`SELECT bed FROM visits WHERE ${where}`, parameter);
  expect(error.code).toBe('TYPE_MISMATCH');
  expect(error.message).not.toMatch(/four|yesterday|maybe/);
});

test('every $n must be given and every one given used', async () => {
  const sql = 'SELECT bed FROM visits WHERE bed > $1 AND bed < $3';
  expect(await refusal(sql, 1, 2)).toMatchObject({
    code: 'PARAMETER_MISSING',
    details: { parameter: 3, given: 2 },
  });
  expect(await refusal(sql, 1, 2, 3)).toMatchObject({
    code: 'PARAMETER_UNUSED',
    details: { given: 3, used: 2 },
  });
  expect(await refusal('SELECT bed FROM visits', 1)).toMatchObject({ code: 'PARAMETER_UNUSED' });
  expect(await refusal('SELECT $0 FROM visits')).toMatchObject({ code: 'PARAMETER_MISSING' });
});
