import type { Leakage } from '../plan/leakage.ts';
import type { Plan } from '../plan/physical.ts';
import { sseLeakage, type SseUse } from '../search/sse/leakage.ts';
import { rungReport, type RungReport } from '../search/leakage-rung.ts';
import type { RungEstimate } from '../search/rung.ts';
import type { ColumnUses, IndexUses, RungUses } from './index-uses.ts';
import { clusteredLeakage } from './grouping/leakage.ts';
import { termsOf } from './match-conditions.ts';
import type { OpenTable } from './open-table.ts';

/** What sums show beside which columns are summed over which rows. */
export interface SumTraits {
  /** Some are of products of ciphertexts. */
  readonly multiplies: boolean;
  /** Some are asked of the groups of the result alone. */
  readonly selectsGroups: boolean;
  /** The vault counts rows that it has found, and tells the store none of them. */
  readonly countsHere: boolean;
  /** The vault adds up whole columns that it is sent. */
  readonly sendsColumns: boolean;
}

const PLAIN_SUMS: SumTraits = {
  multiplies: false,
  selectsGroups: false,
  countsHere: false,
  sendsColumns: false,
};

/** What the store learns from a plan: each index use, then the sums or the fetched records. */
export async function planLeakage(
  plan: Plan,
  uses: IndexUses,
  table: OpenTable,
  traits: SumTraits = PLAIN_SUMS,
): Promise<Leakage[]> {
  const out = await indexLeakage(uses, table);
  out.push(plan.kind === 'select' ? fetchLeakage(table) : sumLeakage(plan, table, traits));
  return [...out, ...tableLeakage(table)];
}

/** What the store learns from the indexes that were used. */
export async function indexLeakage(uses: IndexUses, table: OpenTable): Promise<Leakage[]> {
  const out: Leakage[] = [];
  for (const [column, use] of uses.columns) {
    const histogram = await columnHistogram(table, column);
    out.push(
      ...sseLeakage({
        column: table.schema.columns[column]!.name,
        rows: table.rows,
        segments: table.manifest.segments.length,
        ...(histogram && {
          frequencies: histogram.frequencies,
        }),
        uses: listUses(use, histogram),
      }),
    );
  }
  for (const use of uses.rungs.values()) out.push((await reportOf(use, table)).leakage);
  return out;
}

/** What it learns whatever is asked. */
export function tableLeakage(table: OpenTable): Leakage[] {
  const { layout } = table.schema;
  return [
    ...(layout === 'random' ? [] : [clusteredLeakage(layout.clustered)]),
    ...(table.manifest.delta.length > 0 ? [deltaLeakage(table)] : []),
  ];
}

function listUses(use: ColumnUses, histogram: Histogram | undefined): SseUse[] {
  const out: SseUse[] = [];
  // The whole partition includes whatever single lists of it show.
  if (use.groupBy) out.push({ kind: 'groupBy' });
  else {
    if (use.values.size > 0) {
      const matched = [...use.values.keys()].map((value) => histogram?.rows.get(value) ?? 0);
      out.push({ kind: 'equality', values: use.values.size, ...(histogram && { matched }) });
    }
    if (use.nulls) out.push({ kind: 'null', ...(histogram && { matched: histogram.nulls }) });
  }
  const { token, prefix, gram } = use.parts;
  if (token.size > 0) out.push({ kind: 'keyword', keywords: token.size });
  if (prefix.size > 0) out.push({ kind: 'prefix', prefixes: prefix.size, tested: use.tested });
  if (gram.size > 0) out.push({ kind: 'substring', grams: gram.size });
  if (use.range) out.push({ kind: 'range', ...use.range });
  if (use.order) out.push({ kind: 'order', ...use.order });
  return out;
}

/** What asking one column's further index takes, over all segments, as estimated. */
export interface LookupCost {
  readonly column: string;
  readonly index: string;
  readonly asked: number;
  readonly estimate: RungEstimate;
}

export async function lookupCosts({ rungs }: IndexUses, table: OpenTable): Promise<LookupCost[]> {
  const out: LookupCost[] = [];
  for (const use of rungs.values()) {
    const { estimate } = await reportOf(use, table);
    const column = table.schema.columns[use.column]!.name;
    out.push({ column, index: use.index.index, asked: use.asked.size, estimate });
  }
  return out;
}

