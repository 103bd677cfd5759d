import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finishAggregate } from '../../src/plan/finish.ts';
import { interpretAggregate } from '../../src/plan/interpret.ts';
import type { Parameter } from '../../src/plan/parameter.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import type { ResultTable } from '../../src/plan/result.ts';
import { schemaToJson, parseSchema } from '../../src/table/schema-json.ts';
import type { Column, Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';
import { type Expr, type Query, render } from './query.ts';
import { conditions } from './sql/conditions.ts';
import { orderStatistics, standalone } from './sql/expressions.ts';

const SEED = 20_261_124;

/** Columns of every way of being ordered: blocks of ranks, lists per value, both. */
const SCHEMA: Schema = parseSchema({
  version: 1,
  table: 'ranked',
  columns: {
    near: { type: 'integer', nullable: true },
    price: { type: 'decimal', scale: 2, nullable: true },
    kind: { type: 'integer' },
    word: { type: 'text', nullable: true, search: { index: 'sse', prefix: 3, ngram: 2 } },
    name: { type: 'text', search: { index: 'sse', prefix: 3, ngram: 2 } },
    day: { type: 'date', nullable: true },
    at: { type: 'timestamp' },
    ratio: { type: 'real', nullable: true },
    open: { type: 'boolean', nullable: true },
    huge: { type: 'integer' },
  },
});

/** Integers below a bound, the same in every run (Marsaglia's xorshift32). */
function draws(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const draw = draws(SEED);
const big = (bound: number): bigint => BigInt(draw(bound));
const maybe = (share: number, value: Value): Value => (draw(100) < share ? null : value);

function row(): Value[] {
  return [
    maybe(8, big(2_000_000) - 1_000_000n),
    // Half of the rows have one of two values: whole blocks of equal ones.
    maybe(5, draw(2) === 0 ? 999n + big(2) : big(90_000)),
    big(5) - 2n,
    maybe(10, `w${'\uffff😀éa'.charAt(draw(4)).replace(/[\ud800-\udfff]/, '😀')}${draw(70)}`),
    `n${draw(100_000)}`,
    maybe(30, big(4_000) - 1_000n),
    big(40_000) * 1_000_000n,
    maybe(5, (draw(10_000) - 5_000) / 64),
    maybe(20, big(2)),
    (big(4_000_000_000) - 2_000_000_000n) * 4_000_000_007n,
  ];
}

const rowsOf = (count: number): Value[][] => Array.from({ length: count }, row);
const column = (name: string): Column => SCHEMA.columns.find((c) => c.name === name)!;

/** Aggregates of all kinds in one statement, with filters and groups. */
function orderQueries(pool: readonly NonNullable<Value>[][]): fc.Arbitrary<Query> {
  const statistic = fc.oneof(...orderStatistics(SCHEMA, false)).map(standalone);
  const sum: Expr = {
    kind: 'aggregate',
    name: 'sum',
    args: [{ kind: 'column', column: column('price') }],
  };
  return fc
    .record({
      groupBy: fc.constantFrom(
        [],
        [],
        [column('kind')],
        [column('word')],
        [column('kind'), column('open')],
      ),
      where: fc.option(conditions(SCHEMA, pool), { nil: undefined }),
      statistics: fc.array(statistic, { minLength: 1, maxLength: 3 }),
      by: fc.option(fc.oneof(statistic, fc.constant<Expr>({ kind: 'countRows' })), {
        nil: undefined,
      }),
      limit: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
      minimum: fc.option(fc.nat({ max: 40 }), { nil: undefined }),
    })
    .map(({ groupBy, where, statistics, by, limit, minimum }): Query => ({
      kind: 'aggregate',
      output: [
        ...groupBy.map((c): Expr => ({ kind: 'column', column: c })),
        ...statistics,
        sum,
        { kind: 'countRows' as const },
      ].map((expr) => ({ expr })),
      groupBy,
      ...(where === undefined ? {} : { where }),
      ...(minimum === undefined
        ? {}
        : {
            having: {
              kind: 'compare',
              left: { kind: 'countRows' },
              op: '>=',
              right: {
                kind: 'literal',
                literal: { type: 'number', digits: BigInt(minimum), scale: 0, form: 'plain' },
              },
            } as const,
          }),
      orderBy: [
        ...(by === undefined ? [] : [{ key: by, descending: true }]),
        ...groupBy.map((c) => ({ key: { kind: 'column', column: c } as const, descending: false })),
      ],
      ...(limit === undefined ? {} : { limit }),
    }));
}

async function plainAnswer(
  sql: string,
  parameters: readonly Parameter[],
  rows: readonly (readonly Value[])[],
): Promise<ResultTable> {
  const plan = await planQuery(sql, parameters, { schemas: new Map([['ranked', SCHEMA]]) });
  if (plan.kind !== 'aggregate') throw new Error(plan.kind);
  return finishAggregate(plan, SCHEMA, interpretAggregate(plan, SCHEMA, rows));
}

describe('several segments, deleted rows and small appends', () => {
  let temp: TempVault;
  let rows: Value[][];
  beforeAll(async () => {
    temp = await tempVault('memory');
    const json = schemaToJson(SCHEMA);
    const batches = [rowsOf(5_300), rowsOf(4_200), rowsOf(150)];
    for (const [i, batch] of batches.entries()) {
      await temp.vault.ingest(json, objects(SCHEMA, batch), { append: i > 0 });
    }
    // The least and greatest values of one column, and every row of some values of another.
    await temp.vault.delete('DELETE FROM ranked WHERE near < -990000 OR near > 985000 OR kind = 1');
    rows = batches.flat().filter(([cell, , kind]) => {
      const near = cell as bigint | null;
      return kind !== 1n && (near === null || (near >= -990_000n && near <= 985_000n));
    });
    const [info] = await temp.vault.tables();
    expect(info).toMatchObject({ segments: 2, rows: rows.length });
    expect(info!.deltaRows).toBeGreaterThan(0);
    expect(info!.deletedRows).toBeGreaterThan(0);
  }, 120_000);
  afterAll(() => temp[Symbol.asyncDispose]());

  test('encrypted order statistics are those of the plain twin, which plan.test.ts holds to SQLite', async () => {
    const pool = SCHEMA.columns.map((_, i) =>
      [11, 222, 3_333, 4_444, 5_555].flatMap((at) => rows[at]![i] ?? []),
    );
    await fc.assert(
      fc.asyncProperty(orderQueries(pool), async (query) => {
        const { sql, parameters } = render(query, 'ranked');
        const [{ columns, rows: answer, stats }, { cost }] = await Promise.all([
          temp.vault.query(sql, parameters),
          temp.vault.explain(sql, parameters),
        ]);
        const { errors } = stats;
        expect({ columns, rows: answer, ...(errors && { errors }) }).toEqual(
          await plainAnswer(sql, parameters, rows),
        );
        expect(stats.rounds).toBeLessThanOrEqual(cost.rounds);
      }),
      { seed: SEED, numRuns: 60 },
    );
  }, 600_000);
});
