import type { StoreLink } from '../store/link.ts';
import type { DeltaEntry } from '../table/manifest.ts';
import type { Value } from '../table/value.ts';
import type { OpenTable } from './open-table.ts';
import { fetchRows } from './sealed-rows.ts';

/** A row that is a sealed record and nothing else, opened. */
export type DeltaRow = readonly Value[];

/** The rows of one entry of a table's delta. */
export async function openDelta(
  table: OpenTable,
  { id, rows, records }: DeltaEntry,
  link: StoreLink,
): Promise<readonly DeltaRow[]> {
  const { schema } = table;
  const key = table.segmentKeys(id).records;
  const sealed = await fetchRows(link, { table: table.id, id, rows, records, key, schema });
  return Array.from({ length: rows }, (_, row) => sealed.open(row));
}
