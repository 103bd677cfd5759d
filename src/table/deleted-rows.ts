import type { Reader } from '../bytes/codec.ts';
import { frame, unframe } from '../bytes/framing.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { RowSet } from './row-set.ts';

/**
 * The deleted rows of a segment, as a part: frame GONE, the segment's rows, then the words of the row
 * set. In the clear, because the store leaves them out of every row set; which rows match a DELETE it
 * sees anyway.
 */
export function encodeDeletedRows(deleted: RowSet): Uint8Array {
  return frame('GONE', 32 + deleted.words.byteLength)
    .u32(deleted.rows)
    .words(deleted.words)
    .finish();
}

/** The set in such a part. @throws BYTES_INVALID unless it is well-formed and not empty */
export function checkDeletedRows(bytes: Uint8Array, what: string): RowSet {
  const reader: Reader = unframe(bytes, 'GONE', what);
  const rows = reader.u32();
  const words = reader.words();
  reader.end();
  if (words.length !== (rows + 31) >>> 5) reader.fail('it has not one bit a row');
  const set = new RowSet(rows, words);
  const last = set.toArray().at(-1);
  if (last === undefined) reader.fail('it names no row');
  if (last >= rows) reader.fail('it names rows past the end');
  return set;
}

/** The same of a known segment. @throws BYTES_INVALID unless it names `count` of its `rows` rows */
export function parseDeletedRows(
  bytes: Uint8Array,
  rows: number,
  count: number,
  what: string,
): RowSet {
  const set = checkDeletedRows(bytes, what);
  if (set.rows === rows && set.count === count) return set;
  throw new OpalineError('BYTES_INVALID', { what, reason: 'it does not fit its segment' });
}
