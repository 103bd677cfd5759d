import { finishAggregate } from '../../../../src/plan/finish.ts';
import { interpretAggregate } from '../../../../src/plan/interpret.ts';
import {
  type Analysis,
  type OneWayModel,
  planOneWay,
  planRegression,
  type Rows,
} from '../../../../src/plan/statistics/plans.ts';
import type { OneWay } from '../../../../src/plan/statistics/one-way.ts';
import type { Regression } from '../../../../src/plan/statistics/regression.ts';
import { parseSchema } from '../../../../src/table/schema-json.ts';
import type { Schema } from '../../../../src/table/schema.ts';
import type { Value } from '../../../../src/table/value.ts';

/** A table `t` of whole numbers; NULL where nothing is given. */
export interface Plain {
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
}

/** Columns are nullable integers; derived cells are computed here, apart from the code under test. */
export function plain(
  rows: readonly Readonly<Record<string, number | null>>[],
  more: { derived?: Record<string, string>; pairs?: [string, string][] } = {},
): Plain {
  const names = Object.keys(rows[0]!);
  const columns = Object.fromEntries(names.map((n) => [n, { type: 'integer', nullable: true }]));
  const schema = parseSchema({ version: 1, table: 't', columns, ...more });
  const cells = rows.map((row) => {
    const known = new Map<string, Value>();
    for (const { name, derived } of schema.columns) {
      const factors = derived?.map((factor) => known.get(factor) ?? null);
      const given = row[name];
      const value =
        factors === undefined
          ? given === null || given === undefined
            ? null
            : BigInt(given)
          : factors.includes(null)
            ? null
            : factors.reduce((all: bigint, factor) => all * (factor as bigint), 1n);
      known.set(name, value);
    }
    return [...known.values()];
  });
  return { schema, rows: cells };
}

async function finished<T>({ schema, rows }: Plain, planned: Promise<Analysis<T>>): Promise<T> {
  const { plan, finish } = await planned;
  return finish(finishAggregate(plan, schema, interpretAggregate(plan, schema, rows)).rows);
}

type Options = Omit<Rows, 'table'>;

export function regress(
  table: Plain,
  x: readonly string[],
  { intercept = true, ...rows }: Options & { intercept?: boolean } = {},
): Promise<Regression> {
  const catalog = { schemas: new Map([['t', table.schema]]) };
  const model = { y: 'y', x, intercept };
  return finished(table, planRegression({ table: 't', ...rows }, model, catalog));
}

export function anova(table: Plain, model: OneWayModel, rows: Options = {}): Promise<OneWay> {
  const catalog = { schemas: new Map([['t', table.schema]]) };
  return finished(table, planOneWay({ table: 't', ...rows }, model, catalog));
}
