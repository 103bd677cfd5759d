import { finishAggregate } from '../../src/plan/finish.ts';
import { interpretAggregate } from '../../src/plan/interpret.ts';
import type { Parameter } from '../../src/plan/parameter.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import type { ResultTable } from '../../src/plan/result.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';

/** The answer of an aggregate query by the plain twin, from plaintext rows. */
export async function plainAnswer(
  schema: Schema,
  rows: readonly (readonly Value[])[],
  sql: string,
  parameters: readonly Parameter[] = [],
): Promise<ResultTable> {
  const plan = await planQuery(sql, parameters, { schemas: new Map([[schema.table, schema]]) });
  if (plan.kind !== 'aggregate') throw new TypeError('not an aggregate query');
  return finishAggregate(plan, schema, interpretAggregate(plan, schema, rows));
}
