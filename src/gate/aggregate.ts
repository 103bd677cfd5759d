import { OpalineError } from '../errors/opaline-error.ts';
import type { ProductEngine, SecretEngine } from '../engine/engine.ts';
import type { Parameters } from '../params/parameters.ts';
import type { AggregateReply, Fragment, SegmentFragment } from '../plan/fragment.ts';
import { decodeAggregateReply, encodeFragment } from '../plan/fragment-codec.ts';
import type { AggregatePlan, GroupResult } from '../plan/physical.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { Value } from '../table/value.ts';
import { GROUP_LIMIT, GroupValues } from './group-values.ts';
import type { OpenTable } from './open-table.ts';
import { IndexUses } from './index-uses.ts';
import { NodeCompiler } from './row-nodes.ts';
import { layoutSums, roundingError, type SumLayout, type SumOutput } from './sum-layout.ts';

/**
 * Groups that a query may make whose sums are of products: a group's sum over a segment is 0.7 MB on
 * its way, and all are in memory where they are added up.
 */
const PRODUCT_GROUPS = 256;

function groupLimit({ outputs }: SumLayout): number {
  const products = outputs.filter(({ kind }) => kind === 'product').length;
  return products === 0 ? GROUP_LIMIT : Math.max(1, Math.floor(PRODUCT_GROUPS / products));
}

/** The engines that a reply is decrypted with; each is made when first asked for. */
export interface ReplyEngines {
  sum(): Promise<SecretEngine>;
  product(): Promise<ProductEngine>;
}

/** An aggregate ready to be sent: its bounds are proved, its tokens made. */
export interface PreparedAggregate {
  readonly fragment: Fragment;
  readonly layout: SumLayout;
  /** Values of each grouping column; the reply names them by position. */
  readonly groupValues: readonly (readonly Value[])[];
  readonly uses: IndexUses;
  /** Rows of the segments, deleted ones apart. */
  readonly rows: number;
  /** No row is filtered out: the groups must add up to all rows. */
  readonly everyRow: boolean;
}

/**
 * Prove the bounds and make the tokens of an aggregate plan.
 * @throws OVERFLOW_BOUND, NOISE_BOUND, GROUP_LIMIT before anything that depends on the query is sent.
 */
export async function prepareAggregate(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
): Promise<PreparedAggregate> {
  const entries = table.manifest.segments;
  const metas = await Promise.all(entries.map((entry) => table.meta(entry)));
  const layout = layoutSums(plan, table, metas, parameters);
  const groupColumns = plan.groupBy.map((name) => table.columnIndex(name));
  const dictionaries = await Promise.all(
    groupColumns.map((column) => GroupValues.load(table, column, metas)),
  );
  const uses = new IndexUses();
  for (const column of groupColumns) uses.groupBy(column);
  const segments: SegmentFragment[] = [];
  for (const [i, entry] of entries.entries()) {
    const compiler = new NodeCompiler(table, link, entry, metas[i]!, uses);
    segments.push(
      await compileSegment(plan, filter, entry, compiler, dictionaries, layout.segments[i]!),
    );
  }
  const fragment: Fragment = {
    version: 1,
    table: table.id,
    epoch: table.manifest.epoch,
    work: {
      kind: 'aggregate',
      // One more than the plan's: all rows of the group, for the statistics.
      counts: plan.terms.filter((term) => term.kind === 'count').length + 1,
      maxGroups: groupLimit(layout),
      outputs: layout.outputs.map(({ kind, replyLimbs }) => ({ kind, limbs: replyLimbs })),
    },
    segments,
  };
  return {
    fragment,
    layout,
    groupValues: dictionaries.map((d) => d.values),
    uses,
    rows: table.segmentRows,
    everyRow: filter.kind === 'all',
  };
}

