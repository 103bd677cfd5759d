import type { SecretEngine } from '../../engine/engine.ts';
import type { Parameters } from '../../params/parameters.ts';
import { decodeRowsReply, encodeFragment } from '../../plan/fragment-codec.ts';
import type { LinearPlan, LinearResult } from '../../plan/physical.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { parseWireColumn } from '../../table/column-part.ts';
import type { PartEntry, SegmentEntry } from '../../table/manifest.ts';
import { codeBytes, type RowCodes } from '../../table/row-codes.ts';
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
import type { CodedFilter } from './coded-filter.ts';
import { GroupNumbers } from './group-numbers.ts';
import { type Measure, type Measures, measuresOf } from './measures.ts';
import { RowChoice } from './row-choice.ts';

/** An aggregate whose rows the vault groups, and may choose, by itself, ready to run. */
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
  /** Of those rows, the ones that the vault keeps; undefined: all. */
  readonly choice: RowChoice | undefined;
  readonly uses: IndexUses;
  /** Ciphertext columns of each segment that are sent. */
  readonly sent: readonly (readonly PartEntry[])[];
}

/**
 * A plan whose groups are made here: the store finds the rows of the filter and sends whole ciphertext
 * columns as they were uploaded. Which row is in which group is in sealed blocks of the segments. Only
 * where one key opens a column, as in every table of this version.
 * @param hidden conditions that the store hears nothing of, `plan` being what they leave
 * @throws CAPABILITY_MISSING for a product that a segment does not store
 */
export async function prepareVault(
  plan: LinearPlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  parameters: Parameters,
  hidden?: CodedFilter,
): Promise<PreparedVault> {
  const entries = table.manifest.segments;
  const metas = await Promise.all(entries.map((entry) => table.meta(entry)));
  const columns = plan.groupBy.map((name) => table.columnIndex(name));
  const measures = measuresOf(plan, table, metas);
  const layout = layoutSums(plan, table, metas, parameters);
  if (layout.outputs.some(({ kind }) => kind === 'product')) throw notStored(plan, layout);
  if (hidden !== undefined && metas.some(({ rowCodes }) => rowCodes !== true)) {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a condition or group made here',
      column: hidden.columns.map((name) => `"${name}"`).join(' and '),
      needs: 'sealed row codes in every segment: run opaline compact',
    });
  }
  const choice = hidden && (await RowChoice.load(hidden.parts, table));
  const rows = await prepareRows({ orderBy: [] }, filter, table, link);
  return {
    plan,
    table,
    metas,
    columns,
    values: await Promise.all(columns.map((column) => GroupValues.load(table, column, metas))),
    measures,
    rounded: layout.rounded,
    filter: filter.kind === 'all' ? undefined : rows,
    choice,
    uses: rows.uses,
    sent: entries.map((entry, i) => {
      const products = productsOf(measures.list, metas[i]!);
      return products.flatMap((product) => limbsOf(product, entry));
    }),
  };
}

/** Bytes of the columns and row codes that the store sends, sealing apart. */
export function vaultBytes({ table, metas, columns, choice, sent }: PreparedVault): number {
  const coded = [...new Set([...columns, ...(choice?.columns ?? [])])];
  return table.manifest.segments.reduce((sum, { rows }, i) => {
    const codes = coded.map((column) => codeBytes(metas[i]!.columns[column]!.distinct));
    return (
      sum +
      codes.reduce((all, bytes) => all + bytes * rows, 0) +
      sent[i]!.reduce((all, { bytes }) => all + bytes, 0)
    );
  }, 0);
}

/** Products of columns that the store would multiply: no column of them can be sent. */
function notStored({ terms }: LinearPlan, { outputs }: SumLayout): OpalineError {
  const { term } = outputs.find(({ kind }) => kind === 'product')!;
  const sum = terms[term]!;
  const pair = JSON.stringify(sum.kind === 'sum' ? sum.product : []);
  return new OpalineError('CAPABILITY_MISSING', {
    operation: 'SUM',
    column: pair,
    needs: `declare ${pair} in "pairs" and run opaline reindex`,
  });
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
  const { plan, table, metas, columns, choice, values, measures, rounded } = prepared;
  const entries = table.manifest.segments;
  const selected = await selectRows(prepared, link, options);
  const groups = new GroupNumbers(values);
  const totals: bigint[][] = [];
  for (const [i, entry] of entries.entries()) {
    const rows = selected[i]!;
    if (rows.count > 0) {
      const codes = await codesOf([...columns, ...(choice?.columns ?? [])], entry, table, link);
      const grouped = columns.map((column) => codes.get(column)!);
      const groupOf = groups.split(rows, grouped, entry, metas[i]!);
      if (choice !== undefined) dropRows(groupOf, choice.rowsIn(entry, codes), groups.count);
      while (totals.length < groups.count) totals.push(measures.list.map(() => 0n));
      const segment = { prepared, entry, meta: metas[i]!, groupOf, groups: groups.count };
      await addSegment(segment, totals, link, engines, options);
    }
    options.onProgress?.(i + 1, entries.length);
  }
  // Without grouping columns there is a group also where no row is.
  while (plan.groupBy.length === 0 && totals.length < 1) totals.push(measures.list.map(() => 0n));
  return {
    groups: totals.flatMap((of, group): LinearResult[] => {
      if (plan.groupBy.length > 0 && of[0] === 0n) return [];
      const terms = measures.ofTerm.map((measure) => of[measure]!);
      return [{ key: groups.keyOf(group), terms, ...roundingErrors(plan, { rounded }, terms) }];
    }),
    rowsMatched: Number(totals.reduce((sum, [rows]) => sum + rows!, 0n)),
  };
}

async function codesOf(
  columns: readonly number[],
  entry: SegmentEntry,
  table: OpenTable,
  link: StoreLink,
): Promise<ReadonlyMap<number, RowCodes>> {
  const distinct = [...new Set(columns)];
  const codes = await Promise.all(distinct.map((column) => table.rowCodes(entry, column, link)));
  return new Map(distinct.map((column, i) => [column, codes[i]!]));
}

/**
 * Rows that are not chosen go to the group `dropped`, which is added up like the others and thrown away: the time
 * between two requests then does not tell how many there are.
 */
function dropRows(groupOf: Int32Array, chosen: Uint8Array, dropped: number): void {
  for (let row = 0; row < groupOf.length; row++) {
    if (groupOf[row] !== -1 && chosen[row] === 0) groupOf[row] = dropped;
  }
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
  /** Per row its group, −1 for none; `groups` where it was dropped. */
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
    const sums = new Float64Array(segment.groups + 1);
    addRows(sums, segment.groupOf, masks, 0, segment.groupOf.length, undefined);
    addTo(totals, number, sums.subarray(0, segment.groups), 0);
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
      const sums = own.map(() => new Float64Array(segment.groups + 1));
      decryptInto(sums, own, bytes, part, segment, await engines.column());
      const weight = lowest + limb * product.width;
      sums.forEach((sum, m) => {
        addTo(totals, own[m]!.number, sum.subarray(0, segment.groups), weight);
      });
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
