import type { AggregateNode } from '../../plan/query/nodes.ts';
import type {
  CellTypes,
  ColumnName,
  NumericColumn,
  SchemaLiteral,
  ValueColumn,
  ValueOf,
} from './schema.ts';

/** What an aggregate is of, and so what its result is. */
type Kind = 'count' | 'sum' | 'number' | 'pair' | 'value' | 'histogram';

/** An aggregate of named columns; `as` names its output, else it has PostgreSQL's name. */
export class Aggregate<
  out F extends string,
  out C extends string,
  out K extends Kind,
  out N extends string = F,
> {
  readonly node: AggregateNode;
  readonly name: N | undefined;
  /** For the types alone. */
  declare readonly types?: readonly [F, C, K, N];

  constructor(node: AggregateNode, name?: N) {
    this.node = node;
    this.name = name;
    Object.freeze(this);
  }

  as<const M extends string>(name: M): Aggregate<F, C, K, M> {
    return new Aggregate(this.node, name);
  }
}

/** The aggregates of a schema's columns. */
export type AggregateOf<S extends SchemaLiteral> =
  | Aggregate<string, ColumnName<S>, 'count', string>
  | Aggregate<string, NumericColumn<S>, 'sum' | 'number' | 'pair' | 'histogram', string>
  | Aggregate<string, ValueColumn<S>, 'value', string>;

/** An aggregate's value. */
export type AggregateCell<S extends SchemaLiteral, A> =
  A extends Aggregate<string, infer C, infer K, string>
    ? K extends 'count'
      ? CellTypes['integer']
      : K extends 'sum'
        ? SumCell<S, C & ColumnName<S>>
        : K extends 'number' | 'pair'
          ? NumberCell<S, C & ColumnName<S>>
          : K extends 'value'
            ? ValueOf<S, C & ColumnName<S>> | null
            : string | null
    : never;

/** Real where a column is, else exact; NULL of no rows. */
type NumberCell<S extends SchemaLiteral, C extends ColumnName<S>> =
  CellTypes['real'] extends ValueOf<S, C> ? CellTypes['real'] | null : CellTypes['decimal'] | null;

type SumCell<S extends SchemaLiteral, C extends ColumnName<S>> =
  ValueOf<S, C> extends CellTypes['integer'] ? CellTypes['integer'] | null : NumberCell<S, C>;

interface More {
  readonly distinct?: boolean;
  readonly argument?: number;
}

function aggregate<F extends string, C extends string, K extends Kind>(
  called: F,
  columns: readonly C[],
  { distinct = false, argument }: More = {},
): Aggregate<F, C, K> {
  const names = Object.freeze([...columns]);
  const node: AggregateNode = {
    kind: 'aggregate',
    function: called,
    columns: names,
    distinct,
    argument,
  };
  return new Aggregate(Object.freeze(node));
}

/** COUNT(*), or the rows in which a column is not NULL. */
export function count<const C extends string = never>(column?: C): Aggregate<'count', C, 'count'> {
  return aggregate('count', column === undefined ? [] : [column]);
}

/** The number of a column's distinct values, NULL not counted. */
export function countDistinct<const C extends string>(column: C): Aggregate<'count', C, 'count'> {
  return aggregate('count', [column], { distinct: true });
}

export function sum<const C extends string>(column: C): Aggregate<'sum', C, 'sum'> {
  return aggregate('sum', [column]);
}

type OfNumbers<F extends string> = <const C extends string>(column: C) => Aggregate<F, C, 'number'>;
const ofNumbers =
  <F extends string>(called: F): OfNumbers<F> =>
  (column) =>
    aggregate(called, [column]);

export const avg: OfNumbers<'avg'> = ofNumbers('avg');
export const median: OfNumbers<'median'> = ofNumbers('median');
export const varPop: OfNumbers<'var_pop'> = ofNumbers('var_pop');
export const varSamp: OfNumbers<'var_samp'> = ofNumbers('var_samp');
export const stddevPop: OfNumbers<'stddev_pop'> = ofNumbers('stddev_pop');
export const stddevSamp: OfNumbers<'stddev_samp'> = ofNumbers('stddev_samp');

/** The value below which a fraction of the values lies, between two of them: PERCENTILE_CONT. */
export function quantile<const C extends string>(
  column: C,
  fraction: number,
): Aggregate<'quantile', C, 'number'> {
  return aggregate('quantile', [column], { argument: fraction });
}

export function min<const C extends string>(column: C): Aggregate<'min', C, 'value'> {
  return aggregate('min', [column]);
}

export function max<const C extends string>(column: C): Aggregate<'max', C, 'value'> {
  return aggregate('max', [column]);
}

/** One of the column's values, at a fraction of them. */
export function percentileDisc<const C extends string>(
  column: C,
  fraction: number,
): Aggregate<'percentile_disc', C, 'value'> {
  return aggregate('percentile_disc', [column], { argument: fraction });
}

/** JSON text, as of HISTOGRAM. */
export function histogram<const C extends string>(
  column: C,
  buckets: number,
): Aggregate<'histogram', C, 'histogram'> {
  return aggregate('histogram', [column], { argument: buckets });
}

/** Functions of a dependent variable and an independent one, in this order. */
type OfPairs<F extends string> = <const Y extends string, const X extends string>(
  y: Y,
  x: X,
) => Aggregate<F, X | Y, 'pair'>;
const ofPairs =
  <F extends string>(called: F): OfPairs<F> =>
  (y, x) =>
    aggregate<F, typeof x | typeof y, 'pair'>(called, [y, x]);

export const covarPop: OfPairs<'covar_pop'> = ofPairs('covar_pop');
export const covarSamp: OfPairs<'covar_samp'> = ofPairs('covar_samp');
export const corr: OfPairs<'corr'> = ofPairs('corr');
export const regrSlope: OfPairs<'regr_slope'> = ofPairs('regr_slope');
export const regrIntercept: OfPairs<'regr_intercept'> = ofPairs('regr_intercept');
export const regrR2: OfPairs<'regr_r2'> = ofPairs('regr_r2');
