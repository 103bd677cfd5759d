import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { csvBatches } from './csv.ts';
import { inferCsv, inferNdjson, inferParquet, type InferOptions } from './infer.ts';
import { ndjsonBatches } from './ndjson.ts';
import { parquetBatches } from './parquet.ts';
import type { ReadOptions } from './reading.ts';

export type Format = 'csv' | 'ndjson' | 'parquet';

/** A file of rows. It is opened anew by each reading. */
export interface Source {
  readonly path: string;
  readonly format: Format;
  /** Size of the file. */
  readonly bytes: number;
  /** Between the fields of a CSV file. */
  readonly delimiter: string;
  /** Its rows in the form of `schema`; every cell is checked. What it throws: csv.ts, ndjson.ts, parquet.ts. */
  batches(schema: Schema, options?: ReadOptions): AsyncGenerator<Batch, void, undefined>;
}

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['.csv', 'csv'],
  ['.tsv', 'csv'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
  ['.parquet', 'parquet'],
]);

/**
 * A file as a source of rows. Without `format` its name's ending tells: .csv, .tsv, .ndjson, .jsonl, .parquet.
 * `delimiter` (one character other than a quote or line end) is for CSV: tab in .tsv, else a comma.
 *
 * Throws INPUT_NOT_FOUND, INPUT_FORMAT_UNKNOWN, USAGE for another delimiter.
 */
export async function openSource(
  path: string,
  format?: Format,
  delimiter?: string,
): Promise<Source> {
  const status = await stat(path).catch((cause: unknown) => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  });
  if (!status.isFile()) throw new OpalineError('INPUT_NOT_FOUND', { path });
  const ending = extname(path).toLowerCase();
  const found = format ?? FORMATS.get(ending);
  if (found === undefined) throw new OpalineError('INPUT_FORMAT_UNKNOWN', { path });
  const separator = delimiter ?? (ending === '.tsv' ? '\t' : ',');
  if (!/^[^"\r\n]$/.test(separator)) {
    throw new OpalineError('USAGE', { reason: 'a delimiter is one character' });
  }
  const file = { path, format: found, bytes: status.size, delimiter: separator };
  return Object.freeze({
    ...file,
    batches(schema: Schema, options?: ReadOptions) {
      switch (found) {
        case 'csv':
          return csvBatches(file, schema, options);
        case 'ndjson':
          return ndjsonBatches(file, schema, options);
        case 'parquet':
          return parquetBatches(file, schema, options);
      }
    },
  });
}

/** The schema that the rows of a source suggest, from one pass over them in bounded memory: infer.ts. */
export function inferSchema(source: Source, options: InferOptions = {}): Promise<Schema> {
  switch (source.format) {
    case 'csv':
      return inferCsv(source, options);
    case 'ndjson':
      return inferNdjson(source, options);
    case 'parquet':
      return inferParquet(source, options);
  }
}
