import { planBuilt } from '../../plan/query/plan.ts';
import type { HavingNode, OrderNode, OutputNode, QueryNode } from '../../plan/query/nodes.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Catalog } from '../../plan/plan-query.ts';
import type { Plan } from '../../plan/physical.ts';
import { parseSchema } from '../../table/schema-json.ts';
import type { Explanation, QueryOptions, QueryResult } from '../api.ts';
import { Aggregate, type AggregateCell, type AggregateOf } from './aggregates.ts';
import { comparisonNode, type Condition, conditionNode } from './conditions.ts';
import type {
  CellOf,
  ColumnName,
  InputTypes,
  OperandOf,
  OperatorOf,
  RowOf,
  SchemaLiteral,
  Simplify,
} from './schema.ts';
import { checkShape } from './shape.ts';

/** Runs plans for a query: the vault. */
export interface Answers {
  answer(planner: (catalog: Catalog) => Promise<Plan>, options: QueryOptions): Promise<QueryResult>;
  explainPlan(planner: (catalog: Catalog) => Promise<Plan>): Promise<Explanation>;
}

/** A result whose rows are objects, typed by the query's outputs. */
export interface TypedResult<O> extends Pick<QueryResult, 'leakage' | 'stats'> {
  readonly rows: readonly O[];
}

/** One entry of a select list. */
export type Selected<S extends SchemaLiteral> = ColumnName<S> | AggregateOf<S>;

/** The properties that outputs give a row. */
type OutputOf<S extends SchemaLiteral, E> =
  E extends ColumnName<S>
    ? { readonly [C in E]: CellOf<S, C> }
    : E extends Aggregate<string, string, infer _, infer N>
      ? { readonly [M in N]: AggregateCell<S, E> }
      : never;

type Intersection<U> = (U extends unknown ? (of: U) => void : never) extends (of: infer I) => void
  ? I
  : never;

type Outputs<S extends SchemaLiteral, L extends readonly unknown[]> = Intersection<
  OutputOf<S, L[number]>
>;

/**
 * A query of one table, built rather than written: every call returns a new query. What is not in the
 * schema's type does not compile: a column that is not there, a value of another type, an operator that the
 * column's declared index does not answer, a sum of text. It becomes the plan that SQL becomes, and is checked
 * again against the table as it is.
 *
 * Without `select` a row has every column. Exact values are texts, as in `vault.query`.
 */
export class Query<S extends SchemaLiteral, O = RowOf<S>> {
  /** What was built so far. */
  readonly node: QueryNode;
  readonly #schema: S;
  readonly #vault: Answers;

  constructor(vault: Answers, schema: S, node: QueryNode) {
    this.#vault = vault;
    this.#schema = schema;
    this.node = node;
    Object.freeze(this);
  }

  #with<P = O>(part: Partial<QueryNode>): Query<S, P> {
    return new Query<S, P>(this.#vault, this.#schema, freezeNode({ ...this.node, ...part }));
  }

  /** The outputs: columns by name, and aggregates. Again: more of them. */
  select<const L extends readonly Selected<S>[]>(
    ...outputs: L
  ): Query<S, Simplify<(RowOf<S> extends O ? unknown : O) & Outputs<S, L>>> {
    const nodes = outputs.map((output): OutputNode => {
      if (output instanceof Aggregate) {
        return Object.freeze({ kind: 'output', of: output.node, name: output.name });
      }
      const column = Object.freeze({ kind: 'column' as const, column: String(output) });
      return Object.freeze({ kind: 'output', of: column, name: undefined });
    });
    return this.#with({ outputs: [...(this.node.outputs ?? []), ...nodes] });
  }

  /** A condition on a column; with one argument, conditions joined by `and`, `or` and `not`. Again: both hold. */
  where<C extends ColumnName<S>, P extends OperatorOf<S, C>>(
    column: C,
    operator: P,
    operand: OperandOf<S, C, P>,
  ): Query<S, O>;
  where(condition: Condition<S>): Query<S, O>;
  where(first: unknown, operator?: string, operand?: unknown): Query<S, O> {
    const node =
      operator === undefined
        ? conditionNode(first)
        : comparisonNode(String(first), operator, operand);
    return this.#with({ where: [...this.node.where, node] });
  }

  groupBy(...columns: readonly ColumnName<S>[]): Query<S, O> {
    return this.#with({ groupBy: [...this.node.groupBy, ...columns] });
  }

  /** A condition on an aggregate of each group. Again: both hold. */
  having(
    of: AggregateOf<S>,
    operator: HavingNode['operator'],
    operand: InputTypes[keyof InputTypes],
  ): Query<S, O> {
    const node: HavingNode = Object.freeze({ kind: 'having', of: of.node, operator, operand });
    return this.#with({ having: [...this.node.having, node] });
  }

  /** By an output's name, a column or an aggregate; NULL comes after every value. Again: within equals. */
  orderBy(
    by: (keyof O & string) | ColumnName<S> | AggregateOf<S>,
    direction: 'asc' | 'desc' = 'asc',
  ): Query<S, O> {
    const node: OrderNode = Object.freeze({
      kind: 'order',
      by: by instanceof Aggregate ? by.node : Object.freeze({ kind: 'column', column: String(by) }),
      descending: direction === 'desc',
    });
    return this.#with({ orderBy: [...this.node.orderBy, node] });
  }

  limit(limit: number): Query<S, O> {
    return this.#with({ limit });
  }

  offset(offset: number): Query<S, O> {
    return this.#with({ offset });
  }

  /**
   * The rows. Throws what `vault.query` throws, SCHEMA_MISMATCH where the table is not as the schema says,
   * and SQL_SYNTAX for two outputs of one name.
   */
  async execute(options: QueryOptions = {}): Promise<TypedResult<O>> {
    const { columns, rows, leakage, stats } = await this.#vault.answer(this.#planner, options);
    const twice = columns.find((name, i) => columns.indexOf(name) !== i);
    if (twice !== undefined) {
      const reason = `two outputs are called "${twice}": name one with as()`;
      throw new OpalineError('SQL_SYNTAX', { reason });
    }
    const objects = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
    return { rows: objects as O[], leakage, stats };
  }

  /** What it would cost and leak, without running it. */
  async explain(): Promise<Explanation> {
    return await this.#vault.explainPlan(this.#planner);
  }

  readonly #planner = (catalog: Catalog): Promise<Plan> => {
    const schema = parseSchema(this.#schema);
    const table = catalog.schemas.get(schema.table);
    if (table !== undefined) checkShape(table, schema);
    return Promise.resolve(planBuilt(this.node, catalog));
  };
}

function freezeNode(node: QueryNode): QueryNode {
  for (const part of Object.values(node)) if (Array.isArray(part)) Object.freeze(part);
  return Object.freeze(node);
}

/** A query of a schema's table, with nothing chosen yet: every row, every column. */
export function queryFrom<const S extends SchemaLiteral>(vault: Answers, schema: S): Query<S> {
  return new Query<S>(
    vault,
    schema,
    freezeNode({
      kind: 'query',
      table: parseSchema(schema).table,
      outputs: undefined,
      where: [],
      groupBy: [],
      having: [],
      orderBy: [],
      limit: undefined,
      offset: undefined,
    }),
  );
}
