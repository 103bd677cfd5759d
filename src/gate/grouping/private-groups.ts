import { OpalineError } from '../../errors/opaline-error.ts';
import { unpackSums } from '../../params/packing.ts';
import type { Parameters } from '../../params/parameters.ts';
import type { GroupReply } from '../../plan/fragment.ts';
import type { AggregatePlan, LinearPlan } from '../../plan/physical.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import {
  type AggregateAnswer,
  ask,
  type AskedAggregate,
  type ReplyEngines,
  roundingErrors,
} from '../aggregate.ts';
import { GROUP_LIMIT, GroupValues } from '../group-values.ts';
import { IndexUses } from '../index-uses.ts';
import type { OpenTable } from '../open-table.ts';
import { Sources } from '../sources.ts';
import { type Measures, measuresOf } from './measures.ts';
import type { CountedGroup } from './oblivious-filter.ts';
import { type GroupLayout, layoutGroups } from './private-layout.ts';

/** An aggregate over private groups, ready to be sent. */
export interface PreparedPrivate extends AskedAggregate {
  readonly plan: LinearPlan;
  readonly layout: GroupLayout;
  readonly measures: Measures;
  /** The groups of the private column. */
  readonly values: GroupValues;
  /** Its place among the plan's grouping columns. */
  readonly place: number;
  /** Rows of the segments, deleted ones apart. */
  readonly rows: number;
  readonly everyRow: boolean;
}

/** The plan's grouping column whose groups are private; undefined: there is none. */
export function privateColumn(
  plan: Pick<AggregatePlan, 'groupBy'>,
  { schema }: Pick<OpenTable, 'schema'>,
): string | undefined {
  const declared = new Set(schema.groupBy.map(({ column }) => column));
  const [found, second] = plan.groupBy.filter((name) => declared.has(name));
  if (second === undefined) return found;
  throw new OpalineError('CAPABILITY_MISSING', {
    operation: 'GROUP BY',
    column: `"${found}" and "${second}"`,
    needs: 'one private column at a time; declare the other as "masks" in "groupBy"',
  });
}

/**
 * Prove the bounds and make the tokens of a plan that groups by a private column: the store sums
 * columns that are one group's each over the rows of the filter, and by masks of the other columns'
 * values if there are any.
 * @throws CAPABILITY_MISSING, OVERFLOW_BOUND, NOISE_BOUND before anything that depends on the query is sent
 */
export async function preparePrivate(
  plan: LinearPlan,
  name: string,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
): Promise<PreparedPrivate> {
  const masked = plan.groupBy.filter((other) => other !== name);
  const sources = await Sources.load({ groupBy: masked }, filter, table, link, new IndexUses());
  const { metas } = sources;
  const column = table.columnIndex(name);
  const values = await GroupValues.load(table, column, metas);
  const measures = measuresOf(plan, table, metas);
  const layout = layoutGroups(measures.list, column, values, table, metas, parameters);
  const work = {
    kind: 'aggregate',
    counts: 1,
    tallies: 0,
    maxGroups: GROUP_LIMIT,
    outputs: layout.outputs.map(({ kind, replyLimbs }) => ({ kind, limbs: replyLimbs })),
  } as const;
  const fragment = sources.fragment(work, (position, compiler) => {
    const sums = layout.segments[position]!.map(({ output, column: number, notNull }) => {
      const over = compiler.notNull(notNull.map((one) => table.schema.columns[one]!.name));
      return { output, column: number, over };
    });
    return { counts: [-1], sums };
  });
  return {
    fragment,
    sources,
    plan,
    layout,
    measures,
    values,
    place: plan.groupBy.indexOf(name),
    rows: table.segmentRows,
    everyRow: filter.kind === 'all',
  };
}

/**
 * Send a prepared aggregate and decrypt its reply. The rows of all groups must add up to the rows
 * that the store says it summed over.
 * @throws PART_CORRUPT, BYTES_INVALID, GROUP_LIMIT
 */
export async function executePrivate(
  prepared: PreparedPrivate,
  link: StoreLink,
  engines: ReplyEngines,
  options: CallOptions,
): Promise<AggregateAnswer<CountedGroup>> {
  if (prepared.fragment.segments.length === 0) return { groups: [], rowsMatched: 0 };
  const reply = await ask(prepared, link, options);
  const rowsMatched = reply.groups.reduce((sum, { counts }) => sum + counts[0]!, 0);
  const { rows, everyRow } = prepared;
  if (rowsMatched > rows || (everyRow && rowsMatched < rows)) mismatch(prepared);
  if (reply.groups.length === 0) return { groups: [], rowsMatched: 0 };
  const secret = await engines.sum();
  const groups = reply.groups.flatMap((group) => openGroups(prepared, group, secret));
  if (groups.length > GROUP_LIMIT) {
    throw new OpalineError('GROUP_LIMIT', { groups: groups.length, limit: GROUP_LIMIT });
  }
  return { groups, rowsMatched };
}

/** The private groups among the rows of one group of the reply. */
function openGroups(
  prepared: PreparedPrivate,
  reply: GroupReply,
  secret: Awaited<ReturnType<ReplyEngines['sum']>>,
): CountedGroup[] {
  const { plan, layout, measures, values, sources, place } = prepared;
  const rounded = measures.ofTerm.map((measure) => layout.rounded[measure]!);
  const totals = values.values.map(() => measures.list.map(() => 0n));
  layout.outputs.forEach(({ measure, weight, groups, packing }, o) => {
    const sums = unpackSums(secret.decrypt(reply.sums[o]!), packing);
    // A digit past the last group, if any, holds nothing and is not read.
    groups.forEach((group, digit) => (totals[group]![measure]! += sums[digit]! << BigInt(weight)));
  });
  const counted = totals.reduce((sum, [count]) => sum + count!, 0n);
  const lawful = totals.every((of) => of[0]! > 0n || of.every((total) => total === 0n));
  if (counted !== BigInt(reply.counts[0]!) || !lawful) mismatch(prepared);
  const others = sources.keyOf(reply.key);
  return totals.flatMap((of, group) => {
    if (of[0] === 0n) return [];
    const key = others.toSpliced(place, 0, values.values[group]!);
    const terms = measures.ofTerm.map((measure) => of[measure]!);
    return [{ key, terms, rows: Number(of[0]), ...roundingErrors(plan, { rounded }, terms) }];
  });
}

function mismatch({ fragment }: PreparedPrivate): never {
  throw new OpalineError('PART_CORRUPT', {
    part: `index of table ${fragment.table}`,
    reason: 'its groups do not add up to the rows of the table',
  });
}
