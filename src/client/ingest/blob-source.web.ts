import { OpalineError } from '../../errors/opaline-error.ts';
import type { Schema } from '../../table/schema.ts';
import { csvBatches } from './csv.ts';
import { inferCsv, inferNdjson, type InferOptions } from './infer-text.ts';
import { ndjsonBatches } from './ndjson.ts';
import type { OpenParquetFile } from './parquet-file.ts';
import { checkAbort, type ReadOptions } from './reading.ts';
import type { Format, Source } from './source.ts';
import {
  BLOCK_BYTES,
  BYTE_ORDER_MARK,
  NEWLINE,
  NotUtf8,
  type TextBlock,
  wholeCharacters,
} from './text-input.ts';

const FORMATS: readonly (readonly [RegExp, Format])[] = [
  [/\.(csv|tsv)$/i, 'csv'],
  [/\.(ndjson|jsonl)$/i, 'ndjson'],
  [/\.parquet$/i, 'parquet'],
];

/**
 * A file that a page was given as a source of rows: CSV, NDJSON or Parquet, by the ending of its name.
 * @throws INPUT_FORMAT_UNKNOWN
 */
export function blobSource(blob: Blob, path: string, format?: Format): Source {
  const found = format ?? FORMATS.find(([ending]) => ending.test(path))?.[1];
  if (found === undefined) throw new OpalineError('INPUT_FORMAT_UNKNOWN', { path });
  const file = {
    path,
    format: found,
    bytes: blob.size,
    delimiter: /\.tsv$/i.test(path) ? '\t' : ',',
    blocks: (signal?: AbortSignal) => blobBlocks(blob, path, signal),
    open: (signal?: AbortSignal) => Promise.resolve(parquetBlob(blob, path, signal)),
  };
  return Object.freeze({
    ...file,
    async *batches(schema: Schema, options?: ReadOptions) {
      switch (found) {
        case 'csv':
          return yield* csvBatches(file, schema, options);
        case 'ndjson':
          return yield* ndjsonBatches(file, schema, options);
        case 'parquet': {
          const { parquetBatches } = await import('./parquet.ts');
          return yield* parquetBatches(file, schema, options);
        }
        default:
          return found satisfies never;
      }
    },
    async infer(options: InferOptions = {}) {
      switch (found) {
        case 'csv':
          return await inferCsv(file, options);
        case 'ndjson':
          return await inferNdjson(file, options);
        case 'parquet': {
          const { inferParquet } = await import('./infer.ts');
          return await inferParquet(file, options);
        }
        default:
          return found satisfies never;
      }
    },
  });
}

function parquetBlob(blob: Blob, path: string, signal: AbortSignal | undefined): OpenParquetFile {
  const slice = async (start: number, end: number = blob.size): Promise<ArrayBuffer> => {
    checkAbort(signal);
    if (!(start >= 0 && start <= end && end <= blob.size)) throw new RangeError('outside the file');
    const bytes = await readRange(blob, start, end, path);
    checkAbort(signal);
    return bytes;
  };
  return { buffer: { byteLength: blob.size, slice }, close: () => Promise.resolve() };
}

/** As text-file.ts reads a file. Throws INPUT_NOT_FOUND where the file is gone, ABORTED, NotUtf8. */
async function* blobBlocks(
  blob: Blob,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<TextBlock, void, undefined> {
  let carried = new Uint8Array(0);
  let bytes = 0;
  let line = 1;
  for (;;) {
    checkAbort(signal);
    const read = new Uint8Array(await readRange(blob, bytes, bytes + BLOCK_BYTES, path));
    checkAbort(signal);
    const block = new Uint8Array(carried.length + read.length);
    block.set(carried);
    block.set(read, carried.length);
    const whole = block.subarray(
      0,
      read.length === 0 ? block.length : wholeCharacters(block, block.length),
    );
    const text = decoded(whole);
    if (text === undefined) throw new NotUtf8(line + newlinesBeforeBad(whole));
    line += newlines(whole);
    bytes += read.length;
    if (whole.length > 0) {
      const marked = bytes === block.length && text.startsWith(BYTE_ORDER_MARK);
      yield { text: marked ? text.slice(1) : text, bytes };
    }
    if (read.length === 0) return;
    carried = block.slice(whole.length);
  }
}

async function readRange(
  blob: Blob,
  start: number,
  end: number,
  path: string,
): Promise<ArrayBuffer> {
  try {
    return await blob.slice(start, end).arrayBuffer();
  } catch (cause) {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  }
}

/** Undefined: not UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function newlines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === NEWLINE) count++;
  return count;
}

/** Lines that end before the one with the first byte that is not UTF-8. */
function newlinesBeforeBad(bytes: Uint8Array): number {
  let before = 0;
  for (let from = 0; ; before++) {
    const newline = bytes.indexOf(NEWLINE, from);
    if (newline < 0 || decoded(bytes.subarray(from, newline)) === undefined) return before;
    from = newline + 1;
  }
}
