import { Scope, type Catalog } from '../bind/scope.ts';
import type { Parameter } from '../parameter.ts';
import type { AggregatePlan } from '../physical.ts';
import type { Cell } from '../result.ts';
import { type Design, designOf, type Model } from './design.ts';
import { exactCell, numericColumn, planMoments } from './moments.ts';
import { type OneWay, oneWay } from './one-way.ts';
import { fit, type Regression } from './regression.ts';

/** A table's rows, or those that a condition selects; $n are parameters. */
export interface Rows {
  readonly table: string;
  readonly where?: string | undefined;
  readonly parameters?: readonly Parameter[] | undefined;
}

export interface OneWayModel {
  readonly y: string;
  /** The grouping column; its NULLs are no group. */
  readonly by: string;
}

/** A plan, and what its answer, once released, says. */
export interface Analysis<T> {
  readonly plan: AggregatePlan;
  /** Throws TOO_FEW_ROWS, DESIGN_SINGULAR. */
  finish(rows: readonly (readonly Cell[])[]): T;
}

/** A regression as one aggregate query. Throws what designOf and planMoments throw. */
export async function planRegression(
  { table, where, parameters = [] }: Rows,
  model: Model,
  catalog: Catalog,
): Promise<Analysis<Regression>> {
  const { schema } = new Scope({ relname: table }, catalog);
  const design: Design = designOf(schema, model);
  const { over, products } = design;
  const plan = await planMoments({ table, where, over, products }, parameters, catalog);
  return { plan, finish: (rows) => fit(design, rows[0]!.map(exactCell)) };
}

/** A one-way analysis of variance as one aggregate query. Throws as planRegression does. */
export async function planOneWay(
  { table, where, parameters = [] }: Rows,
  { y, by }: OneWayModel,
  catalog: Catalog,
): Promise<Analysis<OneWay>> {
  const { schema } = new Scope({ relname: table }, catalog);
  const { name } = numericColumn(schema, y, 'analysis of variance');
  const products = [[], [name], [name, name]] as const;
  const request = { table, where, over: [name], products, groupBy: by };
  const plan = await planMoments(request, parameters, catalog);
  return {
    plan,
    finish: (groups) =>
      oneWay(
        groups.flatMap(([key, ...cells]) => {
          const [rows, sum, squares] = cells.map(exactCell);
          return key === null ? [] : [{ rows: rows!, sum: sum!, squares: squares! }];
        }),
      ),
  };
}
