import { basename } from 'node:path';
import { openSource } from '../../client/ingest/file.ts';
import { loadSchemaFile } from '../../client/ingest/schema-file.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type Column, inputColumns, type Schema } from '../../table/schema.ts';
import type { Batch, ColumnData } from '../../table/value.ts';
import type { LabData } from './data.ts';
import { firstRows } from './first-rows.ts';
import type { LabColumn, LabTable } from './scheme.ts';
import { scrambledKeys } from './synthetic.ts';
import { codedText } from './text-coder.ts';

/** Rows of a user's file that are read: a file is measured, not an archive. */
const MOST_ROWS = 10_000_000;
const MOST_INT32 = 2 ** 31 - 1;

/**
 * A user's own table as the lab hands it to schemes. Whole numbers, decimals (in units of their last digit), dates (in
 * days) and booleans become integers where they fit 32 bits, texts stay texts, documents documents; columns of other
 * types are left out. Rows with a NULL in a column that is used are left out: not every scheme has NULLs. Without a
 * column that no two rows share the table gets a `lab_key`.
 * @throws what reading files and schemas throws; USAGE where no column is left or fewer than two rows are
 */
export async function ownData(
  file: string,
  schemaFile: string,
  signal: AbortSignal,
): Promise<LabData> {
  const schema = await loadSchemaFile(schemaFile, { trust: false });
  const source = await openSource(file);
  const columns = inputColumns(schema);
  const collected = columns.map((column) => collector(column));
  let dropped = 0;
  for await (const batch of source.batches(schema, { signal, rowLimit: MOST_ROWS })) {
    dropped += takeBatch(batch, collected);
  }
  const table = tableOf(schema, columns, collected);
  const without = dropped === 0 ? '' : `, ${dropped} rows with a NULL left out`;
  return {
    name: basename(file),
    source: `${basename(file)}, the user’s own table${without}`,
    mostRows: table.rows,
    table: (rows) => Promise.resolve(firstRows(table, rows)),
  };
}

/** Cells of one column; undefined once it cannot be used. */
interface Collector {
  readonly column: Column;
  cells: (number | string)[] | undefined;
}

function collector(column: Column): Collector {
  const used: readonly Column['type'][] = [
    'integer',
    'decimal',
    'boolean',
    'date',
    'text',
    'document',
  ];
  return { column, cells: used.includes(column.type) ? [] : undefined };
}

/** Appends a batch's rows without a NULL; the number of the others. */
function takeBatch({ rows, columns }: Batch, collected: readonly Collector[]): number {
  const data = collected.map((_, i) => columns[i]!);
  let dropped = 0;
  for (let row = 0; row < rows; row++) {
    if (collected.some(({ cells }, i) => cells !== undefined && data[i]!.valid[row] === 0)) {
      dropped++;
      continue;
    }
    for (const [i, one] of collected.entries()) {
      if (one.cells === undefined) continue;
      const cell = cellOf(data[i]!, row);
      if (cell === undefined) one.cells = undefined;
      else one.cells.push(cell);
    }
  }
  return dropped;
}

/** Undefined: too large for the lab's columns. */
function cellOf(data: ColumnData, row: number): number | string | undefined {
  if (data.kind === 'text') return data.values[row]!;
  const value = Number(data.values[row]);
  return Number.isInteger(value) && Math.abs(value) <= MOST_INT32 ? value : undefined;
}

function tableOf(
  { table }: Schema,
  columns: readonly Column[],
  collected: readonly Collector[],
): LabTable {
  const used = columns.flatMap((column, i): [string, LabColumn][] => {
    const { cells } = collected[i]!;
    return cells === undefined ? [] : [[column.name, labColumn(column, cells)]];
  });
  const rows = collected.find(({ cells }) => cells !== undefined)?.cells?.length ?? 0;
  if (used.length === 0 || rows < 2) {
    throw new OpalineError('USAGE', {
      reason: 'the lab’s schemes take integers, texts and documents, of two rows at least',
    });
  }
  const unique = used.some(
    ([, column]) => column.kind === 'integer' && new Set(column.values).size === rows,
  );
  if (!unique) used.push(['lab_key', { kind: 'integer', values: scrambledKeys(rows) }]);
  return { name: table, rows, columns: Object.fromEntries(used) };
}

function labColumn({ type }: Column, cells: readonly (number | string)[]): LabColumn {
  if (type === 'document') return { kind: 'document', texts: cells.map(String) };
  if (type === 'text') return codedText(cells.map(String));
  return { kind: 'integer', values: Int32Array.from(cells, Number) };
}
