import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planQuery } from '../../../src/plan/plan-query.ts';
import type { Parameter } from '../../../src/plan/parameter.ts';
import type { Predicate } from '../../../src/plan/physical.ts';
import type { AggregateNode, ConditionNode, QueryNode } from '../../../src/plan/query/nodes.ts';
import { planBuilt, planRows } from '../../../src/plan/query/plan.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';
import { SCHEMA } from './visits.ts';

const catalog = { schemas: new Map([[SCHEMA.table, SCHEMA]]) };
const EMPTY: QueryNode = {
  kind: 'query',
  table: 'visits',
  outputs: undefined,
  where: [],
  groupBy: [],
  having: [],
  orderBy: [],
  limit: undefined,
  offset: undefined,
};
const compare = (
  column: string,
  operator: string,
  operand: Parameter | readonly Parameter[],
): ConditionNode => ({ kind: 'comparison', column, operator, operand }) as ConditionNode;
const call = (
  called: string,
  columns: readonly string[],
  more: Partial<AggregateNode> = {},
): AggregateNode => ({
  kind: 'aggregate',
  function: called,
  columns,
  distinct: false,
  argument: undefined,
  ...more,
});
const output = (
  of: AggregateNode | string,
  name?: string,
): NonNullable<QueryNode['outputs']>[0] => ({
  kind: 'output',
  of: typeof of === 'string' ? { kind: 'column', column: of } : of,
  name,
});

/** A condition, and the same in SQL. */
interface Pair {
  readonly node: ConditionNode;
  readonly sql: (parameter: (value: Parameter) => string) => string;
}

const number = fc.integer({ min: -50, max: 50 });
const leaf: fc.Arbitrary<Pair> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('days', 'fee', 'Total', 'score'),
      fc.constantFrom('=', '<>', '<', '<=', '>', '>='),
      number,
    )
    .map(([column, operator, value]): Pair => ({
      node: compare(column, operator, value),
      sql: (p) => `"${column}" ${operator} ${p(value)}`,
    })),
  fc
    .tuple(fc.constantFrom('in', 'not in'), fc.array(number, { minLength: 1 }))
    .map(([operator, values]): Pair => ({
      node: compare('days', operator, values),
      sql: (p) => `days ${operator} (${values.map(p).join()})`,
    })),
  fc.tuple(number, number).map(([low, high]): Pair => ({
    node: compare('fee', 'between', [low, high]),
    sql: (p) => `fee BETWEEN ${p(low)} AND ${p(high)}`,
  })),
  fc
    .tuple(fc.constantFrom('ward', 'notes', 'born'), fc.constantFrom('is', 'is not'))
    .map(([column, operator]): Pair => ({
      node: compare(column, operator, null),
      sql: () => `${column} ${operator} NULL`,
    })),
  fc.constantFrom('2024-01-02', '1990-05-01 10:00:00').map((value): Pair => ({
    node: compare('seen', '>=', value),
    sql: (p) => `seen >= ${p(value)}`,
  })),
);
const { condition } = fc.letrec<{ condition: Pair }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('condition'), { minLength: 2, maxLength: 4 }),
      )
      .map(([kind, args]): Pair => ({
        node: { kind, args: args.map(({ node }) => node) },
        sql: (p) => `(${args.map(({ sql }) => sql(p)).join(` ${kind} `)})`,
      })),
    tie('condition').map((arg): Pair => ({
      node: { kind: 'not', arg: arg.node },
      sql: (p) => `NOT (${arg.sql(p)})`,
    })),
  ),
}));

/** PostgreSQL's parser joins what AND or OR nests in its own kind. */
function flat(p: Predicate): Predicate {
  if (p.kind === 'not') return { ...p, arg: flat(p.arg) };
  if (p.kind !== 'and' && p.kind !== 'or') return p;
  const args = p.args.map(flat).flatMap((arg) => (arg.kind === p.kind ? arg.args : [arg]));
  return { ...p, args };
}

