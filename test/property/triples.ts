import fc from 'fast-check';
import type { Parameter } from '../../src/plan/parameter.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Column, Schema } from '../../src/table/schema.ts';
import type { ColumnType, Value } from '../../src/table/value.ts';
import {
  render,
  type Condition,
  type Expr,
  type GroupCondition,
  type Literal,
  type Op,
  type OrderItem,
  type Query,
} from './query.ts';

/** A table and a question about it: what every way of answering queries must agree on. */
export interface Triple {
  readonly schema: Schema;
  /** Cells in schema order. */
  readonly rows: readonly (readonly Value[])[];
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** The query before it was written as SQL, for the oracle. */
  readonly query: Query;
}

export interface TripleOptions {
  /** Most rows. */
  readonly maxRows?: number;
  /** Now and then cells up to ±2^62. */
  readonly large?: boolean;
}

const NAMES = ['a', 'b', 'Total', 'group', 'two words', 'é'];
const TYPES: readonly ColumnType[] = [
  'integer',
  'integer',
  'decimal',
  'decimal',
  'text',
  'boolean',
  'date',
  'timestamp',
  'real',
];
const ONE_COLUMN = [
  'sum',
  'avg',
  'var_pop',
  'var_samp',
  'variance',
  'stddev_pop',
  'stddev_samp',
  'stddev',
];
const TWO_COLUMNS = [
  'covar_pop',
  'covar_samp',
  'corr',
  'regr_slope',
  'regr_intercept',
  'regr_r2',
  'regr_count',
  'regr_avgx',
  'regr_avgy',
  'regr_sxx',
  'regr_syy',
  'regr_sxy',
];
const OPS: readonly Op[] = ['=', '<>', '<', '<=', '>', '>='];
const TESTS = ['TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN'];
const CONSTANTS = ['TRUE', 'FALSE', 'NULL', '1 = 1', "'b' < 'a'", 'NULL IS NULL', '2 > 1.5 + 1'];

const isNumeric = (column: Column): boolean =>
  column.type === 'integer' || column.type === 'decimal';

/** Schemas, data and queries over everything that this version answers. */
export function triples({ maxRows = 120, large = true }: TripleOptions = {}): fc.Arbitrary<Triple> {
  return schemas().chain((schema) =>
    fc
      .tuple(...schema.columns.map((column) => pools(column, large)))
      .chain((pool) =>
        fc.record({ rows: rowsOf(schema, pool, maxRows), query: queries(schema, pool) }),
      )
      .map(({ rows, query }) => ({ schema, rows, query, ...render(query, schema.table) })),
  );
}

function schemas(): fc.Arbitrary<Schema> {
  const column = fc.record({
    type: fc.constantFrom(...TYPES),
    scale: fc.integer({ min: 1, max: 4 }),
    nullable: fc.boolean(),
  });
  return fc
    .record({
      columns: fc.array(column, { minLength: 2, maxLength: 6 }),
      keep: fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }),
    })
    .map(({ columns, keep }) => {
      const named = columns.map(({ type, scale, nullable }, i) => ({
        name: NAMES[i]!,
        type,
        nullable,
        ...(type === 'decimal' ? { scale } : {}),
      }));
      const numeric = named.filter(({ type }) => type === 'integer' || type === 'decimal');
      const pairs = numeric.flatMap((x, i) => numeric.slice(i + 1).map((y) => [x.name, y.name]));
      return parseSchema({
        version: 1,
        table: 't',
        columns: Object.fromEntries(named.map(({ name, ...rest }) => [name, rest])),
        pairs: pairs.filter((_, i) => keep[i]!),
      });
    });
}

/** A few distinct values of a column. */
function pools(column: Column, large: boolean): fc.Arbitrary<NonNullable<Value>[]> {
  return fc.array(values(column, large), { minLength: 1, maxLength: 5 });
}

