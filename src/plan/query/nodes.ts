import type { SearchOperator } from '../../table/search-operators.ts';
import type { Parameter } from '../parameter.ts';

/**
 * A query as a program builds it: frozen nodes with a `kind`, names and values apart from each other
 * and nothing of SQL's text. `syntax.ts` turns it into the tree that PostgreSQL's grammar makes of the same
 * query, so that both are bound, checked and refused by the same code.
 */
export interface QueryNode {
  readonly kind: 'query';
  readonly table: string;
  /** Undefined: every column. */
  readonly outputs: readonly OutputNode[] | undefined;
  /** All must hold. */
  readonly where: readonly ConditionNode[];
  readonly groupBy: readonly string[];
  /** All must hold. */
  readonly having: readonly HavingNode[];
  readonly orderBy: readonly OrderNode[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

export type ConditionNode =
  | {
      readonly kind: 'comparison';
      readonly column: string;
      readonly operator: SearchOperator;
      readonly operand: Operand;
    }
  | { readonly kind: 'and' | 'or'; readonly args: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly arg: ConditionNode };

/** A list for `in`, `not in` and `between`; null for `is` and `is not`; one value for every other operator. */
export type Operand = Parameter | readonly Parameter[];

export interface OutputNode {
  readonly kind: 'output';
  readonly of: ColumnNode | AggregateNode;
  /** Undefined: PostgreSQL's name for it. */
  readonly name: string | undefined;
}

export interface ColumnNode {
  readonly kind: 'column';
  readonly column: string;
}

export interface AggregateNode {
  readonly kind: 'aggregate';
  readonly function: string;
  /** None: of rows, COUNT(*). */
  readonly columns: readonly string[];
  readonly distinct: boolean;
  /** The fraction of a quantile, the buckets of a histogram. */
  readonly argument: number | undefined;
}

export interface HavingNode {
  readonly kind: 'having';
  readonly of: AggregateNode;
  readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>=';
  readonly operand: Parameter;
}

export interface OrderNode {
  readonly kind: 'order';
  /** A name of an output or else of a column, or an aggregate. */
  readonly by: ColumnNode | AggregateNode;
  readonly descending: boolean;
}
