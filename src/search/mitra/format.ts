import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';
import { isSorted, regionOf, type Region } from '../sse/region.ts';

/**
 * Mitra: forward private, and backward private of type II (Bost, Minaud, Ohrimenko, CCS 2017).
 *
 * Ghareh Chamani, Papadopoulos, Papamanthou, Jalili, "New Constructions for Forward and Backward Private
 * Symmetric Searchable Encryption", CCS 2018, section 4. The c-th change of a keyword w, an addition or a deletion
 * of a row, is one entry: at the label F_K(w, c, 0) the value (row ‖ op) ⊕ F_K(w, c, 1). Only the vault opens values, so
 * the store never learns which rows were added or deleted, and a deletion is an entry like any other.
 *
 * A part holds the entries of one batch: all additions of a segment, or later changes. Parts are immutable, and all
 * parts of an index together are what a lookup asks.
 *
 * ```
 * frame "MTRA" (16) | rows u32 | entries u32
 * entries, ascending by label: label 12 bytes | (row ‖ op) ⊕ pad, 4 bytes | tag 8 bytes
 * ```
 *
 * What differs from the paper:
 * - Values carry a tag, since here the store may be malicious. A tag of 64 bits suffices: it is checked by the vault alone,
 *   nobody can test a guess without asking it, and each wrong guess ends the query with a refusal; so a forgery
 *   passes with probability 2^-64 for each refused query.
 * - F depends on a random salt of the batch as well as on w and c (token/entry.ts). A batch that was uploaded and never published
 *   may be made again otherwise; with counters alone it would use the same pads for other values.
 * - The number of entries is rounded up, by random ones.
 */
export const WHAT = 'mitra index';

/** Labels of 2^26 entries collide with a probability below 2^-43, in which case a build is refused. */
export const LABEL_WORDS = 3;
export const LABEL_BYTES: number = 4 * LABEL_WORDS;
export const TAG_BYTES = 8;
/** The value and its tag: what the store answers for a label. */
export const PAYLOAD_BYTES: number = 4 + TAG_BYTES;
export const ENTRY_BYTES: number = LABEL_BYTES + PAYLOAD_BYTES;
/** Most rows of a segment. */
export const MAX_ROWS: number = 2 ** 18;
/** Most entries of a part: 1.5 GiB. */
export const MAX_ENTRIES: number = 2 ** 26;
const HEADER_BYTES = FRAME_BYTES + 8;

/** A part over its own bytes: nothing is copied or decoded. */
export interface MitraPart {
  readonly rows: number;
  readonly entries: Region;
}

/** A part with its header written and every entry still zero. */
export function allocatePart(rows: number, entries: number): { part: Uint8Array; entries: Region } {
  const part = new Uint8Array(HEADER_BYTES + entries * ENTRY_BYTES);
  part.set(frame('MTRA').u32(rows).u32(entries).finish());
  return { part, entries: regionOf(part.subarray(HEADER_BYTES), ENTRY_BYTES, LABEL_WORDS) };
}

/**
 * Validate a part from outside: frame, exact length, labels strictly ascending. Linear in its length; allocates
 * nothing.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parsePart(part: Uint8Array): MitraPart {
  const reader = unframe(part, 'MTRA', WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const count = reader.count(ENTRY_BYTES, MAX_ENTRIES);
  const entries = regionOf(reader.raw(count * ENTRY_BYTES), ENTRY_BYTES, LABEL_WORDS);
  reader.end();
  if (!isSorted(entries)) reader.fail('labels are not in order');
  return { rows, entries };
}
