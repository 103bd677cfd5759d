import type { Reader } from '../../../bytes/codec.ts';

/** Bytes of the SEALHeader in front of every object, nested ones too (native/src/seal/serialization.h). */
export const HEADER_BYTES = 16;
const MAGIC = 0xa15e;

/** SEAL's compr_mode_type. */
export const COMPRESSION = ['none', 'zlib', 'zstd'] as const;
export type Compression = (typeof COMPRESSION)[number];

export interface Header {
  readonly compression: Compression;
  /** Bytes of the object, this header included, as it claims. */
  readonly size: number;
}

/**
 * The header of an object of SEAL 4.1. Of the encodings that SEAL itself takes for one object, only
 * the one it writes passes: no legacy header of 3.x, and reserved bytes that are zero.
 *
 * Throws BYTES_INVALID through the reader.
 */
export function readHeader(reader: Reader): Header {
  if (reader.remaining < HEADER_BYTES) reader.fail('truncated in a header');
  if (reader.u16() !== MAGIC) reader.fail('not an object of SEAL: wrong magic');
  if (reader.u8() !== HEADER_BYTES) reader.fail('not a header of SEAL 4');
  const [major, minor] = [reader.u8(), reader.u8()];
  if (major !== 4 || minor !== 1) reader.fail(`SEAL version ${major}.${minor} where 4.1 is read`);
  const compression = COMPRESSION[reader.u8()] ?? reader.fail('unknown compression');
  if (reader.u16() !== 0) reader.fail('reserved bytes of a header are not zero');
  return { compression, size: reader.u64() };
}

/** The header of an uncompressed object of exactly `size` bytes. */
export function expectHeader(reader: Reader, size: number, of: string): void {
  const header = readHeader(reader);
  if (header.compression !== 'none') reader.fail(`${of} is compressed`);
  if (header.size !== size) reader.fail(`${of} claims ${header.size} bytes where it has ${size}`);
}

/** Any 64-bit word; `Reader.u64` refuses those past 2^53. */
export function readWord(reader: Reader): bigint {
  const bytes = reader.raw(8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}

export function readDouble(reader: Reader): number {
  const bytes = reader.raw(8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
}
