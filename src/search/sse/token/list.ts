import { wordBytes, wordsOf } from '../../../bytes/codec.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import type { RowSet } from '../../../table/row-set.ts';
import { SMALL_RECORD, WHAT } from '../format.ts';
import { keystream } from '../keystream.ts';
import { COUNT_WORDS, type ListLayout, layoutOf, listBytes, recordBytes } from '../layout.ts';
import { decodePosting } from '../posting.ts';
import { LABEL_BYTES, LABEL_WORDS } from '../region.ts';

/** A posting list whose first record the vault has: where the others are. */
export interface ListHead {
  readonly count: number;
  /** Labels of the records after the first. */
  readonly labels: readonly Uint8Array[];
}

/**
 * @param first payload of the list's first record, as `search` answers it
 * @throws BYTES_INVALID for a record of another size, or a length that no list of the segment has
 */
export function listHead(token: Uint8Array, first: Uint8Array, rows: number): ListHead {
  if (first.length !== SMALL_RECORD - LABEL_BYTES) damaged('a record of a list has another size');
  const head = keystream(token, SMALL_RECORD / 4);
  const count = (wordsOf(first)[0]! ^ head[LABEL_WORDS]!) >>> 0;
  if (count < 1 || count > rows) damaged('a list length is out of range');
  const layout = layoutOf(count, rows);
  const stream = keystream(token, listBytes(layout) / 4);
  const labels = [...recordsOf(layout)]
    .slice(1)
    .map(({ at }) => wordBytes(stream.slice(at, at + LABEL_WORDS)));
  return { count, labels };
}

/**
 * A list from the payloads of all its records.
 * @returns its rows, and its words as they are MACed (build/proofs.ts)
 * @throws BYTES_INVALID unless it decodes to `count` distinct rows
 */
export function openList(
  token: Uint8Array,
  { count }: ListHead,
  payloads: readonly (Uint8Array | undefined)[],
  rows: number,
): { readonly set: RowSet; readonly words: Uint8Array } {
  const layout = layoutOf(count, rows);
  const stream = keystream(token, listBytes(layout) / 4);
  const words = new Uint32Array(stream.length - (layout.small + layout.large) * LABEL_WORDS);
  let to = 0;
  let record = 0;
  for (const { at, size } of recordsOf(layout)) {
    const payload = payloads[record++];
    if (payload?.length !== size - LABEL_BYTES) damaged('a record of a list is missing');
    for (const [i, word] of wordsOf(payload).entries()) {
      words[to++] = word ^ stream[at + LABEL_WORDS + i]!;
    }
  }
  return { set: decodePosting(words.slice(COUNT_WORDS), count, rows), words: wordBytes(words) };
}

/** Where in the keystream each record begins, in words, and its bytes. */
function* recordsOf(layout: ListLayout): Generator<{ at: number; size: number }> {
  const end = listBytes(layout) / 4;
  for (let record = 0, at = 0; at < end; record++) {
    const size = recordBytes(layout, record);
    yield { at, size };
    at += size / 4;
  }
}

function damaged(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: WHAT, reason });
}
