import { OpalineError } from '../../errors/opaline-error.ts';
import type { Schema } from '../../table/schema.ts';
import { csvBatches } from './csv.ts';
import { inferCsv, inferNdjson, type InferOptions } from './infer-text.ts';
import { ndjsonBatches } from './ndjson.ts';
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
 * A file that a page was given as a source of rows: CSV or NDJSON, by the ending of its name.
 * @throws INPUT_FORMAT_UNKNOWN, USAGE for Parquet, which is read from files by path only
 */
export function blobSource(blob: Blob, path: string, format?: 'csv' | 'ndjson'): Source {
  const found = format ?? FORMATS.find(([ending]) => ending.test(path))?.[1];
  if (found === undefined) throw new OpalineError('INPUT_FORMAT_UNKNOWN', { path });
  if (found === 'parquet') {
    throw new OpalineError('USAGE', { reason: 'a browser reads CSV and NDJSON, not Parquet' });
  }
  const file = {
    path,
    format: found,
    bytes: blob.size,
    delimiter: /\.tsv$/i.test(path) ? '\t' : ',',
    blocks: (signal?: AbortSignal) => blobBlocks(blob, path, signal),
  };
  return Object.freeze({
    ...file,
    batches: (schema: Schema, options?: ReadOptions) =>
      found === 'csv' ? csvBatches(file, schema, options) : ndjsonBatches(file, schema, options),
    infer: (options: InferOptions = {}) =>
      found === 'csv' ? inferCsv(file, options) : inferNdjson(file, options),
  });
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
    const read = await readSlice(blob, bytes, path);
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

async function readSlice(blob: Blob, offset: number, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(offset, offset + BLOCK_BYTES).arrayBuffer());
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
