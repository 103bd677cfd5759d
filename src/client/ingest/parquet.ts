import { parquetScan, type DecodedArray, type FileMetaData, type ParquetScan } from 'hyparquet';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { BatchBuilder } from './batch-builder.ts';
import { matchColumns } from './match-columns.ts';
import { parquetColumn, parsers, putCells, type ParquetColumn } from './parquet-column.ts';
import { asyncBuffer, COMPRESSORS, decoding, readFooter } from './parquet-file.ts';
import type { ReadOptions } from './reading.ts';
import { openFile } from './text-file.ts';

export interface ParquetFile {
  readonly path: string;
  readonly bytes: number;
}

/** Rows [start, start + rows) of the file, every column decoded. */
export interface ParquetWindow {
  readonly start: number;
  readonly rows: number;
  /** In the order of `columns`; undefined where a column was not asked for. */
  readonly cells: readonly (DecodedArray | undefined)[];
}

/** Cells decoded at once; what is in memory is a few times this in 8-byte words. */
const WINDOW_CELLS = 1 << 22;
const SMALLEST_WINDOW = 1 << 14;
const LARGEST_WINDOW = 1 << 19;

/**
 * Batches of a flat Parquet file, decoded column by column in windows inside its row groups. The line in an
 * error is the row's number, from 1, or 0 for the file as a whole.
 *
 * Throws INPUT_MALFORMED for a damaged file or a column type we do not have, UNKNOWN_COLUMN and
 * SCHEMA_MISMATCH where file and schema do not name the same columns, VALUE_INVALID and the like.
 */
export async function* parquetBatches(
  file: ParquetFile,
  schema: Schema,
  options: ReadOptions = {},
): AsyncGenerator<Batch, void, undefined> {
  const builder = new BatchBuilder(schema, options);
  await using reader = await openParquet(file, options.signal);
  const places = matchColumns(
    schema,
    reader.columns.map((column) => column.name),
  );
  if (builder.full) return;
  for await (const window of reader.windows()) {
    for (let at = 0; at < window.rows && !builder.full;) {
      const to = Math.min(window.rows, at + builder.room);
      for (const [i, sink] of builder.sinks.entries()) {
        const place = places[i]!;
        const line = window.start + at + 1;
        const cells = window.cells[place]!;
        putCells(sink, schema.columns[i]!, reader.columns[place]!, cells, at, to, line);
      }
      builder.advance(to - at);
      yield* builder.drain();
      at = to;
    }
    options.onProgress?.(builder.rows, builder.rows / reader.rows);
    if (builder.full) break;
  }
  yield* builder.finish();
  options.onProgress?.(builder.rows, 1);
}

/** An open Parquet file: its columns, its row count, and its rows in windows of bounded memory. */
export class ParquetReader implements AsyncDisposable {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  private readonly scan: ParquetScan;
  private readonly close: () => Promise<void>;

  constructor(columns: readonly ParquetColumn[], scan: ParquetScan, close: () => Promise<void>) {
    this.columns = columns;
    this.rows = Number(scan.metadata.num_rows);
    this.scan = scan;
    this.close = close;
  }

  /** Every row, the columns for which `wanted` is true (default: all). Throws INPUT_MALFORMED, ABORTED. */
  async *windows(
    wanted: (column: ParquetColumn) => boolean = () => true,
  ): AsyncGenerator<ParquetWindow, void, undefined> {
    const count = Math.max(1, this.columns.filter(wanted).length);
    const most = Math.floor(WINDOW_CELLS / count);
    const size = Math.max(SMALLEST_WINDOW, Math.min(LARGEST_WINDOW, most));
    for (const { rowStart, rowEnd } of this.scan.ranges) {
      for (let start = rowStart; start < rowEnd; start += size) {
        const end = Math.min(rowEnd, start + size);
        const cells: (DecodedArray | undefined)[] = [];
        for (const column of this.columns) {
          cells.push(wanted(column) ? await this.decode(column.name, start, end) : undefined);
        }
        yield { start, rows: end - start, cells };
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private decode(column: string, rowStart: number, rowEnd: number): Promise<DecodedArray> {
    const details = { line: rowStart + 1, reason: 'the column cannot be decoded', column };
    return decoding(details, async () => {
      const cells = await this.scan.readColumn({ column, rowStart, rowEnd });
      if (cells.length !== rowEnd - rowStart) throw new RangeError('rows are missing');
      return cells;
    });
  }
}

/** Opens a Parquet file and reads its footer. Throws INPUT_NOT_FOUND, INPUT_MALFORMED, INPUT_EMPTY. */
export async function openParquet(
  { path, bytes }: ParquetFile,
  signal?: AbortSignal,
): Promise<ParquetReader> {
  const handle = await openFile(path);
  try {
    const buffer = asyncBuffer(handle, path, bytes, signal);
    const footer = await readFooter(buffer);
    const columns = readColumns(footer, path);
    const metadata = withElements(footer, columns);
    const scan = await decoding({ line: 0, reason: 'its row groups are damaged' }, () =>
      parquetScan({
        file: buffer,
        metadata,
        compressors: COMPRESSORS,
        parsers,
        useOffsetIndex: false,
      }),
    );
    return new ParquetReader(columns, scan, () => handle.close());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function readColumns(
  { schema, row_groups: groups, num_rows: rows }: FileMetaData,
  path: string,
): ParquetColumn[] {
  const [root, ...elements] = schema;
  if (root === undefined || elements.length === 0)
    throw new OpalineError('INPUT_EMPTY', { source: path });
  const columns = elements.map(parquetColumn);
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (name === '' || seen.has(name)) {
      throw malformed(name === '' ? 'a column has no name' : `two columns named "${name}"`);
    }
    seen.add(name);
  }
  const total = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const sane = groups.every(({ num_rows: count }) => count >= 0n);
  if (!sane || total !== Number(rows) || !Number.isSafeInteger(total)) {
    throw malformed('its row groups do not add up');
  }
  return columns;
}

function withElements(footer: FileMetaData, columns: readonly ParquetColumn[]): FileMetaData {
  return { ...footer, schema: [footer.schema[0]!, ...columns.map((column) => column.element)] };
}

function malformed(reason: string): OpalineError {
  return new OpalineError('INPUT_MALFORMED', { line: 0, reason });
}
