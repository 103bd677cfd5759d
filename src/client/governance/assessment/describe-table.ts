import type { OpenTable } from '../../../gate/open-table.ts';
import { fetchLeakage, tableLeakage } from '../../../gate/leakage.ts';
import type { Leakage } from '../../../plan/leakage.ts';
import type {
  Count,
  DescribedColumn,
  DescribedTable,
  Exposure,
  ShownBy,
} from '../../../policy/assessment/data-map.ts';
import type { Rung } from '../../../table/search-index.ts';
import { isAggregated } from '../../../table/schema.ts';
import { indexShows } from './index-shows.ts';

/** How much each rung shows, by its construction (search/<rung>/leakage). */
const EXPOSURE: { readonly [R in Rung]: Exposure } = {
  sse: 'queries',
  tag: 'rest',
  ore: 'rest',
  mitra: 'queries',
  iex: 'queries',
  'sse-padded': 'padded',
  smooth: 'padded',
  pir: 'hidden',
  oblivious: 'hidden',
};

/** A table for the data map: from its schema, its manifest and sealed counts. No value is in it. */
export async function describeTable(table: OpenTable): Promise<DescribedTable> {
  const { schema } = table;
  // Of a table whose key is missing, which a check tells, no statistics can be had.
  const isOpen = table.roots !== undefined;
  const columns: DescribedColumn[] = [];
  for (const [i, column] of schema.columns.entries()) {
    const { name, type, category = null, derived = [], search } = column;
    const indexes = [];
    for (const one of search) {
      const { index } = one;
      const shows = isOpen ? (await indexShows(table, i, one)).map(shownBy) : [];
      indexes.push({ index, exposure: EXPOSURE[index], shows });
    }
    const computed = isAggregated(column);
    columns.push({ name, type, category, derived, computed, indexes });
  }
  return {
    table: schema.table,
    rows: table.rows,
    subject: schema.subject ?? null,
    subjects: isOpen ? await subjectsOf(table) : { atLeast: 0, atMost: table.rows },
    columns,
    shows: [...tableLeakage(table), fetchLeakage(table)].map(shownBy),
  };
}

const shownBy = ({ node, atRest, onQuery, expectedRecovery }: Leakage): ShownBy => ({
  use: node,
  atRest,
  onQuery,
  recovery: expectedRecovery,
});

/**
 * Distinct values of the subject's column. Counted where every segment has the column's dictionary; else between what
 * the largest segment has and the sum of all. Small appends may be of anybody; each deleted row may have been
 * somebody’s only one.
 */
async function subjectsOf(table: OpenTable): Promise<Count> {
  const { schema, manifest, rows, segmentRows } = table;
  if (schema.subject === undefined) return { atLeast: rows, atMost: rows };
  const column = table.columnIndex(schema.subject);
  const pending = rows - segmentRows;
  const deleted = manifest.segments.reduce((sum, segment) => sum + (segment.deleted?.rows ?? 0), 0);
  const seen = new Set<string>();
  let most = 0;
  let sum = 0;
  let known = true;
  for (const segment of manifest.segments) {
    const { distinct } = (await table.meta(segment)).columns[column]!;
    most = Math.max(most, distinct);
    sum += distinct;
    const { dictionary } = await table.column(segment, column);
    known &&= dictionary !== undefined;
    for (const { value } of dictionary ?? []) seen.add(value.join());
  }
  const atMost = Math.min(rows, (known ? seen.size : sum) + pending);
  const atLeast = Math.max(0, (known ? seen.size : most) - deleted);
  return { atLeast: Math.min(atLeast, atMost), atMost };
}
