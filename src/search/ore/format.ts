import { Reader, Writer } from '../../bytes/codec.ts';
import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';

/**
 * Right ciphertexts of block order-revealing encryption, as they lie at the store: Lewi and Wu, "Order-Revealing
 * Encryption: New Constructions, Applications, and Lower Bounds", CCS 2016, sections 3 (small domains) and 4
 * (larger ones, block by block). Left ciphertexts are what queries send; none is stored. Two right
 * ciphertexts cannot be compared, so at rest they show nothing but their number and size.
 *
 * **Blocks of 4 bits.** A block takes an entry for each of its d values, so a value of w bits takes 2·d·w/log2 d bits: of
 * 32 bits 16 bytes at d = 4, 32 at d = 16, 256 at d = 256. A query shows the first block in which a row differs from its
 * end: of log2 d bits, the fewer the more it shows (d = 2 is the scheme of Chenette, Lewi, Weis, Wu, FSE 2016). d = 16 is
 * the largest whose index is no larger than an sse index of as many distinct values, and is built in a second or two.
 *
 * **Entries of 2 bits.** The paper masks a comparison's result by addition modulo 3. Here it is masked by exclusive or
 * with two bits, which are uniform as they come; one row and block is a word, and the proof is the same in (Z/2)².
 *
 * ```
 * frame "OREX" (16) | rows u32 | blocks u8 | zeros to 24 | salt (16) | zeros to 48
 * for each block, the first being the highest: one word a row, of 16 entries, entry t at bit 2t
 * ```
 */
export const WHAT = 'ore index';

/** Most rows of a segment. */
export const MAX_ROWS: number = 2 ** 18;
export const BLOCK_BITS = 4;
/** Values of a block. */
export const FAN: number = 2 ** BLOCK_BITS;
/** Codes have at most 64 bits. */
export const MAX_BLOCKS = 16;
export const HEADER_BYTES = 48;
export const SALT_BYTES = 16;
/** What opens one entry of a block, and which. */
export const BLOCK_KEY_BYTES = 16;
const PAD_BEFORE_SALT = 3;

/** What an entry says of a block's value j and the row's y. */
export const EQUAL = 0;
/** j < y */
export const LESS = 1;
/** j > y */
export const GREATER = 2;

export interface ParsedOre {
  readonly rows: number;
  readonly blocks: number;
  /** The public key of the permutation that pads come from (pads.ts). */
  readonly salt: Uint8Array;
  /** The word of row r and block b is at 4·(b·rows + r), little-endian. */
  readonly words: DataView;
}

export function oreIndexBytes(rows: number, blocks: number): number {
  return HEADER_BYTES + 4 * rows * blocks;
}

/** `planes`: a plane of words for each block. */
export function encodeOre(
  rows: number,
  salt: Uint8Array,
  planes: readonly Uint8Array[],
): Uint8Array {
  const writer = frame('OREX', oreIndexBytes(rows, planes.length))
    .u32(rows)
    .u8(planes.length)
    .raw(new Uint8Array(PAD_BEFORE_SALT))
    .raw(salt)
    .raw(new Uint8Array(HEADER_BYTES - FRAME_BYTES - 5 - PAD_BEFORE_SALT - SALT_BYTES));
  for (const plane of planes) writer.raw(plane);
  return writer.finish();
}

/**
 * Validate a part from outside: its length is exactly that of its rows and blocks. Words may be anything.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseOre(part: Uint8Array): ParsedOre {
  const reader: Reader = unframe(part, 'OREX', WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const blocks = reader.u8();
  if (blocks < 1 || blocks > MAX_BLOCKS) reader.fail('block count out of range');
  const before = reader.raw(PAD_BEFORE_SALT);
  const salt = reader.raw(SALT_BYTES);
  const after = reader.raw(HEADER_BYTES - reader.offset);
  if (before.some((byte) => byte !== 0) || after.some((byte) => byte !== 0)) {
    reader.fail('header padding is not zero');
  }
  const words = reader.raw(4 * rows * blocks);
  reader.end();
  return {
    rows,
    blocks,
    salt,
    words: new DataView(words.buffer, words.byteOffset, words.byteLength),
  };
}

/** A left ciphertext: for each block, from the highest, the key of one entry and which one. */
export interface LeftCiphertext {
  /** BLOCK_KEY_BYTES for each block. */
  readonly keys: Uint8Array;
  /** Below FAN, one for each block. */
  readonly entries: Uint8Array;
}

/**
 * A token: the left ciphertexts of the lowest and of the highest code that is in a range. An end that the range does not
 * need is not there: comparing with it would show something.
 *
 * flags u8: 1 where there is a low end, 2 where there is a high one | per end, low first: entries, keys
 *
 * A token of no bytes is that of no row.
 */
export interface RangeToken {
  readonly low?: LeftCiphertext;
  readonly high?: LeftCiphertext;
}

const [LOW, HIGH] = [1, 2] as const;

export function tokenBytes(blocks: number, ends: number): number {
  return 1 + ends * blocks * (BLOCK_KEY_BYTES + 1);
}

export function encodeToken({ low, high }: RangeToken): Uint8Array {
  const writer = new Writer(512).u8(
    (low === undefined ? 0 : LOW) | (high === undefined ? 0 : HIGH),
  );
  for (const end of [low, high]) if (end !== undefined) writer.raw(end.entries).raw(end.keys);
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function parseToken(token: Uint8Array, blocks: number): RangeToken {
  const reader = new Reader(token, 'ore token');
  const flags = reader.u8();
  if (flags > (LOW | HIGH)) reader.fail('flags out of range');
  const left = (): LeftCiphertext => {
    const entries = reader.raw(blocks);
    if (entries.some((entry) => entry >= FAN)) reader.fail('an entry is out of range');
    return { entries, keys: reader.raw(BLOCK_KEY_BYTES * blocks) };
  };
  const low = (flags & LOW) === 0 ? undefined : left();
  const high = (flags & HIGH) === 0 ? undefined : left();
  reader.end();
  return { ...(low && { low }), ...(high && { high }) };
}
