import { OpalineError } from '../errors/opaline-error.ts';
import type { ProductDecryptor, SecretEngine, SumDecryptor } from '../engine/engine.ts';
import type { Parameters } from '../params/parameters.ts';
import type { AggregateReply, Fragment, SparseCounts } from '../plan/fragment.ts';
import { decodeAggregateReply, encodeFragment } from '../plan/fragment-codec.ts';
import type { LinearPlan, LinearResult } from '../plan/physical.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { Custody } from './custody/custody.ts';
import { GROUP_LIMIT } from './group-values.ts';
import type { Asked, Sources } from './sources.ts';
import type { NodeCompiler } from './row-nodes.ts';
import { layoutSums, roundingError, type SumLayout, type SumOutput } from './sum-layout.ts';

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
  sum(): Promise<SumDecryptor>;
  /** Of the columns that sums are made of. */
  column(): Promise<SecretEngine>;
  product(): Promise<ProductDecryptor>;
  /** Of a divided table: nobody has an engine of its sums. */
  readonly custody?: Custody | undefined;
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
    maxGroups: groupLimit(layout),
    outputs: layout.outputs.map(({ kind, replyLimbs }) => ({ kind, limbs: replyLimbs })),
  } as const;
  const fragment = sources.fragment(
    work,
    (position, compiler) => {
      const over = plan.terms.map((term) => compiler.notNull(term.over));
      const counts = plan.terms.flatMap((term, i) => (term.kind === 'count' ? [over[i]!] : []));
      counts.push(-1);
      return {
        counts,
        sums: layout.segments[position]!.map(({ term, ...sum }) => {
          return { ...sum, over: over[term]! };
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
  engines: ReplyEngines,
  options: CallOptions,
): Promise<AggregateAnswer<StoredGroup>> {
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
  const divided = needed('divided')
    ? await decryptDivided(reply, prepared, engines, options)
    : undefined;
  const groups = reply.groups.map((group, g) => {
    const terms = plan.terms.map((_, i) => BigInt(group.counts[countOf.get(i) ?? -1] ?? 0));
    group.sums.forEach((sample, o) => {
      const output = outputs[o]!;
      const sum =
        output.kind === 'divided'
          ? divided![g]![o]!
          : output.kind === 'sum'
            ? secret!.decrypt(sample)
            : products!.decryptTotal({ limbs: sample.limbs, polynomials: sample.a });
      terms[output.term]! += sum << BigInt(output.weight);
    });
    return {
      key: prepared.sources.keyOf(group.key),
      terms,
      tallies: group.tallies,
      ...roundingErrors(plan, prepared.layout, terms),
    };
  });
  return { groups, rowsMatched };
}

/** @throws KEY_MISSING where the vault knows no custodians; what custodians throw */
async function decryptDivided(
  reply: AggregateReply,
  { fragment, layout }: PreparedAggregate,
  { custody }: ReplyEngines,
  options: CallOptions,
): Promise<readonly (readonly bigint[])[]> {
  if (custody === undefined) throw new OpalineError('KEY_MISSING', { what: 'divided tables' });
  const rows = Math.max(...layout.outputs.map(({ units }) => units));
  return await custody.decrypt({ fragment, reply, rows }, options);
}

/** What a reply's shape follows from. */
export interface AskedAggregate extends Pick<PreparedAggregate, 'fragment' | 'sources'> {
  readonly layout: { readonly outputs: readonly Pick<SumOutput, 'kind' | 'replyLimbs'>[] };
}

/** What rounding at ingest may have cost a group's sums; each is over as many rows as its count says. */
export function roundingErrors(
  { terms }: Pick<LinearPlan, 'terms'>,
  { rounded }: Pick<SumLayout, 'rounded'>,
  values: readonly bigint[],
): Pick<LinearResult, 'errors'> {
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

function checkReply(reply: AggregateReply, { fragment, layout, sources }: AskedAggregate): void {
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
      group.sums.every(({ limbs, b }, i) => {
        const { kind, replyLimbs } = layout.outputs[i]!;
        return limbs === replyLimbs && b.length === (kind === 'product' ? 0 : limbs);
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
