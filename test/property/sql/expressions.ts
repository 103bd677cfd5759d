import fc from 'fast-check';
import { type Column, type Schema, summedPairs } from '../../../src/table/schema.ts';
import {
  OPS,
  ORDER_NAMES,
  type Expr,
  type GroupCondition,
  type Literal,
  type OrderName,
} from '../query.ts';
import { isNumeric } from './values.ts';

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

/** Order statistics; `numeric`: only those that give a number. */
export function orderStatistics(schema: Schema, numeric: boolean): fc.Arbitrary<Expr>[] {
  const make = (names: readonly OrderName[], arg: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> =>
    fc.record({
      kind: fc.constant('order' as const),
      name: fc.constantFrom(...names),
      arg,
      fraction: fc.oneof(fc.constantFrom(0n, 250n, 500n, 1000n), fc.bigInt(0n, 1000n)),
      buckets: fc.integer({ min: 1, max: 7 }),
    });
  const columns = (list: readonly Column[]): fc.Arbitrary<Expr>[] =>
    list.map((column) => fc.constant<Expr>({ kind: 'column', column }));
  const numbers = schema.columns.filter(isNumeric);
  const every = columns(schema.columns.filter(({ type }) => type !== 'document'));
  const found: fc.Arbitrary<Expr>[] = [make(['count'], fc.oneof(...every))];
  if (numbers.length > 0) {
    const one = fc.constantFrom(...numbers).chain((column) => linears([column]));
    const rising = fc.oneof(...columns(numbers));
    const between = ORDER_NAMES.slice(4, 7);
    found.push(make(['min', 'max', 'count', ...between], one), make(['percentile_disc'], rising));
    if (!numeric) found.push(make(['histogram'], rising));
  }
  if (!numeric) found.push(make(['min', 'max', 'percentile_disc'], fc.oneof(...every)));
  return found;
}

export function aggregates(schema: Schema): fc.Arbitrary<Expr> {
  const numeric = schema.columns.filter(isNumeric);
  const counted = fc.constantFrom(...schema.columns).map((column): Expr => ({
    kind: 'aggregate',
    name: 'count',
    args: [{ kind: 'column', column }],
  }));
  const options: { weight: number; arbitrary: fc.Arbitrary<Expr> }[] = [
    { weight: 2, arbitrary: fc.constant({ kind: 'countRows' }) },
    { weight: 2, arbitrary: counted },
    ...orderStatistics(schema, true).map((arbitrary) => ({ weight: 1, arbitrary })),
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
      ...summedPairs(schema)
        .map(([x, y]) => [byName(x), byName(y)])
        .filter((columns) => columns.every(isNumeric)),
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
export function arithmetic(leaf: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> {
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

export function groupConditions(leaf: fc.Arbitrary<Expr>): fc.Arbitrary<GroupCondition> {
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

/** A quoted number by itself is a text; where nothing makes it a number it is written as one. */
export function standalone(e: Expr): Expr {
  return e.kind === 'literal' ? { kind: 'literal', literal: { ...e.literal, form: 'plain' } } : e;
}
