import type { AsyncBuffer, ColumnMetaData, FileMetaData } from 'hyparquet';
import { OpalineError } from '../../errors/opaline-error.ts';
import { inputColumns, type Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { BatchBuilder } from './batch-builder.ts';
import { matchColumns } from './match-columns.ts';
import { PageCursor } from './page-cursor.ts';
import { chunkPages } from './parquet-chunk.ts';
import { decoding, type OpenParquetFile, readFooter } from './parquet-file.ts';
import type { Page } from './parquet-page.ts';
import { parquetColumn, type ParquetColumn } from './parquet-types.ts';
import { checkAbort, type ReadOptions } from './reading.ts';
import { turn } from '../../run/turn.ts';

export interface ParquetFile {
  readonly path: string;
  /** Throws INPUT_NOT_FOUND. */
  open(signal: AbortSignal | undefined): Promise<OpenParquetFile>;
}

/**
 * Batches of a flat Parquet file, decoded column by column, a page of each in memory. The line in an error
 * is the number of the row, from 1, or 0 for the file as a whole.
 *
 * Throws INPUT_MALFORMED for a damaged file or a column type we do not have, UNKNOWN_COLUMN and
 * SCHEMA_MISMATCH where file and schema do not name the same columns, VALUE_INVALID and the like.
 */
export async function* parquetBatches(
  file: ParquetFile,
  schema: Schema,
  options: ReadOptions = {},
): AsyncGenerator<Batch, void, undefined> {
  const builder = new BatchBuilder(inputColumns(schema), options);
  await using reader = await openParquet(file, options.signal);
  const places = matchColumns(
    schema,
    reader.columns.map((column) => column.name),
  );
  if (builder.full) return;
  const cursors = inputColumns(schema).map(
    (column, i) => new PageCursor(column, reader.columns[places[i]!]!, reader.pages(places[i]!)),
  );
  while (!builder.full && builder.rows < reader.rows) {
    const count = Math.min(builder.room, reader.rows - builder.rows);
    for (const [i, sink] of builder.sinks.entries()) await cursors[i]!.put(sink, count);
    builder.advance(count);
    yield* builder.drain();
    options.onProgress?.(builder.rows, builder.rows / reader.rows);
    await turn();
    checkAbort(options.signal);
  }
  yield* builder.finish();
  options.onProgress?.(builder.rows, 1);
}

/** An open Parquet file: its columns, its row count, and the pages of each column. */
export class ParquetReader implements AsyncDisposable {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  private readonly footer: FileMetaData;
  private readonly file: AsyncBuffer;
  private readonly close: () => Promise<void>;

  constructor(
    columns: readonly ParquetColumn[],
    footer: FileMetaData,
    file: AsyncBuffer,
    close: () => Promise<void>,
  ) {
    this.columns = columns;
    this.rows = Number(footer.num_rows);
    this.footer = footer;
    this.file = file;
    this.close = close;
  }

  /** The pages of column number `place`, through all row groups. Throws INPUT_MALFORMED, ABORTED. */
  async *pages(place: number): AsyncGenerator<Page, void, undefined> {
    const column = this.columns[place]!;
    let line = 1;
    for (const { columns, num_rows: rows } of this.footer.row_groups) {
      const meta = columns[place]!.meta_data!;
      const pages = chunkPages(this.file, column, meta, Number(rows));
      for (;;) {
        const reason = 'the column cannot be decoded';
        const next = await decoding({ line, reason, column: column.name }, () => pages.next());
        if (next.done === true) break;
        yield next.value;
        line += next.value.rows;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Opens a Parquet file and reads its footer. Throws INPUT_NOT_FOUND, INPUT_MALFORMED, INPUT_EMPTY. */
export async function openParquet(
  parquet: ParquetFile,
  signal?: AbortSignal,
): Promise<ParquetReader> {
  const { path } = parquet;
  const file = await parquet.open(signal);
  try {
    const { buffer } = file;
    const footer = await readFooter(buffer);
    const elements = footer.schema.slice(1);
    if (elements.length === 0) throw new OpalineError('INPUT_EMPTY', { source: path });
    const columns = elements.map(parquetColumn);
    checkColumns(columns);
    checkGroups(footer, columns);
    return new ParquetReader(columns, footer, buffer, () => file.close());
  } catch (error) {
    await file.close();
    throw error;
  }
}

function checkColumns(columns: readonly ParquetColumn[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (name === '') throw malformed('a column has no name');
    if (seen.has(name)) throw malformed(`two columns are named "${name}"`);
    seen.add(name);
  }
}

function checkGroups(
  { row_groups: groups, num_rows: rows }: FileMetaData,
  columns: readonly ParquetColumn[],
): void {
  let total = 0;
  for (const group of groups) {
    total += group.num_rows >= 0n ? Number(group.num_rows) : Number.NaN;
    const sound =
      group.columns.length === columns.length &&
      group.columns.every(
        (chunk, i) => chunk.file_path === undefined && matches(chunk.meta_data, columns[i]!),
      );
    if (!sound) throw malformed('a row group does not have the columns of the schema');
  }
  if (total !== Number(rows) || !Number.isSafeInteger(total)) {
    throw malformed('its row groups do not add up');
  }
}

function matches(meta: ColumnMetaData | undefined, { element }: ParquetColumn): boolean {
  const path = meta?.path_in_schema;
  return path?.length === 1 && path[0] === element.name && meta?.type === element.type;
}

function malformed(reason: string): OpalineError {
  return new OpalineError('INPUT_MALFORMED', { line: 0, reason });
}