function values({ type }: Column, large: boolean): fc.Arbitrary<NonNullable<Value>> {
  const bound = 2n ** 62n;
  switch (type) {
    case 'integer':
    case 'decimal':
      return fc.oneof(
        { weight: 9, arbitrary: fc.bigInt(-40n, 60n) },
        { weight: 3, arbitrary: fc.bigInt(-1_000_000n, 1_000_000n) },
        { weight: large ? 1 : 0, arbitrary: fc.bigInt(-bound, bound) },
      );
    case 'boolean':
      return fc.constantFrom(0n, 1n);
    case 'date':
      return fc.oneof(fc.bigInt(-3n, 3n), fc.bigInt(-700_000n, 2_900_000n));
    case 'timestamp':
      return fc.oneof(
        fc.constantFrom(0n, 86_400_000_000n, -1n, 1_000n, 500_000n, 259_200_000_000n),
        fc.bigInt(-60_000_000_000_000_000n, 250_000_000_000_000_000n),
      );
    case 'real':
      return fc.constantFrom(0, 0.5, -0.5, 1.5, 0.1, -2, 1e300, -5e-324, 123456.789);
    default:
      return fc.constantFrom(
        '',
        'a',
        'b',
        'B',
        "it's",
        'é',
        '\uffff',
        '😀',
        'a b',
        'ab',
        '0',
        '-1',
      );
  }
}

function rowsOf(
  schema: Schema,
  pool: readonly NonNullable<Value>[][],
  maxRows: number,
): fc.Arbitrary<Value[][]> {
  const cells = schema.columns.map((column, i) =>
    column.nullable
      ? fc.oneof(
          { weight: 4, arbitrary: fc.constantFrom(...pool[i]!) },
          { weight: 1, arbitrary: fc.constant(null) },
        )
      : fc.constantFrom(...pool[i]!),
  );
  return fc.array(fc.tuple(...cells), { maxLength: maxRows, size: 'max' });
}

// --- conditions --------------------------------------------------------------------------------

const forms = fc.constantFrom<Literal['form']>(
  'plain',
  'plain',
  'quoted',
  'typed',
  'parameter',
  'textParameter',
);

function literalsFor(column: Column, pool: readonly NonNullable<Value>[]): fc.Arbitrary<Literal> {
  const stored = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...pool) },
    { weight: 1, arbitrary: values(column, false) },
  );
  const typed = (type: 'text' | 'boolean' | 'date' | 'timestamp' | 'real'): fc.Arbitrary<Literal> =>
    fc
      .tuple(stored, forms)
      .map(
        ([value, form]) =>
          ({ type, form, value: type === 'boolean' ? value === 1n : value }) as Literal,
      );
  const known = ((): fc.Arbitrary<Literal> => {
    switch (column.type) {
      case 'integer':
      case 'decimal':
        return numbersNear(stored as fc.Arbitrary<bigint>, column.scale);
      case 'date':
      case 'timestamp':
        return fc.oneof(
          { weight: 4, arbitrary: typed(column.type) },
          { weight: 1, arbitrary: otherTime(column) },
        );
      case 'document':
        return typed('text');
      default:
        return typed(column.type);
    }
  })();
  return fc.oneof(
    { weight: 19, arbitrary: known },
    { weight: 1, arbitrary: forms.map((form): Literal => ({ type: 'null', form })) },
  );
}

/** Numbers at, just beside and between the values of a scale. */
function numbersNear(stored: fc.Arbitrary<bigint>, scale: number): fc.Arbitrary<Literal> {
  return fc
    .record({
      value: stored,
      extra: fc.integer({ min: 0, max: 3 }),
      nudge: fc.integer({ min: -9, max: 9 }),
      exactly: fc.boolean(),
      form: forms,
    })
    .map(({ value, extra, nudge, exactly, form }) => ({
      type: 'number',
      digits: value * 10n ** BigInt(extra) + (exactly ? 0n : BigInt(nudge)),
      scale: scale + extra,
      form,
    }));
}

/** A date for a timestamp column and the reverse; typed, or it would be read as the column's type. */
function otherTime({ type }: Column): fc.Arbitrary<Literal> {
  return type === 'timestamp'
    ? fc.bigInt(-2n, 3n).map((value) => ({ type: 'date', value, form: 'typed' }))
    : fc
        .constantFrom(0n, 43_200_000_000n, 86_400_000_000n, -1n)
        .map((value) => ({ type: 'timestamp', value, form: 'typed' }));
}

