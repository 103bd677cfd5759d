import { type Reader, wordBytes, wordsOf } from '../../bytes/codec.ts';
import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';

/**
 * Truncated tags beside sealed values, as they lie at the store: the efficiently searchable encryption of Bellare,
 * Boldyreva, O'Neill, "Deterministic and Efficiently Searchable Encryption", CRYPTO 2007, with short, "bucketized" tags,
 * in the symmetric form of CipherSweet's blind indexes and AWS's beacons.
 *
 * ```
 * frame "TAGX" (16) | rows u32 | bits u8 | zeros to 32
 * starts: 2^bits + 1 words; rows of tag t are members[starts[t]] to members[starts[t + 1] − 1]
 * members: every row of the segment once, ascending within a tag; `rows` words
 * sealed: 32 bytes for each member, in their order
 * ```
 *
 * Every row has a tag, so that tag is all the store sees of it, and a lookup is one slice. The match is
 * **fuzzy**: other values have the same tag. Only the vault tells them apart, by opening what is sealed.
 */
export const WHAT = 'tag index';

/** Most rows of a segment. */
export const MAX_ROWS: number = 2 ** 18;
/** 2 ≤ R/2^b of at most 2^18 rows. */
export const MAX_BITS = 17;
export const HEADER_BYTES = 32;
/** What tells a row's keyword from others, for the vault. */
export const IDENTITY_BYTES = 16;
/** The identity and the tag of its AEAD; the nonce is the row. */
export const SEALED_BYTES: number = IDENTITY_BYTES + 16;
/** A query is a tag, as a u32. */
export const QUERY_BYTES = 4;

export interface ParsedTags {
  readonly rows: number;
  readonly bits: number;
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
  /** A view. */
  readonly sealed: Uint8Array;
}

export function tagIndexBytes(rows: number, bits: number): number {
  return HEADER_BYTES + 4 * (2 ** bits + 1) + (4 + SEALED_BYTES) * rows;
}

export function encodeTags({ rows, bits, starts, members, sealed }: ParsedTags): Uint8Array {
  return frame('TAGX', tagIndexBytes(rows, bits))
    .u32(rows)
    .u8(bits)
    .raw(new Uint8Array(HEADER_BYTES - FRAME_BYTES - 5))
    .raw(wordBytes(starts))
    .raw(wordBytes(members))
    .raw(sealed)
    .finish();
}

/**
 * Validate a part from outside: exact length, and each row under one tag, in order. Linear in its length.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseTags(part: Uint8Array): ParsedTags {
  const reader: Reader = unframe(part, 'TAGX', WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const bits = reader.u8();
  if (bits > MAX_BITS) reader.fail('tag length out of range');
  const zeros = reader.raw(HEADER_BYTES - reader.offset);
  if (zeros.some((byte) => byte !== 0)) reader.fail('header padding is not zero');
  const starts = wordsOf(reader.raw(4 * (2 ** bits + 1)));
  const members = wordsOf(reader.raw(4 * rows));
  const sealed = reader.raw(SEALED_BYTES * rows);
  reader.end();
  if (starts[0] !== 0 || starts[2 ** bits] !== rows) reader.fail('tags do not span the rows');
  const seen = new Uint8Array(rows);
  for (let tag = 0; tag < 2 ** bits; tag++) {
    const end = starts[tag + 1]!;
    if (end < starts[tag]! || end > rows) reader.fail('tags are not in order');
    for (let i = starts[tag]!; i < end; i++) {
      const row = members[i]!;
      if (row >= rows || seen[row] !== 0) reader.fail('a row is not under one tag');
      if (i > starts[tag]! && row <= members[i - 1]!) reader.fail('rows are not in order');
      seen[row] = 1;
    }
  }
  return { rows, bits, starts, members, sealed };
}
