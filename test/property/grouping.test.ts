import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GroupingEstimate } from '../../src/client/api.ts';
import { DELTA_ROWS } from '../../src/table/manifest.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { plainAnswer } from '../support/plain-twin.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';

/** Every way to make groups against the plain twin, whatever was appended, deleted, erased and compacted. */
const SEED = 20_261_124;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

type Row = readonly Value[];

interface Case {
  readonly way: GroupingEstimate['way'];
  /** Of the column g; h has few values, x and y are numbers, x is NULL now and then. */
  readonly groups: number;
  readonly schema: object;
  readonly rows: number;
  readonly queries: readonly string[];
}

const ALWAYS = [
  'SELECT g, COUNT(*), COUNT(x), SUM(x), AVG(y) FROM t GROUP BY g ORDER BY g',
  'SELECT g, SUM(y), COUNT(*) FROM t WHERE y > 0 GROUP BY g HAVING COUNT(x) > 0',
  'SELECT g, VAR_SAMP(x), REGR_SLOPE(y, x) FROM t WHERE x IS NOT NULL OR h = 1 GROUP BY g ORDER BY 2, 1',
  'SELECT g, COVAR_POP(x, y), COUNT(h) FROM t GROUP BY g ORDER BY COUNT(*), g LIMIT 3',
  'SELECT h, g, COUNT(*), SUM(x) FROM t WHERE h <= 1 OR h IS NULL GROUP BY g, h',
  'SELECT COUNT(*), SUM(x) FROM t WHERE y < 0 GROUP BY h, g ORDER BY 1, 2',
  'SELECT g, SUM(x) FROM t WHERE y > 5 AND y < 5 GROUP BY g',
];

const CASES: readonly Case[] = [
  {
    way: 'private',
    groups: 4,
    schema: {
      groupBy: {
        g: {
          oblivious: [
            ['x', 'x'],
            ['y', 'y'],
            ['x', 'y'],
          ],
        },
      },
    },
    rows: 30,
    queries: ALWAYS,
  },
  { way: 'masks', groups: 4, schema: {}, rows: 30, queries: ALWAYS },
  {
    way: 'clustered',
    groups: 4,
    schema: { layout: { clustered: 'g' } },
    rows: 30,
    queries: ALWAYS,
  },
  { way: 'vault', groups: 600, schema: {}, rows: 1800, queries: ALWAYS },
];

const numbers = fc.oneof(
  fc.array(fc.bigInt(-31n, 31n), { minLength: 1, maxLength: 5 }),
  fc.array(fc.bigInt(-5000n, 5000n), { minLength: 1, maxLength: 5 }),
  fc.constant<bigint[]>([0n, 2n ** 53n - 1n, 1n - 2n ** 53n]),
  fc.constant<bigint[]>([1n, 2n ** 70n, -(2n ** 70n)]),
  fc.constant<bigint[]>([0n]),
);
const STEPS = ['append', 'delete', 'erase', 'compact'] as const;

const runs = fc.record({
  x: numbers,
  y: numbers,
  seed: fc.nat(2 ** 30),
  nulls: fc.integer({ min: 2, max: 6 }),
  steps: fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 3 }),
});

function schemaOf(table: string, { schema }: Case): Schema {
  return parseSchema({
    version: 1,
    table,
    columns: {
      g: { type: 'integer', nullable: true },
      h: { type: 'integer', nullable: true },
      x: { type: 'integer', nullable: true },
      y: { type: 'integer' },
    },
    pairs: [['x', 'y']],
    ...schema,
  });
}

/** Rows of which every column looks random and every value of g is there. */
function rowsOf(
  { groups }: Case,
  run: { x: bigint[]; y: bigint[]; seed: number; nulls: number },
  count: number,
  from = 0,
): Row[] {
  const mix = (i: number, salt: number): number =>
    Math.imul(Math.imul(i + salt, 2_654_435_761) ^ run.seed, 40_503) >>> 8;
  return Array.from({ length: count }, (_, k) => {
    const i = from + k;
    const orNull = (value: bigint, salt: number): Value =>
      mix(i, salt) % run.nulls === 0 ? null : value;
    return [
      orNull(BigInt(i % groups), 11),
      orNull(BigInt(mix(i, 2) % 3), 13),
      orNull(run.x[mix(i, 3) % run.x.length]!, 17),
      run.y[mix(i, 5) % run.y.length]!,
    ];
  });
}

async function answersAgree(
  schema: Schema,
  rows: readonly Row[],
  { queries, way }: Case,
): Promise<void> {
  for (const query of queries) {
    const sql = query.replace('FROM t', `FROM ${schema.table}`);
    const { columns, rows: answer } = await temp.vault.query(sql);
    expect({ columns, rows: answer }, sql).toEqual(await plainAnswer(schema, rows, sql));
  }
  const { groupings } = await temp.vault.explain(
    queries[0]!.replace('FROM t', `FROM ${schema.table}`),
  );
  expect(groupings.find(({ chosen }) => chosen)?.way).toBe(way);
}

let number = 0;
test.each(CASES)(
  '$way: answers agree with the plain twin',
  async (one) => {
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const schema = schemaOf(`t${number++}`, one);
        const { vault } = temp;
        let rows: readonly Row[] = rowsOf(one, run, one.rows);
        await vault.ingest(schema, objects(schema, rows));
        for (const step of run.steps) {
          if (step === 'append') {
            const more = rowsOf(one, run, 7, rows.length);
            await vault.ingest(schema, objects(schema, more), { append: true });
            rows = [...rows, ...more];
          } else if (step === 'compact') {
            await vault.compact(schema.table);
          } else {
            const h = BigInt(run.seed % 3);
            const sql = `DELETE FROM ${schema.table} WHERE h = ${h}`;
            await vault.delete(sql, [], { erase: step === 'erase' });
            rows = rows.filter((row) => row[1] !== h);
          }
          await answersAgree(schema, rows, one);
        }
      }),
      { seed: SEED, numRuns: one.way === 'masks' || one.way === 'clustered' ? 3 : 6 },
    );
  },
  300_000,
);

test.each(CASES)(
  '$way: several segments, some with other values than the others',
  async (one) => {
    const run = { x: [3n, -40n, 2n ** 40n], y: [1n, 2n], seed: 7, nulls: 5 };
    const schema = schemaOf(`t${number++}`, one);
    const { vault } = temp;
    const first = rowsOf(one, run, DELTA_ROWS + 3000);
    const shifted = rowsOf({ ...one, groups: one.groups - 1 }, run, DELTA_ROWS + 1, 9000).map(
      ([g, ...rest]) => [g === null || g === undefined ? null : (g as bigint) + 1n, ...rest],
    );
    const few = rowsOf(one, run, 50, 20_000);
    await vault.ingest(schema, objects(schema, first));
    await vault.ingest(schema, objects(schema, shifted), { append: true });
    await vault.ingest(schema, objects(schema, few), { append: true });
    expect((await vault.tables()).find(({ table }) => table === schema.table)).toMatchObject({
      segments: 2,
      deltaRows: 50,
    });
    await answersAgree(schema, [...first, ...shifted, ...few], one);
  },
  120_000,
);
