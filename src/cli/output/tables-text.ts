import type { TableInfo } from '../../client/api.ts';
import type { Column } from '../../table/schema.ts';
import { oneLine } from './one-line.ts';
import { tableText } from './table-text.ts';

/** One line a table with its sizes, then the columns of each. Bytes per row are those of the uploaded parts. */
export function tablesText(tables: readonly TableInfo[]): string {
  if (tables.length === 0) return 'no tables\n';
  const sizes = tableText(
    ['table', 'rows', 'segments', 'epoch', 'columns', 'ciphertext columns', ...BYTES_PER_ROW],
    tables.map((info) => [
      info.table,
      String(info.rows),
      String(info.segments),
      String(info.epoch),
      String(info.schema.columns.length),
      String(info.ciphertextColumns),
      ...bytesPerRow(info),
    ]),
  );
  return [sizes, ...tables.map(columnsText)].join('\n');
}

const BYTES_PER_ROW = ['B/row: column', 'index', 'records', 'sealed', 'total'];

function bytesPerRow({ bytes, rows }: TableInfo): string[] {
  const { column, index, records, sealed } = bytes;
  const total = column + index + records + sealed;
  return [column, index, records, sealed, total].map((size) =>
    rows === 0 ? '0.0' : (size / rows).toFixed(1),
  );
}

function columnsText({ table, schema }: TableInfo): string {
  const lines = schema.columns.map((column) => `  ${oneLine(column.name)} ${typeText(column)}`);
  const pairs = schema.pairs.map((pair) => `  pair (${pair.map(oneLine).join(', ')})`);
  return `${[`${oneLine(table)}:`, ...lines, ...pairs].join('\n')}\n`;
}

function typeText({ type, scale, nullable }: Column): string {
  const full = type === 'decimal' ? `decimal(${scale})` : type;
  return nullable ? full : `${full} not null`;
}
