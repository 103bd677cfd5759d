import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Schema } from '../../table/schema.ts';
import { csvBatches } from './csv.ts';
import { inferCsv, inferNdjson, type InferOptions } from './infer-text.ts';
import { inferParquet } from './infer.ts';
import { ndjsonBatches } from './ndjson.ts';
import { parquetBatches } from './parquet.ts';
import { openParquetPath } from './parquet-open.node.ts';
import type { ReadOptions } from './reading.ts';
import type { Format, Source } from './source.ts';
import { textBlocks } from './text-file.ts';

export type { Format, Source };

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
  const file = {
    path,
    format: found,
    bytes: status.size,
    delimiter: separator,
    blocks: (signal?: AbortSignal) => textBlocks(path, signal),
    open: (signal?: AbortSignal) => openParquetPath(path, status.size, signal),
  };
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
    infer(options: InferOptions = {}) {
      switch (found) {
        case 'csv':
          return inferCsv(file, options);
        case 'ndjson':
          return inferNdjson(file, options);
        case 'parquet':
          return inferParquet(file, options);
      }
    },
  });
}

/** As `source.infer`. */
export function inferSchema(source: Source, options: InferOptions = {}): Promise<Schema> {
  return source.infer(options);
}
