import { Reader, wordBytes, Writer } from '../../bytes/codec.ts';
import type { StoreIndex } from '../rung.ts';
import { parseTags, type ParsedTags, QUERY_BYTES, SEALED_BYTES } from './format.ts';

/**
 * A tag index at the store. Its reply to a tag has the rows that have it and their sealed values: candidates,
 * of which the vault keeps those with the value asked for. No set of rows is made here: NOT of candidates would lack
 * the false positives, which the answer must hold.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function openTagIndex(part: Uint8Array): StoreIndex {
  const index = parseTags(part);
  return { rows: index.rows, answer: (query) => candidates(index, query) };
}

/**
 * count u32 | that many rows, u32, ascending | as many sealed values. At most all rows.
 * @throws BYTES_INVALID for a malformed query
 */
export function candidates(index: ParsedTags, query: Uint8Array): Uint8Array {
  const reader = new Reader(query, 'tag query');
  const tag = reader.u32();
  reader.end();
  if (tag >= 2 ** index.bits) reader.fail('not a tag of this index');
  const from = index.starts[tag]!;
  const to = index.starts[tag + 1]!;
  return new Writer(QUERY_BYTES + (4 + SEALED_BYTES) * (to - from))
    .u32(to - from)
    .raw(wordBytes(index.members.subarray(from, to)))
    .raw(index.sealed.subarray(SEALED_BYTES * from, SEALED_BYTES * to))
    .finish();
}
