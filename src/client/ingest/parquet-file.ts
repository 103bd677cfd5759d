import type { FileHandle } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  parquetMetadataAsync,
  type AsyncBuffer,
  type CompressionCodec,
  type FileMetaData,
} from 'hyparquet';
import { compressors as portable } from 'hyparquet-compressors';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Decompress } from './parquet-page.ts';
import { checkAbort } from './reading.ts';
import { readInto } from './text-file.ts';

/** A page is about 1 MB by convention; a header that claims more than this is damaged or hostile. */
const MAX_PAGE_BYTES = 1 << 28;

const CODECS: Readonly<Partial<Record<CompressionCodec, Decompress>>> = {
  ...portable,
  UNCOMPRESSED: (input) => input,
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: length }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: length }),
  ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: length }),
};

/** A codec's decompressor, Node's own where it has one; it throws unless the page has the length claimed. */
export function decompressor(codec: CompressionCodec): Decompress {
  const run = CODECS[codec];
  return (input, length) => {
    if (run === undefined || !(length >= 0 && length <= MAX_PAGE_BYTES))
      throw new RangeError('page');
    const page = length === 0 ? new Uint8Array() : run(input, length);
    if (page.length !== length) throw new RangeError('page');
    return page;
  };
}

/** The file as hyparquet reads it. Throws ABORTED, INPUT_NOT_FOUND, RangeError outside the file. */
export function asyncBuffer(
  file: FileHandle,
  path: string,
  bytes: number,
  signal: AbortSignal | undefined,
): AsyncBuffer {
  return {
    byteLength: bytes,
    async slice(start, end = bytes) {
      checkAbort(signal);
      if (!(start >= 0 && start <= end && end <= bytes)) throw new RangeError('outside the file');
      const target = new Uint8Array(end - start);
      for (let filled = 0; filled < target.length;) {
        const read = await readInto(file, path, target.subarray(filled), start + filled);
        if (read === 0) throw new RangeError('the file became shorter');
        filled += read;
      }
      checkAbort(signal);
      return target.buffer;
    },
  };
}

/** The footer. Throws INPUT_MALFORMED. */
export async function readFooter(buffer: AsyncBuffer): Promise<FileMetaData> {
  return decoding({ line: 0, reason: 'not a Parquet file, or its footer is damaged' }, () =>
    parquetMetadataAsync(buffer, { geoparquet: false }),
  );
}

/** Runs a decoder; what it throws becomes INPUT_MALFORMED, since its own words may quote data. */
export async function decoding<T>(
  details: { line: number; reason: string; column?: string },
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof OpalineError) throw cause;
    throw new OpalineError('INPUT_MALFORMED', details, { cause });
  }
}
