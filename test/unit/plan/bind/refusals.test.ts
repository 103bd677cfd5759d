import { describe, expect, test } from 'vitest';
import { planQuery } from '../../../../src/plan/plan-query.ts';
import { parseSchema, schemaToJson } from '../../../../src/table/schema-json.ts';
import { plan, refusal, SCHEMA } from '../visits.ts';

const FROM = 'FROM visits';

test.each([
  [`SELECT HISTOGRAM(score, 4) ${FROM}`, 'HISTOGRAM on a column of type real'],
  [`SELECT bed ${FROM} WHERE score + 1 > 2`, 'arithmetic on a column of type real in WHERE'],
])('%s: a later version', async (sql, feature) => {
  expect(await refusal(sql)).toMatchObject({ code: 'NOT_YET_AVAILABLE', details: { feature } });
});

test.each([
  ['DELETE FROM visits WHERE bed = 1', 'DELETE in a query'],
  [`SELECT DISTINCT ward ${FROM}`, 'SELECT DISTINCT'],
  [`SELECT 1 ${FROM} a JOIN visits b ON TRUE`, 'a join'],
  [`SELECT 1 ${FROM}, visits v`, 'a join'],
  [`SELECT 1 ${FROM} WHERE bed = (SELECT 1)`, 'a subquery'],
  [`SELECT 1 ${FROM} WHERE bed IN (SELECT bed ${FROM})`, 'a subquery'],
  [`SELECT 1 ${FROM} WHERE EXISTS (SELECT 1)`, 'a subquery'],
  [`SELECT 1 FROM (SELECT 1) AS x`, 'a subquery'],
  [`WITH v AS (SELECT 1) SELECT 1 ${FROM}`, 'WITH'],
  [`SELECT 1 ${FROM} UNION SELECT 2 ${FROM}`, 'UNION, INTERSECT and EXCEPT'],
  [`SELECT SUM(days) OVER () ${FROM}`, 'a window function (OVER)'],
  [`SELECT bed, SUM(days) OVER (PARTITION BY ward) ${FROM}`, 'a window function (OVER)'],
  [`SELECT SUM(days) FILTER (WHERE bed > 1) ${FROM}`, 'FILTER'],
  [`SELECT SUM(DISTINCT days) ${FROM}`, 'DISTINCT in SUM'],
  [`SELECT SUM(days ORDER BY bed) ${FROM}`, 'ORDER BY in SUM'],
  [`SELECT MEDIAN(DISTINCT days) ${FROM}`, 'DISTINCT in MEDIAN'],
  [`SELECT SUM(days) WITHIN GROUP (ORDER BY bed) ${FROM}`, 'WITHIN GROUP of SUM'],
  [`SELECT MIN(days * days) ${FROM}`, 'MIN of this expression'],
  [`SELECT COUNT(DISTINCT days + bed) ${FROM}`, 'COUNT(DISTINCT) of this expression'],
  [`SELECT QUANTILE(days, bed) ${FROM}`, 'QUANTILE at a computed fraction'],
  [`SELECT HISTOGRAM(2 * days, 4) ${FROM}`, 'HISTOGRAM of an expression'],
  [
    `SELECT PERCENTILE_DISC(0.1) WITHIN GROUP (ORDER BY days DESC) ${FROM}`,
    'PERCENTILE_DISC … ORDER BY … DESC',
  ],
  [`SELECT COUNT(*) ${FROM} GROUP BY ROLLUP (ward)`, 'GROUPING SETS, ROLLUP and CUBE'],
  [`SELECT COUNT(*) ${FROM} GROUP BY days % 2`, 'GROUP BY an expression'],
  [`SELECT CASE WHEN bed > 1 THEN 1 END ${FROM}`, 'CASE'],
  [`SELECT COALESCE(SUM(days), 0) ${FROM}`, 'COALESCE'],
  [`SELECT NULLIF(SUM(days), 0) ${FROM}`, 'NULLIF'],
  [`SELECT GREATEST(SUM(days), 0) ${FROM}`, 'GREATEST and LEAST'],
  [`SELECT UPPER(ward) ${FROM}`, 'the function upper'],
  [`SELECT ward || 'x' ${FROM}`, 'the operator ||'],
  [`SELECT bed ${FROM} WHERE bed BETWEEN SYMMETRIC 3 AND 1`, 'BETWEEN SYMMETRIC'],
  [`SELECT bed ${FROM} WHERE ward SIMILAR TO 'A'`, 'SIMILAR TO'],
  [`SELECT bed ${FROM} WHERE ward ~ 'A'`, 'the operator ~'],
  [`SELECT bed ${FROM} WHERE bed = ANY (ARRAY[1])`, 'ANY and ALL over an array'],
  [`SELECT bed ${FROM} WHERE (bed, days) = (1, 2)`, 'a row value'],
  [`SELECT bed ${FROM} WHERE (bed > 1) = TRUE`, 'a comparison of conditions'],
  [`SELECT bed ${FROM} WHERE ABS(bed) > 1`, 'the function abs in WHERE'],
  [`SELECT bed ${FROM} WHERE bed = days`, 'a comparison of two columns'],
  [`SELECT bed ${FROM} WHERE days * days > 4`, 'this arithmetic in WHERE'],
  [`SELECT bed ${FROM} WHERE seen::date = '2024-01-01'`, 'a cast of a column in WHERE'],
  [`SELECT bed ${FROM} WHERE born = CURRENT_DATE`, 'CURRENT_DATE and its like'],
  [`SELECT bed ${FROM} WHERE ward COLLATE "C" = 'A'`, 'COLLATE'],
  [`SELECT SUM(days)::float8 ${FROM}`, 'a cast to float8'],
  [`SELECT SUM(ABS(days)) ${FROM}`, 'SUM of this expression'],
  [`SELECT SUM(days * days * fee) ${FROM}`, 'SUM of a product of more than two columns'],
  [`SELECT SUM(fee / days) ${FROM}`, 'SUM of a quotient by a column'],
  [`SELECT VAR_POP(days * days) ${FROM}`, 'VAR_POP of a product of more than two columns'],
  [`SELECT ROUND(AVG(fee), COUNT(*)) ${FROM}`, 'ROUND to a computed number of places'],
  ['SELECT 1', 'a query without FROM'],
  [`SELECT ${FROM}`, 'an empty select list'],
  [`SELECT 1 ${FROM}; SELECT 2 ${FROM}`, 'more than one statement'],
  ['INSERT INTO visits VALUES (1)', 'INSERT'],
  ['CREATE TABLE x (a int)', 'CREATE'],
  ['VALUES (1)', 'VALUES'],
  [`SELECT bed INTO x ${FROM}`, 'SELECT INTO'],
  [`SELECT bed ${FROM} FOR UPDATE`, 'FOR UPDATE and FOR SHARE'],
  [`SELECT bed ${FROM} ORDER BY bed FETCH FIRST 1 ROW WITH TIES`, 'WITH TIES'],
  [`SELECT bed ${FROM} TABLESAMPLE SYSTEM (1)`, 'TABLESAMPLE'],
  ['SELECT 1 FROM generate_series(1, 2)', 'a function in FROM'],
  ['SELECT 1 FROM audit.visits', 'a table name with a schema'],
])('%s', async (sql, feature) => {
  expect(await refusal(sql)).toMatchObject({ code: 'SQL_UNSUPPORTED', details: { feature } });
});

