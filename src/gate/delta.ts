import { OpalineError } from '../errors/opaline-error.ts';
import {
  evaluatePredicate,
  interpretAggregate,
  interpretSelect,
  keyText,
} from '../plan/interpret.ts';
import type { LinearPlan, LinearResult, SelectPlan } from '../plan/physical.ts';
import type { Value } from '../table/value.ts';
import type { AggregateAnswer } from './aggregate.ts';
import { GROUP_LIMIT } from './group-values.ts';
import type { OpenTable } from './open-table.ts';

/**
 * Add the delta's rows to what the store's segments answered: the same plan, run by the plain twin on
 * the opened rows. Sums and counts of a group add up, whichever side they come from.
 * @throws GROUP_LIMIT
 */
export async function addDelta(
  plan: LinearPlan,
  table: OpenTable,
  answer: AggregateAnswer,
): Promise<AggregateAnswer> {
  const rows = await table.deltaRows();
  const { schema } = table;
  const matched = rows.filter((row) => evaluatePredicate(plan.filter, schema, row) === true);
  if (matched.length === 0) return answer;
  const groups = new Map<string, LinearResult>();
  for (const group of [...answer.groups, ...interpretAggregate(plan, schema, matched)]) {
    const id = keyText(group.key);
    const known = groups.get(id);
    const terms = group.terms.map((term, i) => (term as bigint) + (known?.terms[i] ?? 0n));
    // The delta's own rows are opened, and exact.
    const errors = known?.errors ?? ('errors' in group ? group.errors : undefined);
    groups.set(id, { key: group.key, terms, ...(errors === undefined ? {} : { errors }) });
  }
  if (groups.size > GROUP_LIMIT) {
    throw new OpalineError('GROUP_LIMIT', { groups: groups.size, limit: GROUP_LIMIT });
  }
  return {
    groups: [...groups.values()],
    rowsMatched: answer.rowsMatched + matched.length,
  };
}

/** The delta's matching rows, as the cells a row-retrieval plan reads. */
export async function selectDelta(plan: SelectPlan, table: OpenTable): Promise<Value[][]> {
  return interpretSelect(plan, table.schema, await table.deltaRows());
}