async function reportOf(use: RungUses, table: OpenTable): Promise<RungReport> {
  const { column, index, kind, asked } = use;
  const histogram = await columnHistogram(table, column);
  const { name, type } = table.schema.columns[column]!;
  return await rungReport(index, {
    column: name,
    type,
    rows: table.rows,
    segments: table.manifest.segments.length,
    ...(histogram && {
      frequencies: histogram.frequencies,
      values: histogram.values,
    }),
    use: {
      kind,
      asked: asked.size,
      ...(histogram &&
        kind === 'keyword' && {
          matched: [...asked.keys()].map((id) => histogram.rows.get(id) ?? 0),
        }),
      ...(kind === 'match' && {
        conditions: [...asked.values()].flatMap((query) => termsOf(query) ?? []),
      }),
      ...(kind === 'range' && { ranges: [...asked.values()].filter((q) => q.kind === 'range') }),
    },
  });
}

interface Histogram {
  /** Rows per value, by canonical bytes. */
  readonly rows: Map<string, number>;
  readonly nulls: number;
  /** Rows of each value that has any, those of NULL last. */
  readonly frequencies: readonly number[];
  /** Canonical bytes of those values, in the same order; undefined for NULL. */
  readonly values: readonly (Uint8Array | undefined)[];
}

/** A table that is open does not change: counting anew for each query would take longer than its answer. */
const histograms = new WeakMap<OpenTable, Map<number, Promise<Histogram | undefined>>>();

/** Rows of each value over all segments; undefined where a segment has no dictionary. */
function columnHistogram(table: OpenTable, column: number): Promise<Histogram | undefined> {
  let known = histograms.get(table);
  if (known === undefined) histograms.set(table, (known = new Map()));
  let histogram = known.get(column);
  if (histogram === undefined) {
    histogram = countValues(table, column);
    known.set(column, histogram);
    // A fetch that failed is tried again.
    histogram.catch(() => known.delete(column));
  }
  return histogram;
}

async function countValues(table: OpenTable, column: number): Promise<Histogram | undefined> {
  const rows = new Map<string, number>();
  const values: Uint8Array[] = [];
  let nulls = 0;
  for (const segment of table.manifest.segments) {
    const meta = (await table.meta(segment)).columns[column]!;
    nulls += meta.nulls;
    const { dictionary } = await table.column(segment, column);
    if (dictionary === undefined) return undefined;
    for (const entry of dictionary) {
      const id = entry.value.join();
      if (!rows.has(id)) values.push(entry.value);
      rows.set(id, (rows.get(id) ?? 0) + entry.rows);
    }
  }
  const all = [...rows.values(), nulls];
  return {
    rows,
    nulls,
    frequencies: all.filter((count) => count > 0),
    values: [...values, undefined].filter((_, i) => all[i]! > 0),
  };
}

function sumLeakage(
  plan: Extract<Plan, { kind: 'aggregate' }>,
  table: OpenTable,
  { multiplies, selectsGroups, countsHere, sendsColumns }: SumTraits,
): Leakage {
  const sums = plan.terms.filter(({ kind }) => kind === 'sum').length;
  return {
    node: sums === 0 ? 'count' : 'sum',
    index: multiplies ? 'bfv, bgv' : 'bfv',
    atRest: [
      ...deletedRows(table),
      `the number of rows, of segments, and of ciphertext columns (${table.manifest.segments[0]?.columns.length ?? 0})`,
    ],
    onQuery: [
      countsHere || (sendsColumns && sums === 0)
        ? 'nothing: the vault counts the rows that it looked up'
        : sendsColumns
          ? 'which ciphertext columns are sent, all rows of them'
          : 'the size of each row set that is counted',
      ...(sums === 0 || sendsColumns
        ? []
        : ['which ciphertext columns are summed, and over which rows']),
      ...(multiplies ? ['which ciphertext columns are multiplied with each other'] : []),
      ...(selectsGroups ? ['which groups, of no name, the result has'] : []),
    ],
    expectedRecovery: null,
  };
}

export function fetchLeakage(table: OpenTable): Leakage {
  return {
    node: 'fetch',
    index: 'records',
    atRest: [
      ...deletedRows(table),
      `${table.segmentRows} records, their lengths rounded up to 32 bytes`,
    ],
    onQuery: ['which records are fetched'],
    expectedRecovery: null,
  };
}

/** Rows of small appends: the store keeps them as records and computes nothing on them. */
function deltaLeakage(table: OpenTable): Leakage {
  const rows = table.rows - table.segmentRows;
  return {
    node: 'delta',
    index: 'records',
    atRest: [`${rows} records of small appends, their lengths rounded up to 32 bytes`],
    onQuery: ['that all of them are fetched, whatever is asked'],
    expectedRecovery: null,
  };
}

export function deletedRows(table: OpenTable): string[] {
  const { segments } = table.manifest;
  const count = segments.reduce((sum, { deleted }) => sum + (deleted?.rows ?? 0), 0);
  return count === 0 ? [] : [`which ${count} rows are deleted`];
}
