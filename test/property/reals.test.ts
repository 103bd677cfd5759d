import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { plainAnswer } from '../support/plain-twin.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';
import { apply, type Rows, step } from './steps.ts';

const SEED = 20_261_127;
/** `npm run test:slow` makes more than two hundred plans; each run is of one to four. */
const numRuns = process.env['OPALINE_EVERY_VECTOR'] === undefined ? 20 : 90;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

const schemaOf = (table: string): Schema =>
  parseSchema({
    version: 1,
    table,
    columns: {
      x: { type: 'real', nullable: true },
      y: { type: 'real', nullable: true },
      f: { type: 'integer', nullable: true },
      g: { type: 'text', nullable: true },
    },
  });

/** Of one magnitude, of all, or whole: a segment's fixed point follows the largest. */
const reals = fc.constantFrom<fc.Arbitrary<number>>(
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
  fc.oneof(
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  ),
  fc.integer({ min: -50, max: 50 }),
);
const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { freq: 8 });
const table = fc
  .tuple(reals, reals)
  .chain(([x, y]) =>
    fc.array(
      fc.tuple(
        nullable(x.map((value) => value + 0)),
        nullable(y.map((value) => value + 0)),
        nullable(fc.bigInt(0n, 5n)),
        nullable(fc.constantFrom('p', 'q', 'r')),
      ),
      { maxLength: 40 },
    ),
  ) as fc.Arbitrary<Value[][]>;

const question = fc.record({
  select: fc.constantFrom(
    'SUM(x), AVG(y), COUNT(x)',
    'SUM(x * y), SUM(x * f)',
    'SUM(0.25 * x - 1.75 * y)',
    'VAR_POP(x), COVAR_POP(x, y)',
    'AVG(x + y), COUNT(*)',
    'SUM(x * x)',
  ),
  where: fc.constantFrom(
    '',
    'f < 3',
    'NOT f = 2',
    "g = 'p' OR f > 4",
    'x > 0',
    'y IS NULL',
    '1 = 0',
  ),
  groupBy: fc.constantFrom('', '', 'g', 'f, g'),
});

/** Half a unit in the last place, which printing as a double costs either side. */
const printed = (value: number): number => Math.abs(value) * 2 ** -52 + 2 ** -1074;

test('statistics of reals are within their bound of the plain twin through every change', async () => {
  let number = 0;
  let plans = 0;
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.nat(40),
      fc.array(step, { maxLength: 3 }),
      fc.array(question, { minLength: 4, maxLength: 4 }),
      async (all, cut, steps, questions) => {
        const schema = schemaOf(`t${number++}`);
        let rows: Rows = all.slice(0, cut);
        await temp.vault.ingest(schema, objects(schema, rows));
        for (const [i, taken] of [undefined, ...steps].entries()) {
          if (taken !== undefined) rows = await apply(temp.vault, schema, taken, rows, all);
          const { select, where, groupBy } = questions[i]!;
          const filter = where === '' ? '' : ` WHERE ${where}`;
          const groups = groupBy === '' ? '' : ` GROUP BY ${groupBy} ORDER BY ${groupBy}`;
          const key = groupBy === '' ? '' : `${groupBy}, `;
          const sql = `SELECT ${key}${select} FROM ${schema.table}${filter}${groups}`;
          const { columns, rows: answer, stats } = await temp.vault.query(sql);
          const twin = await plainAnswer(schema, rows, sql);
          plans++;
          expect(columns).toEqual(twin.columns);
          expect(answer.length).toBe(twin.rows.length);
          answer.forEach((row, r) => {
            row.forEach((cell, c) => {
              const exact = twin.rows[r]![c]!;
              if (typeof cell !== 'number' || typeof exact !== 'number') {
                expect(cell).toEqual(exact);
                return;
              }
              const off = (stats.errors?.[c] ?? 0) + printed(exact) + printed(cell);
              expect(Math.abs(cell - exact)).toBeLessThanOrEqual(off);
            });
          });
        }
      },
    ),
    { seed: SEED, numRuns },
  );
  expect(plans).toBeGreaterThan(2 * numRuns);
}, 600_000);
