import type { OpenTable } from '../gate/open-table.ts';
import type { StoredPart } from '../store/link.ts';
import type { TableInfo } from './api.ts';

/** What `tables` shows: sizes as uploaded, and as the store keeps them, in bytes. */
export function tableInfo(table: OpenTable, stored: readonly StoredPart[]): TableInfo {
  const { manifest, schema } = table;
  const kept = new Map(stored.map(({ id, bytes }) => [id, bytes]));
  const bytes = { column: 0, index: 0, records: 0, sealed: 0 };
  const atRest = { ...bytes };
  const add = (kind: keyof typeof bytes, part: { id: string; bytes: number }): void => {
    bytes[kind] += part.bytes;
    atRest[kind] += kept.get(part.id) ?? 0;
  };
  let ciphertextColumns = 0;
  let ciphertexts = 0;
  for (const segment of manifest.segments) {
    for (const column of segment.columns) add('column', column);
    add('index', segment.index);
    add('records', segment.records);
    add('sealed', segment.metadata);
    for (const { parts, state } of segment.rungs) {
      for (const part of parts) add('index', part);
      add('sealed', state);
    }
    ciphertextColumns = Math.max(ciphertextColumns, segment.columns.length);
    ciphertexts += segment.columns.length * segment.rows;
  }
  let deltaRows = 0;
  for (const { rows, records } of manifest.delta) {
    deltaRows += rows;
    add('records', records);
  }
  return {
    table: schema.table,
    rows: table.rows,
    deltaRows,
    deletedRows: manifest.segments.reduce((sum, { deleted }) => sum + (deleted?.rows ?? 0), 0),
    segments: manifest.segments.length,
    epoch: manifest.epoch,
    schema,
    bytes,
    atRest,
    ciphertextColumns,
    columnBytesPerRow:
      ciphertexts === 0
        ? null
        : { wire: bytes.column / ciphertexts, rest: atRest.column / ciphertexts },
  };
}
