import { Reader, Writer } from '../../bytes/codec.ts';
import { MAX_BITS, MAX_ROWS } from './format.ts';

/** What the vault keeps of an index, sealed, besides the key. */
export interface TagState {
  readonly rows: number;
  readonly bits: number;
  /** Bit t & 7 of byte t >>> 3: whether a row has tag t, so that a reply without rows is no lie. */
  readonly occupied: Uint8Array;
}

export function encodeTagState({ rows, bits, occupied }: TagState): Uint8Array {
  return new Writer(8 + occupied.length).u32(rows).u8(bits).raw(occupied).finish();
}

/** @throws BYTES_INVALID */
export function decodeTagState(bytes: Uint8Array): TagState {
  const reader = new Reader(bytes, 'tag index state');
  const rows = reader.u32();
  const bits = reader.u8();
  if (rows < 1 || rows > MAX_ROWS || bits > MAX_BITS) reader.fail('out of range');
  const occupied = reader.raw(occupiedBytes(bits));
  reader.end();
  return { rows, bits, occupied };
}

export function occupiedBytes(bits: number): number {
  return Math.ceil(2 ** bits / 8);
}