function conditions(
  schema: Schema,
  pool: readonly NonNullable<Value>[][],
): fc.Arbitrary<Condition> {
  const columnAndPool = fc
    .nat({ max: schema.columns.length - 1 })
    .map((i) => ({ column: schema.columns[i]!, pool: pool[i]! }));
  const negated = fc.boolean();
  const atoms = columnAndPool.chain(({ column, pool: p }): fc.Arbitrary<Condition> => {
    const literal = literalsFor(column, p);
    const compare: fc.Arbitrary<Condition> = fc.record({
      kind: fc.constant('compare' as const),
      column: fc.constant(column),
      op: fc.constantFrom(...OPS),
      to: literal,
      swapped: fc.boolean(),
    });
    const options: fc.Arbitrary<Condition>[] = [
      compare,
      compare,
      fc.record({
        kind: fc.constant('between' as const),
        column: fc.constant(column),
        low: literal,
        high: literal,
        negated,
      }),
      fc.record({
        kind: fc.constant('in' as const),
        column: fc.constant(column),
        list: fc.array(literal, { minLength: 1, maxLength: 4 }),
        negated,
      }),
      fc.record({
        kind: fc.constant('same' as const),
        column: fc.constant(column),
        to: literal,
        negated,
      }),
      fc.record({ kind: fc.constant('isNull' as const), column: fc.constant(column), negated }),
    ];
    if (column.type === 'boolean') options.push(fc.constant({ kind: 'bare', column }));
    if (isNumeric(column)) {
      const linear = fc.record({
        factor: fc.constantFrom(-3, -1, 2),
        addend: fc.integer({ min: -5, max: 5 }),
      });
      options.push(fc.tuple(compare, linear).map(([c, l]) => ({ ...c, linear: l }) as Condition));
    }
    return fc.oneof(...options);
  });
  const constant = fc
    .constantFrom(...CONSTANTS)
    .map((sql): Condition => ({ kind: 'constant', sql }));
  return fc.letrec<{ tree: Condition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 12, arbitrary: atoms },
      { weight: 1, arbitrary: constant },
      { weight: 2, arbitrary: tie('tree').map((arg): Condition => ({ kind: 'not', arg })) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(tie('tree'), fc.constantFrom(...TESTS))
          .map(([arg, test]): Condition => ({ kind: 'test', arg, test })),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          args: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
        }),
      },
    ),
  })).tree;
}

// --- expressions -------------------------------------------------------------------------------

const smallNumber: fc.Arbitrary<Expr> = fc
  .record({
    digits: fc.bigInt(-30n, 30n),
    scale: fc.integer({ min: 0, max: 2 }),
    form: fc.constantFrom<Literal['form']>('plain', 'textParameter'),
  })
  .map(({ digits, scale, form }) => ({
    kind: 'literal',
    literal: { type: 'number', digits, scale, form },
  }));

/** Divisors by which a decimal stays a decimal. */
const divisor: fc.Arbitrary<Expr> = fc.constantFrom(2n, -4n, 5n, 10n).map((digits) => ({
  kind: 'literal',
  literal: { type: 'number', digits, scale: 0, form: 'plain' },
}));

