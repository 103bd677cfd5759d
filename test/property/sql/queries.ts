import fc from 'fast-check';
import type { Schema } from '../../../src/table/schema.ts';
import type { Value } from '../../../src/table/value.ts';
import { conditions } from './conditions.ts';
import {
  aggregates,
  arithmetic,
  groupConditions,
  orderStatistics,
  standalone,
} from './expressions.ts';
import type { Condition, Expr, OrderItem, Query } from '../query.ts';
import { isNumeric } from './values.ts';

/** Queries over a schema; ORDER BY always ends in a total order. */
export function queries(
  schema: Schema,
  pool: readonly NonNullable<Value>[][],
): fc.Arbitrary<Query> {
  return fc.oneof(
    { weight: 3, arbitrary: aggregateQueries(schema, conditions(schema, pool)) },
    { weight: 1, arbitrary: selectQueries(schema, conditions(schema, pool)) },
  );
}

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

function aliased(expr: fc.Arbitrary<Expr>): fc.Arbitrary<Query['output'][number]> {
  return fc
    .tuple(
      expr.map(standalone),
      fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.constantFrom('k', 'Alias')),
    )
    .map(([e, alias]) => (alias === undefined ? { expr: e } : { expr: e, alias }));
}

function orderItems(outputs: number, expr: fc.Arbitrary<Expr>): fc.Arbitrary<OrderItem[]> {
  const key = fc.oneof<fc.Arbitrary<number | Expr>[]>(fc.nat({ max: outputs - 1 }), expr);
  return fc.array(
    fc
      .tuple(key, fc.boolean(), maybe(fc.constantFrom('FIRST' as const, 'LAST' as const)))
      .map(([k, descending, nulls]) =>
        nulls === undefined ? { key: k, descending } : { key: k, descending, nulls },
      ),
    { maxLength: 2 },
  );
}

/** An expression that ORDER BY takes as one: a bare constant there is an ordinal or an error. */
function varies(e: Expr): boolean {
  return e.kind === 'negate' ? varies(e.arg) : e.kind !== 'literal';
}

function aggregateQueries(schema: Schema, where: fc.Arbitrary<Condition>): fc.Arbitrary<Query> {
  const groupable = schema.columns.filter(({ type }) => type !== 'document');
  return fc.subarray(groupable, { maxLength: 2 }).chain((groupBy) => {
    const keys = groupBy.map((column): Expr => ({ kind: 'column', column }));
    const numericKeys = groupBy
      .filter(isNumeric)
      .map((column): Expr => ({ kind: 'column', column }));
    const aggregate = aggregates(schema);
    const leaf =
      numericKeys.length === 0
        ? aggregate
        : fc.oneof({ weight: 5, arbitrary: aggregate }, fc.constantFrom(...numericKeys));
    const computed = arithmetic(leaf);
    const expr = fc.oneof(
      { weight: 3, arbitrary: computed },
      { weight: 1, arbitrary: fc.oneof(...orderStatistics(schema, false)) },
      ...(keys.length === 0 ? [] : [{ weight: 1, arbitrary: fc.constantFrom(...keys) }]),
    );
    const first = aliased(aggregate);
    return fc.tuple(first, fc.array(aliased(expr), { maxLength: 3 })).chain(([head, tail]) => {
      const output = [head, ...tail];
      return fc
        .record({
          where: maybe(where),
          having: fc.oneof(
            { weight: 3, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: groupConditions(computed) },
          ),
          orderBy: orderItems(output.length, expr.filter(varies)),
          limit: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.nat({ max: 5 })),
          offset: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.nat({ max: 3 })),
        })
        .map((rest): Query => {
          const total = keys.map((key): OrderItem => ({ key, descending: false }));
          return compact({
            kind: 'aggregate',
            ...rest,
            output,
            groupBy,
            orderBy: [...rest.orderBy, ...total],
          });
        });
    });
  });
}

function selectQueries(schema: Schema, where: fc.Arbitrary<Condition>): fc.Arbitrary<Query> {
  const column = fc.constantFrom(
    ...schema.columns.map((c): Expr => ({ kind: 'column', column: c })),
  );
  const numeric = schema.columns
    .filter(isNumeric)
    .map((c): Expr => ({ kind: 'column', column: c }));
  const expr =
    numeric.length === 0
      ? column
      : fc.oneof({ weight: 2, arbitrary: column }, arithmetic(fc.constantFrom(...numeric)));
  return fc.array(aliased(expr), { minLength: 1, maxLength: 4 }).chain((output) =>
    fc
      .record({
        where: maybe(where),
        orderBy: orderItems(output.length, expr.filter(varies)),
        limit: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.nat({ max: 9 })),
        offset: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.nat({ max: 3 })),
      })
      .map((rest): Query => {
        // Rows that tie on every output look the same in any order.
        const total = output.map((_, key): OrderItem => ({ key, descending: false }));
        return compact({
          kind: 'select',
          ...rest,
          output,
          groupBy: [],
          orderBy: [...rest.orderBy, ...total],
        });
      }),
  );
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

function compact(query: Loose<Query>): Query {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as unknown as Query;
}
