import type { Parameters } from '../../params/parameters.ts';
import type { Leakage } from '../../plan/leakage.ts';
import { type AggregatePlan, isLinear, type LinearPlan } from '../../plan/physical.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import type { StoreLink } from '../../store/link.ts';
import { productParameters } from '../../params/presets.ts';
import type { Schema } from '../../table/schema.ts';
import { AggregateQuery, type Execution, type QueryAnswer } from '../aggregate-query.ts';
import { addDelta } from '../delta.ts';
import { GROUP_LIMIT } from '../group-values.ts';
import type { IndexUses } from '../index-uses.ts';
import type { OpenTable } from '../open-table.ts';
import type { SumOutput } from '../sum-layout.ts';
import { type CodedFilter, codedFilter } from './coded-filter.ts';
import { codedLeakage, obliviousLeakage, privateLeakage, vaultLeakage } from './leakage.ts';
import { chooseGroups, type ObliviousFilter, obliviousFilter } from './oblivious-filter.ts';
import { executePrivate, preparePrivate, privateColumn } from './private-groups.ts';
import type { Speeds } from './speeds.ts';
import { executeVault, prepareVault, vaultBytes } from './vault-groups.ts';
import { groupingWays, type WayEstimate } from './ways.ts';

/** An aggregate plan that is proved and can be sent, in the way that was chosen for its groups. */
export interface PreparedGroups {
  /** How the groups could be made, one of them chosen; none without grouping columns. */
  readonly ways: readonly WayEstimate[];
  readonly uses: IndexUses;
  /** What the way itself shows the store, beside the index uses. */
  readonly leakage: readonly Leakage[];
  /** Ciphertext sums, by term of the plan; those of groups' sizes are of no term: −1. */
  readonly outputs: readonly SumOutput[];
  /** The store is asked for sums of some groups alone, which the answer depends on. */
  readonly selectsGroups: boolean;
  /** The store is not asked: the vault counts rows that it has found. */
  readonly countsHere: boolean;
  /** Whole columns are sent to the vault. */
  readonly sendsColumns: boolean;
  readonly mostRounds: number;
  /** Bytes of the replies if every group were present. */
  readonly replyBytes: number;
  run(execution: Execution): Promise<QueryAnswer>;
}

/** What of a plan's conditions the store hears nothing of. */
export type HiddenFilter = ObliviousFilter | CodedFilter;

/** @throws CAPABILITY_MISSING where an oblivious column is asked what it does not answer */
export function hiddenFilter(plan: AggregatePlan, schema: Schema): HiddenFilter | undefined {
  return codedFilter(plan, schema) ?? obliviousFilter(plan, schema);
}

/**
 * Prove the bounds and make the tokens of an aggregate plan.
 * @param filter of the plan, or of the one that `hidden` leaves of it
 * @param speeds asked for where ways are compared
 * @throws OVERFLOW_BOUND, NOISE_BOUND, GROUP_LIMIT, CAPABILITY_MISSING before anything that depends on
 * the query is sent
 */
export async function prepareGroups(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
  speeds: () => Promise<Speeds>,
  hidden?: HiddenFilter,
): Promise<PreparedGroups> {
  if (hidden?.kind === 'codes') {
    const { plan: sent, columns } = hidden;
    const ways =
      plan.groupBy.length === 0
        ? []
        : await groupingWays(sent, filter, table, parameters, await speeds(), columns);
    const asked = { plan: linear(plan), hidden };
    return { ways, ...(await byVault(sent, filter, table, link, parameters, asked)) };
  }
  if (hidden !== undefined) {
    const prepared = await byColumns(linear(plan), filter, table, link, parameters, hidden);
    const isGrouped = plan.groupBy.includes(hidden.column);
    const ways = isGrouped
      ? await groupingWays(hidden.plan, filter, table, parameters, await speeds())
      : [];
    return { ways, ...prepared };
  }
  const ways =
    plan.groupBy.length === 0
      ? []
      : await groupingWays(plan, filter, table, parameters, await speeds());
  const chosen = ways.find((way) => way.chosen);
  switch (chosen?.way) {
    case 'private':
      return { ways, ...(await byColumns(linear(plan), filter, table, link, parameters)) };
    case 'vault':
      return { ways, ...(await byVault(linear(plan), filter, table, link, parameters)) };
    case 'masks':
    case 'clustered':
    case undefined:
      return { ways, ...(await byMasks(plan, filter, table, link, parameters)) };
    default:
      return chosen!.way satisfies never;
  }
}