/** A polynomial of degree ≤ 1 in the given columns. */
function linears(columns: readonly Column[]): fc.Arbitrary<Expr> {
  const column = fc.constantFrom(...columns).map((c): Expr => ({ kind: 'column', column: c }));
  return fc.oneof(
    { weight: 6, arbitrary: column },
    {
      weight: 1,
      arbitrary: fc
        .tuple(smallNumber, column)
        .map(([left, right]): Expr => ({ kind: '*', left, right })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(column, divisor)
        .map(([left, right]): Expr => ({ kind: '/', left, right })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('+' as const, '-' as const), column, fc.oneof(column, smallNumber))
        .map(([kind, left, right]): Expr => ({ kind, left, right })),
    },
    { weight: 1, arbitrary: column.map((arg): Expr => ({ kind: 'negate', arg })) },
  );
}

function aggregates(schema: Schema): fc.Arbitrary<Expr> {
  const numeric = schema.columns.filter(isNumeric);
  const counted = fc.constantFrom(...schema.columns).map((column): Expr => ({
    kind: 'aggregate',
    name: 'count',
    args: [{ kind: 'column', column }],
  }));
  const options: { weight: number; arbitrary: fc.Arbitrary<Expr> }[] = [
    { weight: 2, arbitrary: fc.constant({ kind: 'countRows' }) },
    { weight: 2, arbitrary: counted },
  ];
  if (numeric.length > 0) {
    // Squares of a sum of two columns need their product, so variances take one column at a time.
    const single = fc.constantFrom(...numeric).chain((column) => linears([column]));
    const sum = fc.tuple(fc.constantFrom('sum', 'avg'), linears(numeric));
    const spread = fc.tuple(fc.constantFrom(...ONE_COLUMN), single);
    const square = fc.tuple(
      fc.constant('sum'),
      single.map((e): Expr => ({ kind: '*', left: e, right: e })),
    );
    const call = ([name, arg]: [string, Expr]): Expr => ({ kind: 'aggregate', name, args: [arg] });
    options.push(
      { weight: 5, arbitrary: sum.map(call) },
      { weight: 5, arbitrary: spread.map(call) },
      { weight: 2, arbitrary: square.map(call) },
    );
    const byName = (name: string): Column => schema.columns.find((c) => c.name === name)!;
    const related = [
      ...schema.pairs.map(([x, y]) => [byName(x), byName(y)]),
      ...numeric.map((c) => [c, c]),
    ];
    const pair = fc
      .tuple(fc.constantFrom(...related), fc.boolean())
      .map(([p, flip]) => (flip ? p.toReversed() : p));
    const both = pair.chain(([y, x]) => fc.tuple(linears([y!]), linears([x!])));
    options.push(
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.constantFrom(...TWO_COLUMNS), both)
          .map(([name, args]): Expr => ({ kind: 'aggregate', name, args })),
      },
      {
        weight: 2,
        arbitrary: both.map(([left, right]) => call(['sum', { kind: '*', left, right }])),
      },
    );
  }
  return fc.oneof(...options);
}

/** Arithmetic over exact numbers; the divisors are never 0. */
function arithmetic(leaf: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
  const nonZero = fc.constantFrom<Expr>(
    ...[3n, -7n, 8n].map((digits): Expr => ({
      kind: 'literal',
      literal: { type: 'number', digits, scale: 1, form: 'plain' },
    })),
  );
  return fc.letrec<{ tree: Expr }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 10, arbitrary: leaf },
      { weight: 1, arbitrary: smallNumber },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('+' as const, '-' as const, '*' as const),
          left: tie('tree'),
          right: tie('tree'),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('/' as const, '%' as const),
          left: tie('tree'),
          right: nonZero,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constantFrom('negate' as const, 'abs' as const),
          arg: tie('tree'),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('round' as const),
          arg: tie('tree'),
          digits: fc.integer({ min: -2, max: 5 }),
        }),
      },
      { weight: 1, arbitrary: tie('tree').map((arg): Expr => ({ kind: 'round', arg })) },
    ),
  })).tree;
}

function groupConditions(leaf: fc.Arbitrary<Expr>): fc.Arbitrary<GroupCondition> {
  return fc.letrec<{ tree: GroupCondition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 2 },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('compare' as const),
          left: leaf.map(standalone),
          op: fc.constantFrom(...OPS),
          right: fc.oneof(smallNumber, leaf).map(standalone),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('isNull' as const),
          arg: leaf,
          negated: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: tie('tree').map((arg): GroupCondition => ({ kind: 'not', arg })) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          args: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
        }),
      },
    ),
  })).tree;
}

// --- queries -----------------------------------------------------------------------------------

function queries(schema: Schema, pool: readonly NonNullable<Value>[][]): fc.Arbitrary<Query> {
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

/** A quoted number by itself is a text; where nothing makes it a number it is written as one. */
function standalone(e: Expr): Expr {
  return e.kind === 'literal' ? { kind: 'literal', literal: { ...e.literal, form: 'plain' } } : e;
}

function aggregateQueries(schema: Schema, where: fc.Arbitrary<Condition>): fc.Arbitrary<Query> {
  return fc.subarray([...schema.columns], { maxLength: 2 }).chain((groupBy) => {
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
    const expr =
      keys.length === 0
        ? computed
        : fc.oneof({ weight: 3, arbitrary: computed }, fc.constantFrom(...keys));
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
