import type { Parameters } from '../../params/parameters.ts';
import type { Leakage } from '../../plan/leakage.ts';
import type { AggregatePlan } from '../../plan/physical.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { productParameters } from '../../params/presets.ts';
import {
  type AggregateAnswer,
  executeAggregate,
  prepareAggregate,
  type ReplyEngines,
} from '../aggregate.ts';
import { GROUP_LIMIT } from '../group-values.ts';
import type { IndexUses } from '../index-uses.ts';
import type { OpenTable } from '../open-table.ts';
import type { SumOutput } from '../sum-layout.ts';
import { privateLeakage, vaultLeakage } from './leakage.ts';
import { executePrivate, preparePrivate, privateColumn } from './private-groups.ts';
import type { Speeds } from './speeds.ts';
import { executeVault, prepareVault } from './vault-groups.ts';
import { groupingWays, type WayEstimate } from './ways.ts';

/** What running a prepared aggregate takes. */
export interface Execution {
  readonly link: StoreLink;
  readonly engines: ReplyEngines;
  readonly options: CallOptions;
}

/** An aggregate plan that is proved and can be sent, in the way that was chosen for its groups. */
export interface PreparedGroups {
  /** How the groups could be made, one of them chosen; none without grouping columns. */
  readonly ways: readonly WayEstimate[];
  readonly uses: IndexUses;
  /** What the way itself shows the store, beside the index uses. */
  readonly leakage: readonly Leakage[];
  /** Ciphertext sums, by term of the plan; those of groups' sizes are of no term: −1. */
  readonly outputs: readonly SumOutput[];
  /** Round trips, those for edges of ranges apart. */
  readonly rounds: number;
  /** Bytes of the reply if every group were present. */
  readonly replyBytes: number;
  run(execution: Execution): Promise<AggregateAnswer>;
}

/**
 * Prove the bounds and make the tokens of an aggregate plan.
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
): Promise<PreparedGroups> {
  const ways =
    plan.groupBy.length === 0
      ? []
      : await groupingWays(plan, filter, table, parameters, await speeds());
  const way = ways.find(({ chosen }) => chosen)?.way ?? 'masks';
  switch (way) {
    case 'private':
      return { ways, ...(await byColumns(plan, filter, table, link, parameters)) };
    case 'vault':
      return { ways, ...(await byVault(plan, filter, table, link, parameters, ways)) };
    case 'masks':
    case 'clustered':
      return { ways, ...(await byMasks(plan, filter, table, link, parameters)) };
    default:
      return way satisfies never;
  }
}

type Prepared = Omit<PreparedGroups, 'ways'>;

async function byColumns(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
): Promise<Prepared> {
  const hidden = privateColumn(plan, table)!;
  const prepared = await preparePrivate(plan, hidden, filter, table, link, parameters);
  const { uses, layout, measures, groupValues } = prepared;
  const outputs = layout.outputs.map(({ measure, ...output }) => ({
    ...output,
    term: measures.ofTerm.indexOf(measure),
  }));
  return {
    uses,
    leakage: [privateLeakage(hidden, table)],
    outputs,
    rounds: 1,
    replyBytes: sampleBytes(outputs, parameters) * combinations(groupValues),
    run: ({ link: store, engines, options }) => executePrivate(prepared, store, engines, options),
  };
}

async function byVault(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
  ways: readonly WayEstimate[],
): Promise<Prepared> {
  const prepared = await prepareVault(plan, filter, table, link, parameters);
  return {
    uses: prepared.uses,
    leakage: [vaultLeakage(plan.groupBy)],
    outputs: [],
    // The filter's rows, then for each segment its row codes and its columns.
    rounds: (prepared.filter === undefined ? 0 : 1) + 2,
    replyBytes: ways.find(({ way }) => way === 'vault')!.bytes,
    run: ({ link: store, engines, options }) => executeVault(prepared, store, engines, options),
  };
}

async function byMasks(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
): Promise<Prepared> {
  const prepared = await prepareAggregate(plan, filter, table, link, parameters);
  const { uses, layout, groupValues } = prepared;
  return {
    uses,
    leakage: [],
    outputs: layout.outputs,
    rounds: 1,
    replyBytes: sampleBytes(layout.outputs, parameters) * combinations(groupValues),
    run: ({ link: store, engines, options }) =>
      executeAggregate(plan, prepared, store, engines, options),
  };
}

/** Bytes of one sample of each output; a sum of products has three polynomials. */
export function sampleBytes(
  outputs: readonly Pick<SumOutput, 'kind' | 'replyLimbs'>[],
  { n }: Pick<Parameters, 'n'>,
): number {
  return outputs.reduce((sum, { kind, replyLimbs }) => {
    const words = kind === 'sum' ? n + 1 : 3 * productParameters().n;
    return sum + 4 * replyLimbs * words;
  }, 0);
}

/** Groups if every combination of values were present, at most the limit; 1 without grouping columns. */
export function combinations(values: readonly { readonly length: number }[]): number {
  const product = values.reduce((all, { length }) => all * Math.max(1, length), 1);
  return Math.min(product, GROUP_LIMIT);
}
