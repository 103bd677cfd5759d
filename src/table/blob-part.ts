import { wordBytes } from '../bytes/codec.ts';
import { frame, unframe } from '../bytes/framing.ts';

/**
 * A part made of numbered blobs: sealed records (one a row) or sealed metadata sections. The store
 * hands out blobs by number and can read none of them.
 *
 * Frame, u32 count, count + 1 u32 offsets (relative to the first blob), the blobs.
 */
export type BlobPartType = 'RECS' | 'SEAL';

export function encodeBlobs(type: BlobPartType, blobs: readonly Uint8Array[]): Uint8Array {
  const { part, body } = allocateBlobs(
    type,
    Uint32Array.from(blobs, (blob) => blob.length),
  );
  let at = 0;
  for (const blob of blobs) {
    body.set(blob, at);
    at += blob.length;
  }
  return part;
}

/** A part of blobs of these lengths; `body` is the part of it that is still zero: the blobs, end to end. */
export function allocateBlobs(
  type: BlobPartType,
  lengths: Uint32Array,
): { part: Uint8Array; body: Uint8Array } {
  const offsets = new Uint32Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) offsets[i + 1] = offsets[i]! + lengths[i]!;
  const header = frame(type).u32(lengths.length).raw(wordBytes(offsets)).finish();
  const part = new Uint8Array(header.length + offsets[lengths.length]!);
  part.set(header);
  return { part, body: part.subarray(header.length) };
}

export interface BlobPart {
  readonly count: number;
  /** A view of blob i; i must be in [0, count). */
  blob(i: number): Uint8Array;
}

/** @throws BYTES_INVALID when offsets do not ascend or leave the part. */
export function parseBlobs(type: BlobPartType, bytes: Uint8Array, what: string): BlobPart {
  const reader = unframe(bytes, type, what);
  const count = reader.count(4);
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i <= count; i++) {
    offsets[i] = reader.u32();
    if (i === 0 ? offsets[0] !== 0 : offsets[i]! < offsets[i - 1]!)
      reader.fail('offsets do not ascend');
  }
  if (offsets[count] !== reader.remaining) reader.fail('the last offset is not the end');
  const body = reader.raw(reader.remaining);
  return {
    count,
    blob: (i) => {
      if (!Number.isInteger(i) || i < 0 || i >= count) reader.fail('no such blob');
      return body.subarray(offsets[i], offsets[i + 1]);
    },
  };
}
