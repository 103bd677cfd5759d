import type { StoreLink } from '../store/link.ts';
import type { Value } from '../table/value.ts';
import type { OpenTable } from './open-table.ts';
import { fetchRows } from './sealed-rows.ts';

/** A row that is a sealed record and nothing else, opened. */
export type DeltaRow = readonly Value[];

/** Every row of a table's delta, in the order of its entries. At most DELTA_ROWS. */
export async function openDelta(table: OpenTable, link: StoreLink): Promise<readonly DeltaRow[]> {
  const { schema } = table;
  const entries = await Promise.all(
    table.manifest.delta.map(async ({ id, rows, records }) => {
      const key = table.segmentKeys(id).records;
      const sealed = await fetchRows(link, { table: table.id, id, rows, records, key, schema });
      return Array.from({ length: rows }, (_, row) => sealed.open(row));
    }),
  );
  return entries.flat();
}
