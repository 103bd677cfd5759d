import type { SecretEngine } from '../../engine/engine.ts';
import type { Parameters } from '../../params/parameters.ts';
import { decodeRowsReply, encodeFragment } from '../../plan/fragment-codec.ts';
import type { LinearPlan, LinearResult } from '../../plan/physical.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { parseWireColumn } from '../../table/column-part.ts';
import type { PartEntry, SegmentEntry } from '../../table/manifest.ts';
import { RowSet } from '../../table/row-set.ts';
import type { ProductMeta, SegmentMeta } from '../../table/segment-meta.ts';
import { type AggregateAnswer, type ReplyEngines, roundingErrors } from '../aggregate.ts';
import { deletedRows } from '../deleted-rows.ts';
import { fetchPart } from '../fetch-part.ts';
import { GroupValues } from '../group-values.ts';
import type { IndexUses } from '../index-uses.ts';
import type { OpenTable } from '../open-table.ts';
import { prepareRows, type PreparedRows } from '../rows.ts';
import { inPart } from '../sealed-rows.ts';
import { findProduct, layoutSums, type SumLayout, unitOf } from '../sum-layout.ts';
import { GroupNumbers } from './group-numbers.ts';
import { type Measure, type Measures, measuresOf } from './measures.ts';

/** An aggregate whose rows the vault groups by itself, ready to run. */
export interface PreparedVault {
  readonly plan: LinearPlan;
  readonly table: OpenTable;
  readonly metas: readonly SegmentMeta[];
  readonly columns: readonly number[];
  readonly values: readonly GroupValues[];
  readonly measures: Measures;
  /** As for sums by the store: the same values are added. */
  readonly rounded: SumLayout['rounded'];
  /** Undefined: every row. */
  readonly filter: PreparedRows | undefined;
  readonly uses: IndexUses;
  /** Ciphertext columns of each segment that are sent. */
  readonly sent: readonly (readonly PartEntry[])[];
}

/**
 * A plan whose groups are made here: the store finds the rows of the filter and sends whole ciphertext
 * columns as they were uploaded. Which row is in which group is in sealed blocks of the segments. Only
 * where one key opens a column, as in every table of this version.
 */
export async function prepareVault(
  plan: LinearPlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
): Promise<PreparedVault> {
  const entries = table.manifest.segments;
  const metas = await Promise.all(entries.map((entry) => table.meta(entry)));
  const columns = plan.groupBy.map((name) => table.columnIndex(name));
  const measures = measuresOf(plan, table, metas);
  const rows = await prepareRows({ orderBy: [] }, filter, table, link);
  return {
    plan,
    table,
    metas,
    columns,
    values: await Promise.all(columns.map((column) => GroupValues.load(table, column, metas))),
    measures,
    rounded: layoutSums(plan, table, metas, parameters).rounded,
    filter: filter.kind === 'all' ? undefined : rows,
    uses: rows.uses,
    sent: entries.map((entry, i) => {
      const products = productsOf(measures.list, metas[i]!);
      return products.flatMap((product) => limbsOf(product, entry));
    }),
  };
}

/** True where every segment has the sealed blocks that tell the vault which row has which value. */
export function canGroupHere(metas: readonly SegmentMeta[]): boolean {
  return metas.length > 0 && metas.every((meta) => meta.rowCodes === true);
}

/**
 * Fetch, decrypt and group, segment by segment.
 * @throws PART_CORRUPT, PART_MISSING, BYTES_INVALID, GROUP_LIMIT, ABORTED
 */
export async function executeVault(
  prepared: PreparedVault,
  link: StoreLink,
  engines: ReplyEngines,
  options: CallOptions,
): Promise<AggregateAnswer> {
  const { plan, table, metas, values, measures, rounded } = prepared;
  const entries = table.manifest.segments;
  const selected = await selectRows(prepared, link, options);
  const groups = new GroupNumbers(values);
  const totals: bigint[][] = [];
  let rowsMatched = 0;
  for (const [i, entry] of entries.entries()) {
    const rows = selected[i]!;
    rowsMatched += rows.count;
    if (rows.count > 0) {
      const codes = await Promise.all(prepared.columns.map((c) => table.rowCodes(entry, c, link)));
      const groupOf = groups.split(rows, codes, entry, metas[i]!);
      while (totals.length < groups.count) totals.push(measures.list.map(() => 0n));
      const segment = { prepared, entry, meta: metas[i]!, groupOf, groups: groups.count };
      await addSegment(segment, totals, link, engines, options);
    }
    options.onProgress?.(i + 1, entries.length);
  }
  return {
    groups: totals.map((of, group): LinearResult => {
      const terms = measures.ofTerm.map((measure) => of[measure]!);
      return { key: groups.keyOf(group), terms, ...roundingErrors(plan, { rounded }, terms) };
    }),
    rowsMatched,
  };
}