test.each([
  [`SELECT bed, COUNT(*) ${FROM}`, /"bed" must appear in GROUP BY/],
  [`SELECT ward ${FROM} GROUP BY ward HAVING bed > 1`, /"bed" must appear in GROUP BY/],
  [`SELECT COUNT(*) ${FROM} ORDER BY bed`, /"bed" must appear in GROUP BY/],
  [`SELECT * ${FROM} GROUP BY ward`, /"days" must appear in GROUP BY/],
  [`SELECT SUM(COUNT(*)) ${FROM}`, /cannot be nested/],
  [`SELECT SUM(days + SUM(days)) ${FROM}`, /cannot be nested/],
  [`SELECT bed ${FROM} WHERE SUM(days) > 1`, /not allowed in WHERE/],
  [`SELECT bed ${FROM} WHERE COUNT(*) > 1`, /not allowed in WHERE/],
  [`SELECT COUNT(*) AS n ${FROM} GROUP BY n`, /not allowed in GROUP BY/],
  [`SELECT bed ${FROM} LIMIT COUNT(*)`, /not allowed in LIMIT/],
  [`SELECT bed ${FROM} LIMIT bed`, /must not contain columns/],
  [`SELECT bed ${FROM} LIMIT -1`, /must not be negative/],
  [`SELECT bed ${FROM} ORDER BY 2`, /ORDER BY position 2 is not in the select list/],
  [`SELECT COUNT(*) ${FROM} GROUP BY 0`, /GROUP BY position 0 is not in the select list/],
  [`SELECT bed ${FROM} ORDER BY 'bed'`, /non-integer constant in ORDER BY/],
  [`SELECT bed AS x, days AS x ${FROM} ORDER BY x`, /ORDER BY "x" is ambiguous/],
  [`SELECT SUM() ${FROM}`, /SUM takes one argument, not 0/],
  [`SELECT MIN(days, bed) ${FROM}`, /MIN takes one argument, not 2/],
  [`SELECT PERCENTILE_CONT(0.5) ${FROM}`, /PERCENTILE_CONT needs WITHIN GROUP/],
  [`SELECT MAX(MIN(days)) ${FROM}`, /cannot be nested/],
  [`SELECT bed ${FROM} WHERE MIN(days) > 1`, /not allowed in WHERE/],
  [`SELECT CORR(days) ${FROM}`, /CORR takes two arguments, not 1/],
  [`SELECT SUM(*) ${FROM}`, /SUM\(\*\) does not exist/],
  [' -- nothing', /there is no statement/],
])('%s breaks a rule of SQL', async (sql, reason) => {
  expect(await refusal(sql)).toMatchObject({
    code: 'SQL_SYNTAX',
    details: { reason: expect.stringMatching(reason) },
  });
});

