import { OpalineError } from '../../errors/opaline-error.ts';
import { MAX_COLUMNS, parseSchema } from '../../table/schema-json.ts';
import type { Schema } from '../../table/schema.ts';
import type { ValueFormat } from '../../table/value-text.ts';
import { ColumnGuess } from './column-guess.ts';
import { scanCsv, type CsvFile } from './csv.ts';
import { jsonText, scanNdjson, type NdjsonFile } from './ndjson.ts';
import type { ReadOptions } from './reading.ts';
import { tableName } from './table-name.ts';

export interface InferOptions extends Pick<ReadOptions, 'signal' | 'onProgress'> {
  /** Default: from the file's name. */
  readonly table?: string | undefined;
}

/** Name of a column and what its cells turned out to be. */
export type Guessed = readonly (readonly [string, ValueFormat])[];

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

function results(columns: readonly (readonly [string, ColumnGuess])[]): Guessed {
  return columns.map(([name, guess]) => [name, guess.result()] as const);
}

/** @throws SCHEMA_INVALID where a name is none of a column */
export function schemaOf(path: string, columns: Guessed, { table }: InferOptions): Schema {
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