async function compileSegment(
  plan: AggregatePlan,
  filter: SetPredicate,
  entry: SegmentEntry,
  compiler: NodeCompiler,
  groups: readonly GroupValues[],
  sums: SumLayout['segments'][number],
): Promise<SegmentFragment> {
  const filterNode = await compiler.predicate(filter);
  const groupNodes = groups.map((group) => group.nodes(entry, compiler));
  const over = plan.terms.map((term) => compiler.notNull(term.over));
  const counts = plan.terms.flatMap((term, i) => (term.kind === 'count' ? [over[i]!] : []));
  counts.push(-1);
  return {
    segment: entry.id,
    nodes: compiler.nodes,
    filter: filterNode,
    groups: groupNodes,
    counts,
    sums: sums.map(({ term, ...sum }) => ({ ...sum, over: over[term]! })),
  };
}

export interface AggregateAnswer {
  readonly groups: readonly GroupResult[];
  readonly rowsMatched: number;
}

/** Send a prepared aggregate and decrypt its reply. */
export async function executeAggregate(
  plan: AggregatePlan,
  prepared: PreparedAggregate,
  link: StoreLink,
  engines: ReplyEngines,
  options: CallOptions,
): Promise<AggregateAnswer> {
  if (prepared.fragment.segments.length === 0) return { groups: [], rowsMatched: 0 };
  const reply = await ask(prepared, link, options);
  const { outputs } = prepared.layout;
  const needed = (kind: SumOutput['kind']): boolean =>
    reply.groups.length > 0 && outputs.some((output) => output.kind === kind);
  const secret = needed('sum') ? await engines.sum() : undefined;
  const products = needed('product') ? await engines.product() : undefined;
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
      const sum =
        output.kind === 'sum'
          ? secret!.decrypt(sample)
          : products!.decryptTotal({ limbs: sample.limbs, polynomials: sample.a });
      terms[output.term]! += sum << BigInt(output.weight);
    });
    const key = group.key.map((value, column) => prepared.groupValues[column]![value]!);
    return { key, terms, ...roundingErrors(plan, prepared.layout, terms) };
  });
  return { groups, rowsMatched };
}

/** What a reply's shape follows from. */
export interface AskedAggregate extends Pick<PreparedAggregate, 'fragment' | 'groupValues'> {
  readonly layout: { readonly outputs: readonly Pick<SumOutput, 'kind' | 'replyLimbs'>[] };
}

/** What rounding at ingest may have cost a group's sums; each is over as many rows as its count says. */
export function roundingErrors(
  { terms }: Pick<AggregatePlan, 'terms'>,
  { rounded }: Pick<SumLayout, 'rounded'>,
  values: readonly bigint[],
): Pick<GroupResult, 'errors'> {
  if (rounded.every((rows) => rows.length === 0)) return {};
  const counts = new Map(
    terms.flatMap(({ kind, over }, i) => (kind === 'count' ? [[over.join('\0'), values[i]!]] : [])),
  );
  const errors = terms.map(({ over }, i) =>
    rounded[i]!.length === 0 ? 0n : roundingError(rounded[i]!, Number(counts.get(over.join('\0')))),
  );
  return { errors };
}

/**
 * Sends a fragment. The reply has the shape that was asked for.
 * @throws BYTES_INVALID
 */
export async function ask(
  prepared: AskedAggregate,
  link: StoreLink,
  options: CallOptions,
): Promise<AggregateReply> {
  const reply = decodeAggregateReply(
    await link.aggregate(encodeFragment(prepared.fragment), options),
  );
  checkReply(reply, prepared);
  return reply;
}

function checkReply(
  reply: AggregateReply,
  { fragment, layout, groupValues }: AskedAggregate,
): void {
  const { work } = fragment;
  const wanted = work.kind === 'aggregate' ? work.counts : 0;
  const seen = new Set<string>();
  const fits = reply.groups.every((group) => {
    const id = group.key.join();
    if (seen.has(id)) return false;
    seen.add(id);
    return (
      group.key.length === groupValues.length &&
      group.key.every((value, column) => value < groupValues[column]!.length) &&
      group.counts.length === wanted &&
      group.sums.length === layout.outputs.length &&
      group.sums.every(({ limbs, b }, i) => {
        const { kind, replyLimbs } = layout.outputs[i]!;
        return limbs === replyLimbs && b.length === (kind === 'sum' ? limbs : 0);
      })
    );
  });
  if (!fits) {
    throw new OpalineError('BYTES_INVALID', {
      what: 'an aggregate reply',
      reason: 'it does not fit the query',
    });
  }
}
