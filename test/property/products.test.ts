import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finishAggregate } from '../../src/plan/finish.ts';
import { interpretAggregate } from '../../src/plan/interpret.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import type { ResultTable } from '../../src/plan/result.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';
import { apply, type Rows, step } from './steps.ts';

const SEED = 20_261_125;
/** `npm run test:slow` makes more than two hundred plans; each run is of one to four. */
const numRuns = process.env['OPALINE_EVERY_VECTOR'] === undefined ? 20 : 90;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

/** No pair is declared: the store multiplies columns. */
const schemaOf = (table: string): Schema =>
  parseSchema({
    version: 1,
    table,
    columns: {
      x: { type: 'integer', nullable: true },
      y: { type: 'decimal', scale: 2, nullable: true },
      f: { type: 'integer', nullable: true },
      g: { type: 'text', nullable: true },
    },
    undeclared: 'product',
  });

/** Around the sizes at which a column is split, and far beyond. */
const edges = [18, 20, 36, 62].flatMap((bits) => {
  const edge = 1n << BigInt(bits);
  return [edge - 1n, edge, edge + 1n, -edge, 1n - edge];
});
const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { freq: 6 });
const number = (large: boolean): fc.Arbitrary<bigint> =>
  large
    ? fc.oneof(fc.bigInt(-1000n, 1000n), fc.constantFrom(...edges))
    : fc.bigInt(-100_000n, 100_000n);
const rowsOf = (large: boolean): fc.Arbitrary<Value[][]> =>
  fc.array(
    fc.tuple(
      nullable(number(large)),
      nullable(number(large)),
      nullable(fc.bigInt(0n, 5n)),
      nullable(fc.constantFrom('p', 'q', 'r')),
    ),
    { maxLength: 40 },
  );

const question = fc.record({
  select: fc.constantFrom(
    'SUM(x * y)',
    'SUM(x * y), SUM(x * f), SUM(y * f), COUNT(*)',
    'COVAR_POP(x, y), COVAR_SAMP(y, f)',
    'CORR(x, y)',
    'REGR_SLOPE(y, x), REGR_INTERCEPT(y, x), REGR_R2(y, x), REGR_SXY(y, x)',
    'AVG((x + 1) * (y - 2.5)), VAR_POP(x - y)',
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

async function twin(schema: Schema, rows: Rows, sql: string): Promise<ResultTable> {
  const plan = await planQuery(sql, [], { schemas: new Map([[schema.table, schema]]) });
  if (plan.kind !== 'aggregate') throw new Error('not an aggregate');
  return finishAggregate(plan, schema, interpretAggregate(plan, schema, rows));
}

test('products that the store multiplies agree with the plain twin through every change', async () => {
  let number = 0;
  let plans = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.boolean().chain(rowsOf),
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
          const groups = groupBy === '' ? '' : ` GROUP BY ${groupBy}`;
          const sql = `SELECT ${select} FROM ${schema.table}${filter}${groups}`;
          const { columns, rows: answer } = await temp.vault.query(sql);
          expect({ columns, rows: answer }).toEqual(await twin(schema, rows, sql));
          plans++;
        }
      },
    ),
    { seed: SEED, numRuns },
  );
  expect(plans).toBeGreaterThan(2 * numRuns);
}, 600_000);
