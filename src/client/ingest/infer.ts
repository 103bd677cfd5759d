import { basename } from 'node:path';
import { OpalineError } from '../../errors/opaline-error.ts';
import { MAX_COLUMNS, MAX_SCALE, parseSchema } from '../../table/schema-json.ts';
import type { Schema } from '../../table/schema.ts';
import type { ValueFormat } from '../../table/value-text.ts';
import { ColumnGuess } from './column-guess.ts';
import { scanCsv, type CsvFile } from './csv.ts';
import { jsonText, scanNdjson, type NdjsonFile } from './ndjson.ts';
import { cellText } from './page-cursor.ts';
import type { Page } from './parquet-page.ts';
import type { ParquetColumn } from './parquet-types.ts';
import { openParquet, type ParquetFile } from './parquet.ts';
import type { ReadOptions } from './reading.ts';

export interface InferOptions extends Pick<ReadOptions, 'signal' | 'onProgress'> {
  /** Default: from the file's name. */
  readonly table?: string | undefined;
}

/** Name of a column and what its cells turned out to be. */
type Guessed = readonly (readonly [string, ValueFormat])[];

/**
 * The schema of a CSV file, from one pass over all of its rows: the types of column-guess.ts, every column
 * nullable. Throws as reading does, and SCHEMA_INVALID where a header is no column name.
 */
export async function inferCsv(file: CsvFile, options: InferOptions): Promise<Schema> {
  let columns: (readonly [string, ColumnGuess])[] = [];
  let rows = 0;
  const scan = scanCsv(file, options.signal, {
    header(names) {
      columns = names.map((name) => [name, new ColumnGuess()] as const);
      // Names and their number are checked before a long pass, not after it.
      schemaOf(file.path, results(columns), options);
    },
    row(fields) {
      rows++;
      for (const [i, [, guess]] of columns.entries()) {
        const field = fields[i]!;
        if (field !== '') guess.observe(field);
      }
      return true;
    },
  });
  for await (const share of scan) options.onProgress?.(rows, share);
  return schemaOf(file.path, results(columns), options);
}

/**
 * The schema of an NDJSON file: as for CSV, but JSON's own types count: a string is a date, a timestamp or
 * text, never a number. Columns come in order of first appearance. Throws INPUT_EMPTY without one.
 */
export async function inferNdjson(file: NdjsonFile, options: InferOptions): Promise<Schema> {
  const columns = new Map<string, ColumnGuess>();
  let rows = 0;
  const scan = scanNdjson(file, options.signal, true, (row, line) => {
    rows++;
    for (const name of Object.keys(row)) {
      let guess = columns.get(name);
      if (guess === undefined) {
        guess = new ColumnGuess();
        columns.set(name, guess);
        if (columns.size > MAX_COLUMNS) schemaOf(file.path, results([...columns]), options);
      }
      const cell = row[name];
      const text = jsonText(cell, name, line);
      if (text !== null) guess.observe(text, typeof cell === 'string');
    }
    return true;
  });
  for await (const share of scan) options.onProgress?.(rows, share);
  if (columns.size === 0) throw new OpalineError('INPUT_EMPTY', { source: file.path });
  return schemaOf(file.path, results([...columns]), options);
}

/**
 * The schema of a Parquet file, from its footer; floats, text and decimals of more than 18 places are read.
 * A float column is integer or decimal if that is how all its values print, else real.
 */
export async function inferParquet(file: ParquetFile, options: InferOptions): Promise<Schema> {
  await using reader = await openParquet(file, options.signal);
  const { columns } = reader;
  const guesses = columns.map(({ type }) => new ColumnGuess(type === 'text' ? 'text' : 'none'));
  const open = columns.flatMap((column, i) => (known(column) ? [] : [i]));
  let cells = 0;
  for (const i of open) {
    for await (const page of reader.pages(i)) {
      observePage(guesses[i]!, columns[i]!, page);
      cells += page.rows;
      options.onProgress?.(Math.floor(cells / open.length), cells / (open.length * reader.rows));
    }
  }
  const results = columns.map((column, i): readonly [string, ValueFormat] => {
    const guess = guesses[i]!.result();
    if (!known(column)) {
      const empty = column.type === 'real' && guess.type === 'text';
      return [column.name, empty ? { type: 'real', scale: 0 } : guess];
    }
    const whole = column.type === 'decimal' && column.scale === 0;
    return [column.name, whole ? { type: 'integer', scale: 0 } : column];
  });
  return schemaOf(file.path, results, options);
}

function observePage(guess: ColumnGuess, column: ParquetColumn, { values, index }: Page): void {
  const times = index && new Uint32Array(values.length);
  if (times !== undefined) for (const entry of index!) times[entry]!++;
  for (let i = 0; i < values.length; i++) {
    const cell = values[i]!;
    const count = times?.[i] ?? 1;
    const none = typeof cell === 'number' && !Number.isFinite(cell);
    if (count > 0 && !none) guess.observe(cellText(column, cell), false, count);
  }
}

/** A file's name as a table name: lower case, runs of anything but letters and digits as one underscore. */
export function tableName(path: string): string {
  const stem = basename(path).replace(/\.[^.]*$/, '');
  const folded = stem
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);
  if (folded === '') return 'data';
  return /^\d/.test(folded) ? `_${folded}` : folded;
}

/** True where the footer tells our type. */
function known({ type, scale }: ParquetColumn): boolean {
  return type !== 'real' && type !== 'text' && scale <= MAX_SCALE;
}

function results(columns: readonly (readonly [string, ColumnGuess])[]): Guessed {
  return columns.map(([name, guess]) => [name, guess.result()] as const);
}

function schemaOf(path: string, columns: Guessed, { table }: InferOptions): Schema {
  return parseSchema({
    version: 1,
    table: table ?? tableName(path),
    columns: columns.map(([name, { type, scale }]) => ({
      name,
      type,
      ...(type === 'decimal' ? { scale } : {}),
      nullable: true,
    })),
  });
}
