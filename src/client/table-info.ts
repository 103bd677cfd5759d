import type { OpenTable } from '../gate/open-table.ts';
import type { TableInfo } from './api.ts';

/** What `tables` shows: sizes are of the uploaded form, in bytes. */
export async function tableInfo(table: OpenTable): Promise<TableInfo> {
  const { manifest, schema } = table;
  const bytes = { column: 0, index: 0, records: 0, sealed: 0 };
  let ciphertextColumns = 0;
  for (const segment of manifest.segments) {
    for (const column of segment.columns) bytes.column += column.bytes;
    bytes.index += segment.index.bytes;
    bytes.records += segment.records.bytes;
    bytes.sealed += segment.metadata.bytes;
    ciphertextColumns = Math.max(ciphertextColumns, segment.columns.length);
  }
  return {
    table: schema.table,
    rows: table.rows,
    segments: manifest.segments.length,
    epoch: manifest.epoch,
    schema,
    bytes,
    ciphertextColumns,
  };
}
