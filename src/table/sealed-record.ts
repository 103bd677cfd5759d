import { openBytes, sealWithNonce } from '../bytes/aead.ts';
import { pad, unpad } from '../bytes/padding.ts';
import { utf8 } from '../bytes/codec.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { decodeRecord, RecordEncoder } from './record.ts';
import type { Column } from './schema.ts';
import type { Batch, Value } from './value.ts';

/** Records are padded to a multiple of this many bytes: what the store sees of a row's length. */
const RECORD_STEP = 32;

/**
 * Seal every row of a segment: AES-256-GCM under the segment's record key, the row's position as
 * nonce (a key seals one segment, once) and the segment's id as associated data.
 */
export function sealRecords(key: Uint8Array, segment: string, batch: Batch): Uint8Array[] {
  const encoder = new RecordEncoder(batch.columns);
  const aad = utf8(segment);
  const nonce = new Uint8Array(12);
  const counter = new DataView(nonce.buffer);
  return Array.from({ length: batch.rows }, (_, row) => {
    counter.setUint32(0, row, true);
    const plain = encoder.encode(row);
    const padded = Math.ceil((plain.length + 1) / RECORD_STEP) * RECORD_STEP;
    return sealWithNonce(key, nonce, pad(plain, padded), aad);
  });
}

/** @throws BYTES_INVALID when the record was altered, or belongs to another row or segment. */
export function openRecord(
  key: Uint8Array,
  segment: string,
  row: number,
  sealed: Uint8Array,
  columns: readonly Column[],
): Value[] {
  const what = `record ${row}`;
  const plain = openBytes(key, sealed, utf8(segment), what);
  const position = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0, true);
  if (position !== row) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'it is another row’s' });
  }
  return decodeRecord(unpad(plain, what), columns);
}
