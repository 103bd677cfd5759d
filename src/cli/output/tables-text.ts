import type { TableInfo } from '../../client/api.ts';
import type { Column } from '../../table/schema.ts';
import { oneLine } from './one-line.ts';
import { tableText } from './table-text.ts';

/** One line a table, then its columns and what a row of it takes in the store. */
export function tablesText(tables: readonly TableInfo[]): string {
  if (tables.length === 0) return 'no tables\n';
  const head = ['table', 'rows', 'pending', 'deleted', 'segments', 'epoch', 'columns', 'B/row'];
  const lines = tables.map((info) => [
    info.table,
    String(info.rows),
    String(info.deltaRows),
    String(info.deletedRows),
    String(info.segments),
    String(info.epoch),
    String(info.schema.columns.length),
    perRow(total(info), info.rows),
  ]);
  return [tableText(head, lines), ...tables.map(details)].join('\n');
}

const total = ({ atRest }: TableInfo): number =>
  Object.values(atRest).reduce((sum, bytes) => sum + bytes, 0);

const perRow = (bytes: number, rows: number): string =>
  rows === 0 ? '0.0' : (bytes / rows).toFixed(1);

function details(info: TableInfo): string {
  const { table, schema } = info;
  const columns = schema.columns.map((column) => `  ${oneLine(column.name)} ${typeText(column)}`);
  const pairs = schema.pairs.map((pair) => `  pair (${pair.map(oneLine).join(', ')})`);
  return `${[`${oneLine(table)}:`, ...columns, ...pairs, ...sizes(info)].join('\n')}\n`;
}

/** Bytes a row: of one ciphertext column as uploaded and as kept, and of everything as kept. */
function sizes({ columnBytesPerRow, ciphertextColumns, atRest, rows }: TableInfo): string[] {
  if (rows === 0) return [];
  const { column, index, records, sealed } = atRest;
  const kinds = Object.entries({ ciphertexts: column, index, records, metadata: sealed });
  const kept = kinds.map(([kind, bytes]) => `${kind} ${perRow(bytes, rows)}`).join(', ');
  if (columnBytesPerRow === null) return [`  kept, bytes a row: ${kept}`];
  const { wire, rest } = columnBytesPerRow;
  return [
    `  ${ciphertextColumns} ciphertext columns, bytes a row in each: ` +
      `${wire.toFixed(2)} uploaded, ${rest.toFixed(2)} kept`,
    `  kept, bytes a row: ${kept}`,
  ];
}

function typeText({ type, scale, nullable, derived }: Column): string {
  const full = type === 'decimal' ? `decimal(${scale})` : type;
  const from = derived === undefined ? '' : ` = ${oneLine(derived.join(' * '))}`;
  return `${nullable ? full : `${full} not null`}${from}`;
}
