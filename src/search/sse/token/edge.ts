import { openBytes, SEAL_OVERHEAD, sealBytes } from '../../../bytes/aead.ts';
import { Reader, wordBytes, Writer } from '../../../bytes/codec.ts';
import { keystream } from '../keystream.ts';
import { LABEL_BYTES, LABEL_WORDS } from '../region.ts';
import { BLOCK_ROWS } from '../tree.ts';

/**
 * An edge block: the values and rows of one block of ranks, sealed for the vault. A range that ends
 * inside a block is answered by fetching it by label, opening and filtering it, so the store never
 * sees where inside the block the range ends; it sees the rows that are left, once they are used.
 *
 * rows u16 | values u16 | bits of a row u8 | per value, ascending: bytes shared with the one before,
 * bytes that follow, rows that have it (each LEB128), those bytes | rows by rank, packed.
 */
export interface EdgeBlock {
  /** Distinct canonical values, ascending. */
  readonly values: readonly Uint8Array[];
  /** values[i] is held by rows[starts[i]] to rows[starts[i + 1] − 1]. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

const WHAT = 'sealed edge block';

export function encodeEdge({ values, starts, rows }: EdgeBlock, segmentRows: number): Uint8Array {
  const bits = rowBits(segmentRows);
  const writer = new Writer(4096).u16(rows.length).u16(values.length).u8(bits);
  let previous: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const shared = sharedPrefix(previous, value);
    writer
      .varint(shared)
      .varint(value.length - shared)
      .varint(starts[i + 1]! - starts[i]!);
    writer.rawFrom(value, shared);
    previous = value;
  }
  return writer.raw(packRows(rows, bits)).finish();
}

/** The least an edge block of that many rows takes, whatever its values are. */
export function leastEdgeBytes(rows: number, segmentRows: number): number {
  return 5 + Math.ceil((rows * rowBits(segmentRows)) / 8);
}

function decodeEdge(bytes: Uint8Array): EdgeBlock {
  const reader = new Reader(bytes, WHAT);
  const size = reader.u16();
  const count = reader.u16();
  const bits = reader.u8();
  if (size > BLOCK_ROWS || count > size || bits > 31) reader.fail('counts out of range');
  const values: Uint8Array[] = [];
  const starts = new Uint32Array(count + 1);
  let previous: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < count; i++) {
    const shared = reader.varint();
    const rest = reader.varint();
    starts[i + 1] = starts[i]! + reader.varint();
    if (shared > previous.length) reader.fail('a shared prefix is too long');
    const suffix = reader.raw(rest);
    const value = new Uint8Array(shared + rest);
    for (let j = 0; j < shared; j++) value[j] = previous[j]!;
    value.set(suffix, shared);
    values.push(value);
    previous = value;
  }
  if (starts[count] !== size) reader.fail('counts do not add up');
  return { values, starts, rows: unpackRows(reader.raw(Math.ceil((size * bits) / 8)), size, bits) };
}

/**
 * Seal an encoded edge block, padded with zeros to `size` bytes, under the key of its keyword.
 * `place` is what `edgePlace` gives: the block opens as no other.
 */
export function sealEdge(
  token: Uint8Array,
  place: Uint8Array,
  plain: Uint8Array,
  size: number,
): Uint8Array {
  const padded = new Uint8Array(size);
  padded.set(plain);
  return sealBytes(edgeKey(token), padded, place);
}

/** @throws BYTES_INVALID when it was altered or belongs elsewhere. */
export function openSealedEdge(
  token: Uint8Array,
  place: Uint8Array,
  sealed: Uint8Array,
): EdgeBlock {
  return decodeEdge(openBytes(edgeKey(token), sealed, place, WHAT));
}

/** Where an edge block lies: its keyword's label, as for a posting list's first record. */
export function labelOf(token: Uint8Array): Uint8Array {
  return wordBytes(keystream(token, LABEL_WORDS)).slice();
}

/** The AES-256-GCM key of an edge block; unlike a posting's key it is never given to the store. */
function edgeKey(token: Uint8Array): Uint8Array {
  return wordBytes(keystream(token, LABEL_WORDS + 8)).slice(LABEL_BYTES);
}

/** Associated data: column u16, block u32. */
export function edgePlace(column: number, block: number): Uint8Array {
  return new Writer(8).u16(column).u32(block).finish();
}

/** Bytes of an edge record whose plaintext takes `size` bytes: label and seal included. */
export function edgeRecordBytes(size: number): number {
  return LABEL_BYTES + SEAL_OVERHEAD + size;
}

function rowBits(segmentRows: number): number {
  return 32 - Math.clz32(segmentRows - 1);
}

function packRows(rows: Uint32Array, bits: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((rows.length * bits) / 8));
  for (let i = 0, at = 0; i < rows.length; i++) {
    for (let b = 0; b < bits; b++, at++) out[at >>> 3]! |= ((rows[i]! >>> b) & 1) << (at & 7);
  }
  return out;
}

function unpackRows(packed: Uint8Array, count: number, bits: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    for (let b = 0; b < bits; b++, at++) rows[i]! |= ((packed[at >>> 3]! >>> (at & 7)) & 1) << b;
  }
  return rows;
}

function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
  return shared;
}
