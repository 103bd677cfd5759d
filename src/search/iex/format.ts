import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';
import type { ParsedIndex } from '../sse/format.ts';
import { LARGE_RECORD, MAX_ROWS, SMALL_RECORD } from '../sse/format.ts';
import { isSorted, regionOf, type Region } from '../sse/region.ts';

/**
 * IEX: boolean queries that show the rows of their first terms, and of every other term only what it has in common with those.
 *
 * Kamara, Moataz, "Boolean Searchable Symmetric Encryption with Worst-Case Sub-Linear Complexity", EUROCRYPT
 * 2017, sections 4 and 5 (IEX-2Lev). A global multimap takes a keyword w to its rows; for each w a local one takes
 * each keyword v that occurs with it to the rows of both. All of them are one encrypted dictionary here, whose
 * lists are sse's: a list's token is a 32-byte key, from whose keystream come its labels and pads (../sse/keystream.ts), so
 * that without tokens nothing tells which records belong to which multimap.
 *
 * ```
 * frame "IEXB" (16) | rows u32 | tiny u32 | small u32 | large u32
 * tiny records, small records, large records; each run ascending by label
 * ```
 *
 * What differs from the paper:
 * - The list of w and v is that of v and w: it is stored once, under a token of the two. This halves the index. A store that
 *   is asked for both sees one token twice, where the paper's shows it the same rows twice.
 * - Most pairs have one row or a few: such a list is a tiny record of 16 bytes.
 * - The answer is any formula of the terms, evaluated on the rows of the first ones: the paper's conjunctive normal form is a case
 *   of it. A term of that formula may be negated.
 * - Sets of rows are united as they are, since the answer shows them anyway; the paper takes pairwise intersections out of a
 *   disjunction's terms first, so that its encrypted identifiers are sent once.
 */
export const WHAT = 'iex index';

/** 2^26 labels collide with a probability below 2^-43. */
export const TINY_LABEL_WORDS = 3;
export const TINY_LABEL_BYTES: number = 4 * TINY_LABEL_WORDS;
/** A label, then one word: a length and the rows. */
export const TINY_RECORD = 16;
const HEADER_BYTES = FRAME_BYTES + 16;

export interface IexShape {
  readonly rows: number;
  readonly tiny: number;
  readonly small: number;
  readonly large: number;
}

/** An index over the part's own bytes. `sealed` is empty: there are no ranges. */
export interface ParsedIex extends ParsedIndex {
  readonly tiny: Region;
}

/** Bytes of the whole part. */
export function iexBytes({ tiny, small, large }: IexShape): number {
  return HEADER_BYTES + tiny * TINY_RECORD + small * SMALL_RECORD + large * LARGE_RECORD;
}

/** A part of that shape with its header written and every record still zero. */
export function allocateIex(shape: IexShape): { part: Uint8Array; index: ParsedIex } {
  const part = new Uint8Array(iexBytes(shape));
  part.set(
    frame('IEXB').u32(shape.rows).u32(shape.tiny).u32(shape.small).u32(shape.large).finish(),
  );
  return { part, index: regionsOf(part, shape) };
}

/**
 * Validate a part from outside: frame, sizes that add up exactly, labels strictly ascending. Linear in its length;
 * allocates nothing.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseIex(part: Uint8Array): ParsedIex {
  const reader = unframe(part, 'IEXB', WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const shape = { rows, tiny: reader.u32(), small: reader.u32(), large: reader.u32() };
  if (iexBytes(shape) !== part.length) reader.fail('the length is not that of its records');
  const index = regionsOf(part, shape);
  for (const region of [index.tiny, index.small, index.large]) {
    if (!isSorted(region)) reader.fail('labels are not in order');
  }
  return index;
}

function regionsOf(part: Uint8Array, { rows, tiny, small, large }: IexShape): ParsedIex {
  let at = HEADER_BYTES;
  const take = (stride: number, count: number, labelWords?: number): Region => {
    const bytes = part.subarray(at, at + stride * count);
    at += bytes.length;
    return regionOf(bytes, stride, labelWords);
  };
  return {
    rows,
    tiny: take(TINY_RECORD, tiny, TINY_LABEL_WORDS),
    small: take(SMALL_RECORD, small),
    large: take(LARGE_RECORD, large),
    sealed: [],
  };
}
