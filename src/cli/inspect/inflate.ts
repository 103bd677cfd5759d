import { constants, createInflate, createZstdDecompress } from 'node:zlib';
import { Reader } from '../../bytes/codec.ts';
import { type Compression, HEADER_BYTES, readHeader } from '../../engine/seal/inspect/header.ts';

/** Most bytes that a compressed object may come to. */
export const MOST_INFLATED: number = 1 << 25;
/** log2 of the window a zstd frame may ask for: what RFC 8878, §3.1.1.1.2, recommends to support. */
const MOST_WINDOW = 23;
/** Bytes inflated at a time; zlib's own 16 KB makes thousands of turns of a bomb. */
const CHUNK = 1 << 20;

/**
 * The uncompressed form of an object of SEAL's. Stores refuse compressed objects; here they are read
 * as a stream, so that what a small file inflates to is cut off at MOST_INFLATED.
 *
 * Throws BYTES_INVALID.
 */
export async function inflateSeal(
  data: Uint8Array,
  what: string,
): Promise<{ readonly object: Uint8Array; readonly compression: Compression }> {
  const reader = new Reader(data, what);
  const { compression, size } = readHeader(reader);
  if (compression === 'none') return { object: data, compression };
  if (size !== data.length) reader.fail(`${data.length} bytes whose header says ${size}`);
  const packed = reader.raw(reader.remaining);
  const stream =
    compression === 'zlib'
      ? createInflate({ chunkSize: CHUNK })
      : createZstdDecompress({
          chunkSize: CHUNK,
          params: { [constants.ZSTD_d_windowLogMax]: MOST_WINDOW },
        });
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    stream.end(packed);
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > MOST_INFLATED) break;
      chunks.push(chunk);
    }
  } catch {
    reader.fail(`the ${compression} stream is damaged`);
  }
  if (total > MOST_INFLATED) reader.fail(`it inflates to more than ${MOST_INFLATED} bytes`);
  if (stream.bytesWritten !== packed.length) {
    reader.fail(`bytes after the end of the ${compression} stream`);
  }
  const object = new Uint8Array(HEADER_BYTES + total);
  object.set(data.subarray(0, 5));
  new DataView(object.buffer).setBigUint64(8, BigInt(object.length), true);
  let at = HEADER_BYTES;
  for (const chunk of chunks) {
    object.set(chunk, at);
    at += chunk.length;
  }
  return { object, compression };
}
