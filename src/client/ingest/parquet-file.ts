import {
  parquetMetadataAsync,
  type AsyncBuffer,
  type CompressionCodec,
  type FileMetaData,
} from 'hyparquet';
import { compressors as portable, decompressZstd } from 'hyparquet-compressors';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Decompress } from './parquet-page.ts';

/** A Parquet file that is open. */
export interface OpenParquetFile {
  /** Its slices throw ABORTED, INPUT_NOT_FOUND, RangeError outside the file. */
  readonly buffer: AsyncBuffer;
  close(): Promise<void>;
}

/** A page is about 1 MB by convention; a header that claims more than this is damaged or hostile. */
const MAX_PAGE_BYTES = 1 << 28;

type Codecs = Readonly<Partial<Record<CompressionCodec, Decompress>>>;

/** Node's own codecs, reached without an import so that the same module loads in a browser. */
function nodeCodecs(): Codecs {
  const zlib = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:zlib');
  if (zlib === undefined) return {};
  return {
    GZIP: (input, length) => zlib.gunzipSync(input, { maxOutputLength: length }),
    BROTLI: (input, length) => zlib.brotliDecompressSync(input, { maxOutputLength: length }),
    ZSTD: (input, length) => zlib.zstdDecompressSync(input, { maxOutputLength: length }),
  };
}

const CODECS: Codecs = {
  ...portable,
  UNCOMPRESSED: (input) => input,
  // Into no more room than the page claims.
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
  ...nodeCodecs(),
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