/** The rows of each segment that count. */
async function selectRows(
  { table, filter }: PreparedVault,
  link: StoreLink,
  options: CallOptions,
): Promise<RowSet[]> {
  const entries = table.manifest.segments;
  if (filter === undefined) {
    return await Promise.all(
      entries.map(async (entry) => {
        const gone = await deletedRows(link, table, entry);
        return gone.or(table.leftOut(entry) ?? new RowSet(entry.rows)).not();
      }),
    );
  }
  const reply = decodeRowsReply(await link.aggregate(encodeFragment(filter.fragment), options));
  const found = new Map(reply.segments.map(({ segment, rows }) => [segment, rows]));
  return entries.map((entry) => {
    const rows = found.get(entry.id) ?? new Uint32Array(0);
    if (rows.some((row) => row >= entry.rows)) {
      throw new OpalineError('BYTES_INVALID', {
        what: 'a rows reply',
        reason: 'it does not fit the query',
      });
    }
    return RowSet.of(entry.rows, rows);
  });
}

interface Segment {
  readonly prepared: PreparedVault;
  readonly entry: SegmentEntry;
  readonly meta: SegmentMeta;
  /** Per row its group, −1 for none. */
  readonly groupOf: Int32Array;
  readonly groups: number;
}

async function addSegment(
  segment: Segment,
  totals: bigint[][],
  link: StoreLink,
  engines: ReplyEngines,
  options: CallOptions,
): Promise<void> {
  const { prepared, entry, meta } = segment;
  const { table, measures } = prepared;
  const nulls = await nullRows(measures.list, table, entry, meta, link);
  const counts = measures.list.flatMap((measure, number) =>
    measure.factors.length === 0 ? [{ number, masks: masksOf(measure, nulls) }] : [],
  );
  for (const { number, masks } of counts) {
    const sums = new Float64Array(segment.groups);
    addRows(sums, segment.groupOf, masks, 0, segment.groupOf.length, undefined);
    addTo(totals, number, sums, 0);
  }
  for (const product of productsOf(measures.list, meta)) {
    const own = measures.list.flatMap((measure, number) =>
      measure.factors.join() === product.factors.join()
        ? [{ number, masks: masksOf(measure, nulls) }]
        : [],
    );
    const lowest = unitOf(product.factors, table) - (product.fixed?.point ?? 0);
    for (const [limb, part] of limbsOf(product, entry).entries()) {
      const bytes = await fetchPart(link, table.id, part, options);
      const sums = own.map(() => new Float64Array(segment.groups));
      decryptInto(sums, own, bytes, part, segment, await engines.sum());
      sums.forEach((sum, m) => addTo(totals, own[m]!.number, sum, lowest + limb * product.width));
    }
  }
}

/** Adds every value of a column to the sum of its row's group. Exact: a segment's sums are below 2^47. */
function decryptInto(
  sums: readonly Float64Array[],
  measures: readonly { readonly masks: readonly RowSet[] }[],
  bytes: Uint8Array,
  part: PartEntry,
  { groupOf }: Segment,
  secret: SecretEngine,
): void {
  inPart(part.id, () => {
    const column = parseWireColumn(bytes, `part ${part.id}`);
    const { n, chunks } = column.shape;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const from = chunk * n;
      const to = Math.min(groupOf.length, from + n);
      if (groupOf.subarray(from, to).every((group) => group === -1)) continue;
      const values = secret.decryptFresh(column.chunk(chunk));
      measures.forEach(({ masks }, m) => addRows(sums[m]!, groupOf, masks, from, to, values));
      values.fill(0);
    }
  });
}

/** sums[group] += the value (1 without values) of each row in [from, to) that no mask holds. */
function addRows(
  sums: Float64Array,
  groupOf: Int32Array,
  masks: readonly RowSet[],
  from: number,
  to: number,
  values: Float64Array | undefined,
): void {
  for (let row = from; row < to; row++) {
    const group = groupOf[row]!;
    if (group === -1 || masks.some((mask) => mask.has(row))) continue;
    sums[group]! += values === undefined ? 1 : values[row - from]!;
  }
}

function addTo(totals: bigint[][], measure: number, sums: Float64Array, weight: number): void {
  sums.forEach((sum, group) => {
    if (sum !== 0) totals[group]![measure]! += BigInt(sum) << BigInt(weight);
  });
}

/** The NULL rows of each column that some measure leaves out for them. */
async function nullRows(
  measures: readonly Measure[],
  table: OpenTable,
  entry: SegmentEntry,
  meta: SegmentMeta,
  link: StoreLink,
): Promise<ReadonlyMap<number, RowSet>> {
  const columns = new Set(measures.flatMap(({ over }) => over));
  const found = new Map<number, RowSet>();
  for (const column of columns) {
    if (meta.columns[column]!.nulls === 0) continue;
    found.set(column, (await table.rowCodes(entry, column, link)).nulls);
  }
  return found;
}

function masksOf({ over }: Measure, nulls: ReadonlyMap<number, RowSet>): RowSet[] {
  return over.flatMap((column) => nulls.get(column) ?? []);
}

/** The distinct products that are summed; the segment stores all of them, else this way is not open. */
function productsOf(measures: readonly Measure[], meta: SegmentMeta): ProductMeta[] {
  const distinct = Map.groupBy(measures, ({ factors }) => factors.join());
  return [...distinct.values()].flatMap(([measure]) => findProduct(meta, measure!.factors) ?? []);
}

function limbsOf({ first, limbs }: ProductMeta, entry: SegmentEntry): PartEntry[] {
  return Array.from({ length: limbs }, (_, limb) => entry.columns[first + limb]!);
}
