import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import type { InferOptions } from './infer-text.ts';
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
  /** The schema that its rows suggest, from one pass over them in bounded memory: infer-text.ts, infer.ts. */
  infer(options?: InferOptions): Promise<Schema>;
}