describe('a query that is built has the plan of the same SQL', () => {
  it('with any condition', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async ({ node, sql }) => {
        const parameters: Parameter[] = [];
        const text = sql((value) => `$${parameters.push(value)}`);
        const written = await planQuery(`SELECT * FROM visits WHERE ${text}`, parameters, catalog);
        const built = planBuilt({ ...EMPTY, where: [node] }, catalog);
        expect({ ...built, filter: flat(built.filter) }).toEqual({
          ...written,
          filter: flat(written.filter),
        });
        expect(planRows('visits', [node], catalog).filter).toEqual(built.filter);
      }),
      { numRuns: 300 },
    );
  });

  const cases: [string, QueryNode, Parameter[]][] = [
    ['SELECT * FROM visits', EMPTY, []],
    [
      'SELECT ward, COUNT(*) AS n, SUM(fee), AVG(days) FROM visits WHERE days > $1 AND bed = $2' +
        ' GROUP BY ward HAVING COUNT(*) > $3 ORDER BY n DESC, AVG(days) LIMIT $4 OFFSET $5',
      {
        ...EMPTY,
        outputs: [
          output('ward'),
          output(call('count', []), 'n'),
          output(call('sum', ['fee'])),
          output(call('avg', ['days'])),
        ],
        where: [compare('days', '>', 1), compare('bed', '=', 2n)],
        groupBy: ['ward'],
        having: [{ kind: 'having', of: call('count', []), operator: '>', operand: 3 }],
        orderBy: [
          { kind: 'order', by: { kind: 'column', column: 'n' }, descending: true },
          { kind: 'order', by: call('avg', ['days']), descending: false },
        ],
        limit: 4,
        offset: 5,
      },
      [1, 2n, 3, 4, 5],
    ],
    [
      'SELECT COUNT(DISTINCT ward), COUNT(fee), MIN(born), MAX("Total"), MEDIAN(fee), QUANTILE(days, 0.25),' +
        ' HISTOGRAM(days, 3), PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY ward), VAR_SAMP(days),' +
        ' STDDEV_POP(fee), COVAR_SAMP(days, fee), CORR(fee, days), REGR_SLOPE(fee, days) FROM visits',
      {
        ...EMPTY,
        outputs: [
          output(call('count', ['ward'], { distinct: true })),
          output(call('count', ['fee'])),
          output(call('min', ['born'])),
          output(call('max', ['Total'])),
          output(call('median', ['fee'])),
          output(call('quantile', ['days'], { argument: 0.25 })),
          output(call('histogram', ['days'], { argument: 3 })),
          output(call('percentile_disc', ['ward'], { argument: 0.5 })),
          output(call('var_samp', ['days'])),
          output(call('stddev_pop', ['fee'])),
          output(call('covar_samp', ['days', 'fee'])),
          output(call('corr', ['fee', 'days'])),
          output(call('regr_slope', ['fee', 'days'])),
        ],
      },
      [],
    ],
    [
      'SELECT bed FROM visits WHERE FALSE',
      { ...EMPTY, outputs: [output('bed')], where: [compare('days', 'in', [])] },
      [],
    ],
    [
      'SELECT bed FROM visits WHERE TRUE',
      { ...EMPTY, outputs: [output('bed')], where: [compare('days', 'not in', [])] },
      [],
    ],
    [
      'SELECT bed FROM visits WHERE FALSE',
      { ...EMPTY, outputs: [output('bed')], where: [{ kind: 'or', args: [] }] },
      [],
    ],
  ];
  it.each(cases)('%s', async (sql, query, parameters) => {
    expect(planBuilt(query, catalog)).toEqual(await planQuery(sql, parameters, catalog));
  });
});

describe('what does not fit is refused as in SQL', () => {
  const refusals: [string, Partial<QueryNode>][] = [
    ['UNKNOWN_TABLE', { table: 'nowhere' }],
    ['UNKNOWN_COLUMN', { where: [compare('height', '=', 1)] }],
    ['UNKNOWN_COLUMN', { outputs: [output('height')] }],
    ['TYPE_MISMATCH', { where: [compare('days', '=', 'two')] }],
    ['TYPE_MISMATCH', { where: [compare('days', '=', true)] }],
    ['TYPE_MISMATCH', { where: [compare('days', '=', Number.NaN)] }],
    ['TYPE_MISMATCH', { outputs: [output(call('sum', ['ward']))] }],
    ['TYPE_MISMATCH', { outputs: [output(call('quantile', ['days'], { argument: Infinity }))] }],
    ['TYPE_MISMATCH', { limit: 1.5 }],
    ['SQL_SYNTAX', { limit: -1 }],
    ['SQL_SYNTAX', { where: [compare('days', 'in', 1)] }],
    ['SQL_SYNTAX', { where: [compare('days', '=', [1])] }],
    ['SQL_SYNTAX', { where: [compare('days', 'between', [1])] }],
    ['SQL_SYNTAX', { where: [compare('days', 'is', 1)] }],
    ['SQL_SYNTAX', { outputs: [output('ward'), output(call('count', []))] }],
    ['CAPABILITY_MISSING', { where: [compare('notes', '=', 'tall')] }],
    ['CAPABILITY_MISSING', { where: [compare('ward', 'match', 'a')] }],
    ['CAPABILITY_MISSING', { where: [compare('ward', 'like', 'a%')] }],
    ['CAPABILITY_MISSING', { where: [compare('urgent', '<', true)] }],
    ['CAPABILITY_MISSING', { where: [compare('days', '~', 1)] }],
  ];
  it.each(refusals)('%s: %j', (code, part) => {
    expect(() => planBuilt({ ...EMPTY, ...part }, catalog)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('a condition nested beyond any use', () => {
    let node = compare('days', '=', 1);
    for (let i = 0; i < 10_000; i++) node = { kind: 'not', arg: node };
    expect(() => planRows('visits', [node], catalog)).toThrow(
      expect.objectContaining({ code: 'SQL_SYNTAX' }),
    );
  });

  it('a column that is not searched', () => {
    const schema = parseSchema({
      version: 1,
      table: 't',
      columns: { a: { type: 'integer', nullable: true, search: [] }, b: { type: 'integer' } },
    });
    const schemas = { schemas: new Map([['t', schema]]) };
    const code = 'CAPABILITY_MISSING';
    expect(() => planRows('t', [compare('a', '=', 1)], schemas)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
