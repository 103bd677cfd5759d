import type { Value } from '../table/value.ts';
import type { LikePattern } from './like.ts';

/**
 * The physical plan: frozen nodes with a `kind`, pure data. The same plan is interpreted on
 * plaintext rows (interpret.ts), costed and explained, turned into fragments and executed.
 */
export type Plan = AggregatePlan | SelectPlan;

/** A condition that is true, false or unknown of a row, SQL's three-valued logic. */
export type Predicate =
  | { readonly kind: 'constant'; readonly value: boolean | null }
  | { readonly kind: 'equals'; readonly column: string; readonly value: NonNullable<Value> }
  /**
   * An absent side is unbounded; with neither, every value that is not NULL. The ends of text and
   * real columns may be exclusive, all others are inclusive.
   */
  | {
      readonly kind: 'range';
      readonly column: string;
      readonly low?: RangeEnd;
      readonly high?: RangeEnd;
    }
  | { readonly kind: 'isNull'; readonly column: string }
  /** The document has the keyword, which is one of its column's token rule (table/tokens.ts). */
  | { readonly kind: 'keyword'; readonly column: string; readonly keyword: string }
  | { readonly kind: 'like'; readonly column: string; readonly pattern: LikePattern }
  | { readonly kind: 'and'; readonly args: readonly Predicate[] }
  | { readonly kind: 'or'; readonly args: readonly Predicate[] }
  | { readonly kind: 'not'; readonly arg: Predicate };

export interface RangeEnd {
  readonly value: NonNullable<Value>;
  readonly inclusive: boolean;
}

/** Σ of a product of at most two columns over the rows of a group in which all of `over` are not NULL. */
export interface SumTerm {
  readonly kind: 'sum';
  /** One name: Σx. Two: Σx·y (x·x included), in schema order. */
  readonly product: readonly [string] | readonly [string, string];
  /** Columns that must not be NULL for a row to count, sorted; contains the product's. */
  readonly over: readonly string[];
}

/** The number of rows of a group in which all of `over` are not NULL (none: COUNT(*)). */
export interface CountTerm {
  readonly kind: 'count';
  readonly over: readonly string[];
}

/** Terms that add up over segments and small appends. */
export type LinearTerm = SumTerm | CountTerm;

/**
 * The value at one rank of a column among the rows of a group, its NULLs left out. With n values,
 * ranks counted from 0 and p the fraction: ⌊p(n − 1)⌋ (`down`), ⌈p(n − 1)⌉ (`up`), which are the two
 * that PERCENTILE_CONT lies between, or max(⌈pn⌉ − 1, 0), PERCENTILE_DISC's (`disc`). MIN is p = 0
 * and MAX p = 1. Every plan that has one also has the count over the same column.
 */
export interface RankTerm {
  readonly kind: 'rank';
  readonly column: string;
  readonly over: readonly [string];
  /** In lowest terms, 0 to 1. */
  readonly fraction: { readonly numerator: bigint; readonly denominator: bigint };
  readonly rounding: 'down' | 'up' | 'disc';
}

/** The number of distinct values of a column in a group, NULL not counted. */
export interface DistinctTerm {
  readonly kind: 'distinct';
  readonly column: string;
}

/**
 * How many values of a column fall into each of `buckets` equal parts of the span from the least to
 * the greatest value of the group, as text (histogram.ts).
 */
export interface HistogramTerm {
  readonly kind: 'histogram';
  readonly column: string;
  readonly over: readonly [string];
  readonly buckets: number;
}

/** Terms that depend on the order or identity of values: they do not add up. */
export type OrderTerm = RankTerm | DistinctTerm | HistogramTerm;

export type Term = LinearTerm | OrderTerm;

export const isLinear = (term: Term): term is LinearTerm =>
  term.kind === 'sum' || term.kind === 'count';

