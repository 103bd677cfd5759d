import { OpalineError } from '../errors/opaline-error.ts';
import type { SecretEngine } from '../engine/engine.ts';
import type { Parameters } from '../params/parameters.ts';
import type { AggregateReply, Fragment, SparseCounts } from '../plan/fragment.ts';
import { decodeAggregateReply, encodeFragment } from '../plan/fragment-codec.ts';
import type { LinearPlan, LinearResult } from '../plan/physical.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import { GROUP_LIMIT } from './group-values.ts';
import type { Asked, Sources } from './sources.ts';
import type { NodeCompiler } from './row-nodes.ts';
import { layoutSums, type SumLayout } from './sum-layout.ts';

/** Counts of a query's order statistics that travel with its sums. */
export interface Tallies {
  /** How many there are. */
  readonly count: number;
  /** Those of one segment. */
  of(position: number, compiler: NodeCompiler): Required<Asked>['tallies'];
}

/** What may go with a plan's sums and counts. */
export interface AggregateExtras {
  readonly tallies?: Tallies | undefined;
  /** By grouping column: groups of other values, named by place, are left out. */
  readonly only?: readonly ReadonlySet<number>[] | undefined;
}

/** An aggregate ready to be sent: its bounds are proved, its tokens made. */
export interface PreparedAggregate {
  readonly fragment: Fragment;
  readonly layout: SumLayout;
  readonly sources: Sources;
  /** Rows of the segments, deleted ones apart. */
  readonly rows: number;
  /** No row is filtered out: the groups must add up to all rows. */
  readonly everyRow: boolean;
}

/**
 * Prove the bounds and make the tokens of a plan of sums and counts.
 * @throws OVERFLOW_BOUND, NOISE_BOUND before anything that depends on the query is sent.
 */
export function prepareAggregate(
  plan: LinearPlan,
  everyRow: boolean,
  sources: Sources,
  parameters: Parameters,
  { tallies, only }: AggregateExtras = {},
): PreparedAggregate {
  const { table, metas } = sources;
  const layout = layoutSums(plan, table, metas, parameters);
  const work = {
    kind: 'aggregate',
    // One more than the plan's: all rows of the group, for the statistics.
    counts: plan.terms.filter((term) => term.kind === 'count').length + 1,
    tallies: tallies?.count ?? 0,
    maxGroups: GROUP_LIMIT,
    outputs: layout.outputs.map((output) => ({ limbs: output.replyLimbs })),
  } as const;
  const fragment = sources.fragment(
    work,
    (position, compiler) => {
      const over = plan.terms.map((term) => compiler.notNull(term.over));
      const counts = plan.terms.flatMap((term, i) => (term.kind === 'count' ? [over[i]!] : []));
      counts.push(-1);
      return {
        counts,
        sums: layout.segments[position]!.map(({ term, output, column }) => {
          return { output, column, over: over[term]! };
        }),
        tallies: tallies?.of(position, compiler) ?? [],
      };
    },
    only,
  );
  return { fragment, layout, sources, rows: table.segmentRows, everyRow };
}

/** A group as the store's segments have it. */
export interface StoredGroup extends LinearResult {
  readonly tallies: SparseCounts;
}

export interface AggregateAnswer<G extends LinearResult = LinearResult> {
  readonly groups: readonly G[];
  readonly rowsMatched: number;
}

/** Send a prepared aggregate and decrypt its reply. */
export async function executeAggregate(
  plan: LinearPlan,
  prepared: PreparedAggregate,
  link: StoreLink,
  engine: () => Promise<SecretEngine>,
  options: CallOptions,
): Promise<AggregateAnswer<StoredGroup>> {
  if (prepared.fragment.segments.length === 0) return { groups: [], rowsMatched: 0 };
  const reply = decodeAggregateReply(
    await link.aggregate(encodeFragment(prepared.fragment), options),
  );
  const { outputs } = prepared.layout;
  checkReply(reply, prepared);
  const secret = outputs.length > 0 && reply.groups.length > 0 ? await engine() : undefined;
  const countOf = new Map<number, number>();
  plan.terms.forEach((term, i) => {
    if (term.kind === 'count') countOf.set(i, countOf.size);
  });
  const rowsMatched = reply.groups.reduce((sum, { counts }) => sum + counts.at(-1)!, 0);
  if (rowsMatched > prepared.rows || (prepared.everyRow && rowsMatched < prepared.rows)) {
    throw new OpalineError('PART_CORRUPT', {
      part: `index of table ${prepared.fragment.table}`,
      reason: 'its lists do not add up to the rows of the table',
    });
  }
  const groups = reply.groups.map((group) => {
    const terms = plan.terms.map((_, i) => BigInt(group.counts[countOf.get(i) ?? -1] ?? 0));
    group.sums.forEach((sample, o) => {
      const output = outputs[o]!;
      terms[output.term]! += secret!.decrypt(sample) << BigInt(output.weight);
    });
    return { key: prepared.sources.keyOf(group.key), terms, tallies: group.tallies };
  });
  return { groups, rowsMatched };
}

/** The reply must have the shape that was asked for: it comes from outside. */
export function checkReply(
  reply: AggregateReply,
  { fragment, layout, sources }: Pick<PreparedAggregate, 'fragment' | 'sources' | 'layout'>,
): void {
  const { work } = fragment;
  const [counts, tallies] = work.kind === 'aggregate' ? [work.counts, work.tallies] : [0, 0];
  const seen = new Set<string>();
  const fits = reply.groups.every((group) => {
    const id = group.key.join();
    if (seen.has(id)) return false;
    seen.add(id);
    return (
      sources.isKey(group.key) &&
      group.counts.length === counts &&
      (group.tallies.numbers.at(-1) ?? -1) < tallies &&
      group.sums.length === layout.outputs.length &&
      group.sums.every((sum, i) => sum.limbs === layout.outputs[i]!.replyLimbs)
    );
  });
  if (!fits) {
    throw new OpalineError('BYTES_INVALID', {
      what: 'an aggregate reply',
      reason: 'it does not fit the query',
    });
  }
}
