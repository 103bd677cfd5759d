import { Reader, wordsOf } from '../../bytes/codec.ts';
import type { RowSet } from '../../table/row-set.ts';
import type { Postings } from '../postings.ts';
import { decodePosting, encodePosting, postingBits } from '../sse/posting.ts';

/**
 * What buckets hold. A keyword's rows are one run of bytes, count (LEB128) and posting list (Elias–Fano or
 * bitmap), cut into parts; a part is a record: bytes of it (LEB128, at least 1), tag, those bytes. Zeros follow the
 * last record of a bucket.
 */
const WHAT = 'pir bucket';

/**
 * Bytes by which a record is known: a PRF's of keyword and part. A lookup compares some hundred of them, so it
 * takes another's rows for a keyword's with probability below 2^-56.
 */
export const TAG_BYTES = 8;
/** Most bytes of a record besides what it carries, for parts below 2^14 bytes. */
export const RECORD_OVERHEAD: number = TAG_BYTES + 2;
/** Bytes that the seal takes of a bucket: a GCM tag. */
export const BUCKET_SEAL = 16;
/**
 * Buckets of so many bytes in which cuckoo hashing finds room for records of so many bytes altogether: with dozens to
 * a bucket it fills 93 % and more, and less than one record's room is lost at the end of each.
 */
export function bucketsFor(bytes: number, records: number, capacity: number): number {
  if (records === 0) return 1;
  const lost = Math.min(bytes / records, capacity / 2);
  return bytes / (0.93 * (capacity - lost));
}

export interface Record {
  readonly tag: Uint8Array;
  readonly content: Uint8Array;
}

export function recordBytes(content: number): number {
  return TAG_BYTES + content + varintBytes(content);
}

const varintBytes = (value: number): number => (value < 0x80 ? 1 : value < 0x4000 ? 2 : 3);

/** LEB128 from `at` on; where it ends. */
function writeVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
  out[at++] = rest;
  return at;
}

/** Bytes of a keyword's rows, encoded. */
export function listBytes(count: number, rows: number): number {
  return varintBytes(count) + Math.ceil(postingBits(count, rows) / 8);
}

/** Encodes the rows of a segment's keywords, one after the other. */
export class ListEncoder {
  private readonly postings: Postings;
  private readonly words: Uint32Array;

  constructor(postings: Postings) {
    this.postings = postings;
    // No list is longer than a bitmap.
    this.words = new Uint32Array((postings.rows + 31) >>> 5);
  }

  /** Keyword i's rows from `at` on; where they end. */
  write(i: number, out: Uint8Array, at: number): number {
    const { rows, starts, members } = this.postings;
    const [from, to] = [starts[i]!, starts[i + 1]!];
    const bits = postingBits(to - from, rows);
    this.words.fill(0, 0, (bits + 31) >>> 5);
    encodePosting(members, from, to, rows, this.words, 0);
    const start = writeVarint(out, at, to - from);
    const bytes = Math.ceil(bits / 8);
    for (let b = 0; b < bytes; b++) out[start + b] = this.words[b >>> 2]! >>> (8 * (b & 3));
    return start + bytes;
  }
}

/**
 * The rows of a keyword from the bytes of its parts, joined.
 * @throws BYTES_INVALID unless they are exactly as `ListEncoder` writes them.
 */
export function decodeRows(bytes: Uint8Array, rows: number): RowSet {
  const reader = new Reader(bytes, WHAT);
  const count = reader.varint();
  if (count < 1 || count > rows) reader.fail('a list length is out of range');
  const bits = postingBits(count, rows);
  const packed = reader.raw(Math.ceil(bits / 8));
  reader.end();
  const padded = new Uint8Array(4 * ((bits + 31) >>> 5));
  padded.set(packed);
  return decodePosting(wordsOf(padded), count, rows);
}

/** The records, and zeros up to `size` bytes. */
export function encodeBucket(records: readonly Record[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const { tag, content } of records) {
    at = writeVarint(out, at, content.length);
    out.set(tag, at);
    out.set(content, at + TAG_BYTES);
    at += TAG_BYTES + content.length;
  }
  return out;
}

/** @throws BYTES_INVALID unless they are records and then zeros. */
export function decodeBucket(bytes: Uint8Array): Record[] {
  const reader = new Reader(bytes, WHAT);
  const records: Record[] = [];
  while (reader.remaining > 0) {
    const length = reader.varint();
    if (length === 0) {
      if (reader.raw(reader.remaining).some((byte) => byte !== 0)) {
        reader.fail('not padded by zeros');
      }
      break;
    }
    records.push({ tag: reader.raw(TAG_BYTES), content: reader.raw(length) });
  }
  return records;
}