test.each([
  `SELECT SUM(ward) ${FROM}`,
  `SELECT MEDIAN(ward) ${FROM}`,
  `SELECT QUANTILE(born, 0.5) ${FROM}`,
  `SELECT QUANTILE(days, 1.5) ${FROM}`,
  `SELECT QUANTILE(days, -0.1) ${FROM}`,
  `SELECT HISTOGRAM(ward, 3) ${FROM}`,
  `SELECT HISTOGRAM(days, 0) ${FROM}`,
  `SELECT HISTOGRAM(days, 1001) ${FROM}`,
  `SELECT HISTOGRAM(days, 2.5) ${FROM}`,
  `SELECT AVG(born) ${FROM}`,
  `SELECT SUM(urgent) ${FROM}`,
  `SELECT CORR(days, ward) ${FROM}`,
  `SELECT ward + 1 ${FROM}`,
  `SELECT ABS(ward) ${FROM}`,
  `SELECT bed ${FROM} WHERE ward = 5`,
  `SELECT bed ${FROM} WHERE days = 'four'`,
  `SELECT bed ${FROM} WHERE days = TRUE`,
  `SELECT bed ${FROM} WHERE urgent = 1`,
  `SELECT bed ${FROM} WHERE born = 'yesterday'`,
  `SELECT bed ${FROM} WHERE born = 20240101`,
  `SELECT bed ${FROM} WHERE days`,
  `SELECT bed ${FROM} WHERE days + 1`,
  `SELECT bed ${FROM} WHERE 1`,
  `SELECT bed ${FROM} WHERE ward AND urgent`,
  `SELECT COUNT(*) ${FROM} HAVING COUNT(*)`,
  `SELECT COUNT(*) ${FROM} HAVING COUNT(*) = TRUE`,
  `SELECT bed ${FROM} LIMIT 1.5`,
  `SELECT ROUND(AVG(fee), 0.5) ${FROM}`,
])('%s: types do not meet', async (sql) => {
  const error = await refusal(sql);
  expect(error.code).toBe('TYPE_MISMATCH');
  expect(error.message).not.toMatch(/four|yesterday|20240101/);
});

describe('an undeclared product', () => {
  const PRODUCTS = [
    `SELECT SUM(bed * days) ${FROM}`,
    `SELECT CORR(days, bed) ${FROM}`,
    `SELECT VAR_SAMP(bed + days) ${FROM}`,
    `SELECT REGR_SLOPE(bed, days) ${FROM}`,
  ];
  /** As `visits`, with the pairs alone that are declared. */
  const strict = parseSchema({
    ...(schemaToJson(SCHEMA) as object),
    undeclared: 'none',
  });
  const planStrict = (sql: string): Promise<unknown> =>
    planQuery(sql, [], { schemas: new Map([['visits', strict]]) });

  test('of few numeric columns is stored all the same', async () => {
    for (const sql of PRODUCTS) await expect(plan(sql)).resolves.toBeDefined();
  });

  test('of a table that has none names the pair to declare', async () => {
    for (const sql of PRODUCTS) {
      await expect(planStrict(sql)).rejects.toMatchObject({
        code: 'CAPABILITY_MISSING',
        message: expect.stringContaining('"pairs": [["days","bed"]]') as string,
      });
    }
    await expect(planStrict(`SELECT SUM(days * fee) ${FROM}`)).resolves.toBeDefined();
  });

  test('is not asked for by forms that need none', async () => {
    for (const name of ['REGR_COUNT', 'REGR_AVGX', 'REGR_AVGY', 'REGR_SXX', 'REGR_SYY']) {
      await expect(planStrict(`SELECT ${name}(bed, days) ${FROM}`)).resolves.toBeDefined();
    }
    const sql = `SELECT COUNT(bed * days), SUM(bed + days) ${FROM}`;
    await expect(planStrict(sql)).resolves.toBeDefined();
  });
});

test('a document column answers only whether it is NULL', async () => {
  for (const sql of [
    `SELECT bed ${FROM} WHERE notes = 'tall'`,
    `SELECT bed ${FROM} WHERE notes IN ('tall')`,
    `SELECT COUNT(*) ${FROM} GROUP BY notes`,
    `SELECT MIN(notes) ${FROM}`,
    `SELECT COUNT(DISTINCT notes) ${FROM}`,
  ]) {
    expect(await refusal(sql)).toMatchObject({ code: 'CAPABILITY_MISSING' });
  }
  await expect(plan(`SELECT notes ${FROM} WHERE notes IS NOT NULL`)).resolves.toBeDefined();
});