/** An expression evaluated by the owner after decryption, on exact numbers. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Literal }
  /** A grouping column's value (aggregate plans) or the row's cell (select plans). */
  | { readonly kind: 'column'; readonly column: string }
  /**
   * Term number i of the plan. Sums are unscaled rationals, and like ranks and histograms NULL if no
   * row counted; every plan that has one also has the count over the same columns.
   */
  | { readonly kind: 'term'; readonly index: number }
  | {
      readonly kind: 'unary';
      readonly op: 'negate' | 'not' | 'isNull' | 'isNotNull' | 'sqrt' | 'abs';
      readonly arg: Expression;
    }
  | {
      readonly kind: 'binary';
      readonly op:
        '+' | '-' | '*' | '/' | '%' | '=' | '<>' | '<' | '<=' | '>' | '>=' | 'and' | 'or';
      readonly left: Expression;
      readonly right: Expression;
    }
  /** ROUND(x, digits): half away from zero, PostgreSQL's numeric rule. */
  | { readonly kind: 'round'; readonly arg: Expression; readonly digits: Expression }
  /** `value` when `when` is true, else `otherwise`; NULL without one. Only the branch taken is evaluated. */
  | {
      readonly kind: 'onlyIf';
      readonly when: Expression;
      readonly value: Expression;
      readonly otherwise?: Expression;
    };

/** A literal after binding: exact number (digits over a power of ten), text, boolean, date… */
export type Literal =
  | { readonly type: 'null' }
  | { readonly type: 'number'; readonly digits: bigint; readonly scale: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'date'; readonly value: bigint }
  | { readonly type: 'timestamp'; readonly value: bigint };

export interface OutputColumn {
  /** PostgreSQL's name: alias, column, function name, or ?column?. */
  readonly name: string;
  readonly expression: Expression;
}

export interface OrderKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

interface PlanBase {
  readonly table: string;
  readonly filter: Predicate;
  readonly output: readonly OutputColumn[];
  readonly orderBy: readonly OrderKey[];
  readonly limit?: number;
  readonly offset?: number;
}

export interface AggregatePlan extends PlanBase {
  readonly kind: 'aggregate';
  /** Grouping columns; none and `grouped` false: one row always; none and `grouped` true: one row unless empty. */
  readonly groupBy: readonly string[];
  readonly grouped: boolean;
  /** What is computed of each group, distinct; `Expression.term` indexes them. */
  readonly terms: readonly Term[];
  readonly having?: Expression;
}

/** An aggregate plan of sums and counts alone. */
export interface LinearPlan extends AggregatePlan {
  readonly terms: readonly LinearTerm[];
}

/** Row retrieval: the sealed records of matching rows are fetched and opened. */
export interface SelectPlan extends PlanBase {
  readonly kind: 'select';
  /** Columns read from records. */
  readonly columns: readonly string[];
}

/**
 * One score of each row of which the filter is true: z = intercept + Σ weight·column, or the link of it.
 * The filter rules out rows in which a column of the model is NULL.
 */
export interface ScorePlan {
  readonly kind: 'score';
  readonly table: string;
  readonly filter: Predicate;
  readonly terms: readonly { readonly column: string; readonly weight: ExactDecimal }[];
  readonly intercept: ExactDecimal;
  readonly link: 'identity' | 'logistic';
  /** What the store evaluates in place of the logistic link; absent: z, and the owner the link. */
  readonly polynomial?: LinkPolynomial;
  /** Columns of the result beside the score, from the rows' records; none: where the row is. */
  readonly select: readonly string[];
  /** Only so many rows, of the highest scores. */
  readonly top?: number;
}

/** digits / 10^scale. */
export interface ExactDecimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Σ c_k·(z − middle)^k, k = 0 to 3 with c_3 not 0, off the link by no more than `error` on every row. */
export interface LinkPolynomial {
  readonly coefficients: readonly [number, number, number, number];
  readonly middle: number;
  readonly error: number;
}

/** The rows that a DELETE removes. */
export interface DeletePlan {
  readonly kind: 'delete';
  readonly table: string;
  readonly filter: Predicate;
}

/**
 * What execution returns for an aggregate plan, one entry a group: the grouping values, and for each
 * term the exact count, the exact sum as an integer scaled by 10^(sum of the product's scales) and by
 * 2^REAL_POINT for each real column in the product, the value at a rank, or a histogram's text. Ranks
 * and histograms of no value are NULL.
 */
export interface GroupResult {
  readonly key: readonly Value[];
  readonly terms: readonly Value[];
  /** Per term how far it may be from what the rows' own values make, in its units; absent: nowhere. */
  readonly errors?: readonly bigint[];
}

/** The groups of a linear plan. */
export interface LinearResult extends GroupResult {
  readonly terms: readonly bigint[];
}
