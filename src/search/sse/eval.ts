import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';
import {
  LABEL_BYTES,
  recordAt,
  SMALL_RECORD,
  TOKEN_BYTES,
  WHAT,
  type ParsedIndex,
} from './format.ts';
import { keystream } from './keystream.ts';
import { COUNT_WORDS, layoutOf, listBytes, recordBytes } from './layout.ts';
import { decodePosting } from './posting.ts';
import { findRecord, LABEL_WORDS, type Region } from './region.ts';

export type { ParsedIndex } from './format.ts';

/**
 * The rows that a token stands for: find the keyword's records at their labels, decrypt, decode.
 * A token that nothing was indexed under, another segment's for one, gives the empty set.
 * @throws BYTES_INVALID for a malformed token, or an index whose records are damaged.
 */
export function lookupPosting(index: ParsedIndex, token: Uint8Array): RowSet {
  if (token.length !== TOKEN_BYTES) {
    throw new OpalineError('BYTES_INVALID', { what: 'sse token', reason: 'not 32 bytes' });
  }
  const head = keystream(token, SMALL_RECORD / 4);
  const first = findRecord(index.small, head, 0);
  if (first < 0) return new RowSet(index.rows);
  const count = (index.small.view.getUint32(first + LABEL_BYTES, true) ^ head[LABEL_WORDS]!) >>> 0;
  if (count < 1 || count > index.rows) damaged('a list length is out of range');
  return decodePosting(decryptList(index, token, count), count, index.rows);
}

/** The encoded rows of a list, decrypted, without its length. */
function decryptList(index: ParsedIndex, token: Uint8Array, count: number): Uint32Array {
  const layout = layoutOf(count, index.rows);
  const stream = keystream(token, listBytes(layout) / 4);
  const payload = stream.length - (layout.small + layout.large) * LABEL_WORDS;
  const words = new Uint32Array(payload - COUNT_WORDS);
  let word = 0;
  for (let record = 0, at = 0; at < stream.length; record++) {
    const size = recordBytes(layout, record);
    const { view, start } = locate(size === SMALL_RECORD ? index.small : index.large, stream, at);
    const end = at + size / 4;
    const skip = record === 0 ? LABEL_WORDS + COUNT_WORDS : LABEL_WORDS;
    let from = start + 4 * skip;
    for (at += skip; at < end; at++, from += 4) {
      words[word++] = view.getUint32(from, true) ^ stream[at]!;
    }
  }
  return words;
}

function locate(region: Region, label: Uint32Array, at: number): { view: DataView; start: number } {
  const start = findRecord(region, label, at);
  if (start < 0) damaged('a record of a list is missing');
  return { view: region.view, start };
}

/**
 * The bytes at a label, for the vault to open: a sealed block, or a record of a list that the vault decrypts by itself; a
 * view. Undefined where there are none.
 * @throws BYTES_INVALID for a malformed label.
 */
export function lookupSealed(index: ParsedIndex, label: Uint8Array): Uint8Array | undefined {
  if (label.length !== LABEL_BYTES) {
    throw new OpalineError('BYTES_INVALID', { what: 'sse label', reason: 'not 16 bytes' });
  }
  return recordAt(index, label);
}

function damaged(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: WHAT, reason });
}
