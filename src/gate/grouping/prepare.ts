import type { SecretEngine } from '../../engine/engine.ts';
import type { Parameters } from '../../params/parameters.ts';
import type { Leakage } from '../../plan/leakage.ts';
import type { AggregatePlan } from '../../plan/physical.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { type AggregateAnswer, executeAggregate, prepareAggregate } from '../aggregate.ts';
import { GROUP_LIMIT } from '../group-values.ts';
import type { IndexUses } from '../index-uses.ts';
import type { OpenTable } from '../open-table.ts';
import type { SumOutput } from '../sum-layout.ts';
import { privateLeakage } from './leakage.ts';
import { executePrivate, preparePrivate, privateColumn } from './private-groups.ts';

/** What running a prepared aggregate takes. */
export interface Execution {
  readonly link: StoreLink;
  readonly engine: () => Promise<SecretEngine>;
  readonly options: CallOptions;
}

/** An aggregate plan that is proved and can be sent, in the way that was chosen for its groups. */
export interface PreparedGroups {
  readonly uses: IndexUses;
  /** What the way itself shows the store, beside the index uses. */
  readonly leakage: readonly Leakage[];
  /** Ciphertext sums, by term of the plan; those of groups' sizes are of no term: −1. */
  readonly outputs: readonly SumOutput[];
  /** Bytes of the reply if every group were present. */
  readonly replyBytes: number;
  run(execution: Execution): Promise<AggregateAnswer>;
}

/**
 * Prove the bounds and make the tokens of an aggregate plan.
 * @throws OVERFLOW_BOUND, NOISE_BOUND, GROUP_LIMIT, CAPABILITY_MISSING before anything that depends on
 * the query is sent
 */
export async function prepareGroups(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
): Promise<PreparedGroups> {
  const hidden = privateColumn(plan, table);
  if (hidden !== undefined) {
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
      replyBytes: sampleBytes(outputs, parameters) * combinations(groupValues),
      run: ({ link: store, engine, options }) => executePrivate(prepared, store, engine, options),
    };
  }
  const prepared = await prepareAggregate(plan, filter, table, link, parameters);
  const { uses, layout, groupValues } = prepared;
  return {
    uses,
    leakage: [],
    outputs: layout.outputs,
    replyBytes: sampleBytes(layout.outputs, parameters) * combinations(groupValues),
    run: ({ link: store, engine, options }) =>
      executeAggregate(plan, prepared, store, engine, options),
  };
}

/** Bytes of one sample of each output. */
export function sampleBytes(
  outputs: readonly Pick<SumOutput, 'replyLimbs'>[],
  { n }: Pick<Parameters, 'n'>,
): number {
  return outputs.reduce((sum, { replyLimbs }) => sum + 4 * replyLimbs * (n + 1), 0);
}

/** Groups if every combination of values were present, at most the limit; 1 without grouping columns. */
export function combinations(values: readonly { readonly length: number }[]): number {
  const product = values.reduce((all, { length }) => all * Math.max(1, length), 1);
  return Math.min(product, GROUP_LIMIT);
}
