import { privateLeakage, vaultLeakage } from '../../../gate/grouping/leakage.ts';
import type { OpenTable } from '../../../gate/open-table.ts';
import type { Leakage } from '../../../plan/leakage.ts';
import { type RungProfile, rungReport, type RungUse } from '../../../search/leakage-rung.ts';
import { sseLeakage, type SseUse } from '../../../search/sse/leakage.ts';
import type { FurtherIndex, SearchIndex } from '../../../table/search-index.ts';

/** What a column's index shows the store by one question of each kind, as the index itself declares it. */
export async function indexShows(
  table: OpenTable,
  column: number,
  index: SearchIndex,
): Promise<readonly Leakage[]> {
  const { name, type } = table.schema.columns[column]!;
  if (index.index === 'oblivious') {
    return [index.by === 'codes' ? vaultLeakage([name]) : privateLeakage(name, table)];
  }
  const known = await statistics(table, column);
  const profile = {
    column: name,
    rows: table.rows,
    segments: table.manifest.segments.length,
    ...(known && { frequencies: known.frequencies }),
  };
  if (index.index === 'sse') return sseLeakage({ ...profile, uses: await sseUses(table, column) });
  const use: RungProfile = {
    ...profile,
    type,
    ...(known && { values: known.values }),
    use: rungUse(index),
  };
  return [(await rungReport(index, use)).leakage];
}

/** One question of each kind that the column's sse lists answer. */
async function sseUses(table: OpenTable, column: number): Promise<readonly SseUse[]> {
  const { search, type } = table.schema.columns[column]!;
  const metas = await Promise.all(table.manifest.segments.map((segment) => table.meta(segment)));
  const has = (kind: 'equality' | 'range'): boolean =>
    metas.some(({ columns }) => columns[column]![kind]);
  const own = search.find((one) => one.index === 'sse');
  return [
    ...(type === 'document' ? [{ kind: 'keyword', keywords: 1 } as const] : []),
    ...(has('equality') ? [{ kind: 'groupBy' } as const] : []),
    ...(has('range') ? [{ kind: 'range', nodes: 2, edges: 2 } as const] : []),
    ...(own?.prefix === undefined ? [] : [{ kind: 'prefix', prefixes: 1, tested: true } as const]),
    ...(own?.ngram === undefined ? [] : [{ kind: 'substring', grams: 2 } as const]),
  ];
}

function rungUse({ index }: FurtherIndex): RungUse {
  switch (index) {
    case 'ore':
      return { kind: 'range', asked: 1 };
    case 'iex':
      return { kind: 'match', asked: 1, conditions: [{ terms: 2, first: 1 }] };
    default:
      return { kind: 'keyword', asked: 1 };
  }
}

/** Rows of each value, NULL counted as one; undefined where a segment has no dictionary. */
async function statistics(
  table: OpenTable,
  column: number,
): Promise<Required<Pick<RungProfile, 'frequencies' | 'values'>> | undefined> {
  const rows = new Map<string, { readonly value: Uint8Array; rows: number }>();
  let nulls = 0;
  for (const segment of table.manifest.segments) {
    nulls += (await table.meta(segment)).columns[column]!.nulls;
    const { dictionary } = await table.column(segment, column);
    if (dictionary === undefined) return undefined;
    for (const entry of dictionary) {
      const id = entry.value.join();
      const known = rows.get(id);
      if (known === undefined) rows.set(id, { value: entry.value, rows: entry.rows });
      else known.rows += entry.rows;
    }
  }
  const all = [...rows.values()].filter((one) => one.rows > 0);
  return {
    frequencies: [...all.map((one) => one.rows), ...(nulls > 0 ? [nulls] : [])],
    values: [...all.map(({ value }) => value), ...(nulls > 0 ? [undefined] : [])],
  };
}
