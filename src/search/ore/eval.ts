import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';
import type { StoreIndex } from '../rung.ts';
import {
  BLOCK_KEY_BYTES,
  EQUAL,
  GREATER,
  LESS,
  type LeftCiphertext,
  parseOre,
  type ParsedOre,
  parseToken,
} from './format.ts';
import { PAD_BATCH, type Pads, padsOf } from './pads.ts';

/**
 * An ore index at the store. A lookup compares each row with a token's two ends: one AES block for each row and end, and a
 * sixteenth of that for each further block of evenly spread values.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function openOreIndex(part: Uint8Array): StoreIndex {
  const index = parseOre(part);
  return { rows: index.rows, find: (token) => findRange(index, token) };
}

/**
 * The rows whose code lies between the token's ends.
 * @throws BYTES_INVALID for a token that is malformed or another index's
 */
export function findRange(index: ParsedOre, token: Uint8Array): RowSet {
  if (token.length === 0) return new RowSet(index.rows);
  const { low, high } = parseToken(token, index.blocks);
  const pads = padsOf(index.salt);
  let rows: Uint32Array = new Uint32Array(index.rows);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  if (low !== undefined) rows = compareAll(index, pads, low, rows, LESS);
  if (high !== undefined) rows = compareAll(index, pads, high, rows, GREATER);
  return RowSet.of(index.rows, rows);
}

/** Of `rows`, those to which the left ciphertext is equal or, as `wanted` says, less or greater; in any order. */
function compareAll(
  { rows: segmentRows, blocks, words }: ParsedOre,
  pads: Pads,
  { keys, entries }: LeftCiphertext,
  rows: Uint32Array,
  wanted: typeof LESS | typeof GREATER,
): Uint32Array {
  const kept = new Uint32Array(rows.length);
  const bits = new Uint8Array(PAD_BATCH);
  let found = 0;
  let undecided = rows;
  for (let block = 0; block < blocks && undecided.length > 0; block++) {
    const key = keys.subarray(BLOCK_KEY_BYTES * block, BLOCK_KEY_BYTES * (block + 1));
    const shift = 2 * entries[block]!;
    const plane = 4 * block * segmentRows;
    const equal = new Uint32Array(undecided.length);
    let equals = 0;
    for (let from = 0; from < undecided.length; from += PAD_BATCH) {
      const batch = undecided.subarray(from, from + PAD_BATCH);
      pads.ofRows(key, batch, bits);
      for (let i = 0; i < batch.length; i++) {
        const row = batch[i]!;
        const result = ((words.getUint32(plane + 4 * row, true) >>> shift) & 3) ^ bits[i]!;
        if (result === wanted) kept[found++] = row;
        else if (result === EQUAL) equal[equals++] = row;
        else if (result !== LESS && result !== GREATER) throw foreign();
      }
    }
    undecided = equal.subarray(0, equals);
  }
  kept.set(undecided, found);
  return kept.subarray(0, found + undecided.length);
}

function foreign(): OpalineError {
  const reason = 'not of this index, or the index is damaged';
  return new OpalineError('BYTES_INVALID', { what: 'ore token', reason });
}
