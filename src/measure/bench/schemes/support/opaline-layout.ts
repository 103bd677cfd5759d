import type { LabTable } from '../../scheme.ts';
import { type ColumnFacts, factsOf } from '../../column-facts.ts';
import { magnitudeOf } from './exact-sums.ts';
import type { Cells } from './opaline-table.ts';

/** A schema's JSON form, and the table's rows in its columns. */
export interface OpalineLayout {
  readonly schema: unknown;
  readonly rows: Iterable<Cells>;
}

/** More of a schema than its columns; `extra`: a column that is made of others. */
export interface LayoutOptions {
  readonly table?: Readonly<Record<string, unknown>>;
  readonly extra?: {
    readonly name: string;
    readonly column: Readonly<Record<string, unknown>>;
    readonly cell: (row: number) => string;
  };
}

/**
 * The table with the columns for which `search` gives indexes, as a schema's `"search"` has them; undefined where
 * it gives none for any.
 */
export function layoutOf(
  table: LabTable,
  search: (column: ColumnFacts) => unknown,
  options: LayoutOptions = {},
): OpalineLayout | undefined {
  const columns: Record<string, unknown> = {};
  const cells: (readonly [name: string, cell: (row: number) => string | number])[] = [];
  for (const column of factsOf(table)) {
    const indexes = search(column);
    if (indexes === undefined) continue;
    columns[column.name] = { type: TYPES[column.kind], ...rangeOf(table, column), search: indexes };
    cells.push([column.name, cellOf(table, column)]);
  }
  const { extra } = options;
  if (extra !== undefined) {
    columns[extra.name] = extra.column;
    cells.push([extra.name, extra.cell]);
  }
  if (cells.length === 0) return undefined;
  return {
    schema: { version: 1, table: table.name, columns, ...options.table },
    rows: rowsOf(table.rows, cells),
  };
}

const TYPES = { integer: 'integer', key: 'text', text: 'text', document: 'document' } as const;

/** The owner knows within which bounds values may be: a power of two. */
function rangeOf({ columns }: LabTable, { name, kind }: ColumnFacts): object {
  const column = columns[name];
  if (kind !== 'integer' || column?.kind !== 'integer') return {};
  const bound = 2 ** Math.ceil(Math.log2(1 + magnitudeOf(column.values)));
  return { range: [String(-bound), String(bound)] };
}

function cellOf(
  { columns }: LabTable,
  { name, kind }: ColumnFacts,
): (row: number) => string | number {
  const column = columns[name]!;
  switch (column.kind) {
    case 'integer':
      return kind === 'key' ? (row) => String(column.values[row]) : (row) => column.values[row]!;
    case 'text':
      return (row) => column.values[column.codes[row]!]!;
    case 'document':
      return (row) => column.texts[row]!;
    default:
      return column satisfies never;
  }
}

function* rowsOf(
  rows: number,
  cells: readonly (readonly [name: string, cell: (row: number) => string | number])[],
): Generator<Cells> {
  for (let row = 0; row < rows; row++) {
    yield Object.fromEntries(cells.map(([name, cell]) => [name, cell(row)]));
  }
}