type Prepared = Omit<PreparedGroups, 'ways'>;

/** A plan of sums and counts alone: others are not offered another way than masks. */
function linear(plan: AggregatePlan): LinearPlan {
  return { ...plan, terms: plan.terms.filter(isLinear) };
}

async function byColumns(
  plan: LinearPlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
  hidden?: ObliviousFilter,
): Promise<Prepared> {
  const column = hidden?.column ?? privateColumn(plan, table)!;
  const sent = hidden?.plan ?? plan;
  const prepared = await preparePrivate(sent, column, filter, table, link, parameters);
  const { layout, measures, sources } = prepared;
  const { uses } = sources;
  const outputs = layout.outputs.map(({ measure, ...output }) => ({
    ...output,
    term: measures.ofTerm.indexOf(measure),
  }));
  const mostRounds = 1 + uses.roundsBefore;
  return {
    uses,
    leakage: [
      plan.groupBy.includes(column)
        ? privateLeakage(column, table)
        : obliviousLeakage(column, table),
    ],
    outputs,
    selectsGroups: false,
    countsHere: false,
    sendsColumns: false,
    mostRounds,
    replyBytes: sampleBytes(outputs, parameters) * combinations(sources.groupValues),
    run: async ({ link: store, engines, options }) => {
      const stored = await executePrivate(prepared, store, engines, options);
      const answer = hidden === undefined ? stored : chooseGroups(hidden, plan, stored.groups);
      return { ...(await addDelta(plan, table, answer)), rounds: mostRounds };
    },
  };
}

/** @param asked where the vault chooses rows: the plan with the conditions on them, for small appends */
async function byVault(
  plan: LinearPlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
  asked?: { readonly plan: LinearPlan; readonly hidden: CodedFilter },
): Promise<Prepared> {
  const hidden = asked?.hidden;
  const prepared = await prepareVault(plan, filter, table, link, parameters, hidden);
  const { uses } = prepared;
  // The filter's rows, then for each segment its row codes and its columns.
  const mostRounds = (prepared.filter === undefined ? 0 : 1) + 2 + uses.roundsBefore;
  return {
    uses,
    leakage: [hidden === undefined ? vaultLeakage(plan.groupBy) : codedLeakage(plan, hidden)],
    outputs: [],
    selectsGroups: false,
    countsHere: false,
    sendsColumns: true,
    mostRounds,
    replyBytes: vaultBytes(prepared),
    run: async ({ link: store, engines, options }) => {
      const stored = await executeVault(prepared, store, engines, options);
      return { ...(await addDelta(asked?.plan ?? plan, table, stored)), rounds: mostRounds };
    },
  };
}

/** Edges of ranges are fetched before anything else. */

async function byMasks(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
): Promise<Prepared> {
  const query = await AggregateQuery.prepare(plan, filter, table, link, parameters);
  const { uses, outputs, selectsGroups, countsHere, mostRounds, mostGroups, tallyBytes } = query;
  return {
    uses,
    leakage: [],
    outputs,
    selectsGroups,
    countsHere,
    sendsColumns: false,
    mostRounds,
    replyBytes: countsHere ? 0 : sampleBytes(outputs, parameters) * mostGroups + tallyBytes,
    run: (execution) => query.run(execution),
  };
}

/** Bytes of one sample of each output; a sum of products has three polynomials. */
export function sampleBytes(
  outputs: readonly Pick<SumOutput, 'kind' | 'replyLimbs'>[],
  { n }: Pick<Parameters, 'n'>,
): number {
  return outputs.reduce((sum, { kind, replyLimbs }) => {
    const words = kind === 'product' ? 3 * productParameters().n : n + 1;
    return sum + 4 * replyLimbs * words;
  }, 0);
}

/** Groups if every combination of values were present, at most the limit; 1 without grouping columns. */
export function combinations(values: readonly { readonly length: number }[]): number {
  const product = values.reduce((all, { length }) => all * Math.max(1, length), 1);
  return Math.min(product, GROUP_LIMIT);
}
