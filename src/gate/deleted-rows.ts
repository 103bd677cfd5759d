import type { StoreLink } from '../store/link.ts';
import { parseDeletedRows } from '../table/deleted-rows.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import { RowSet } from '../table/row-set.ts';
import { fetchPart } from './fetch-part.ts';
import type { OpenTable } from './open-table.ts';

/** The deleted rows of a segment. */
export async function deletedRows(
  link: StoreLink,
  table: OpenTable,
  entry: SegmentEntry,
): Promise<RowSet> {
  if (entry.deleted === undefined) return new RowSet(entry.rows);
  const { rows, part } = entry.deleted;
  const bytes = await fetchPart(link, table.id, part);
  return parseDeletedRows(bytes, entry.rows, rows, `part ${part.id}`);
}
