import { type AeadKey, openBytes, PreparedKey, SEAL_OVERHEAD, sealInto } from '../bytes/aead.ts';
import { utf8 } from '../bytes/codec.ts';
import { wipe } from '../bytes/compare.ts';
import { PADDING_MARK, unpad } from '../bytes/padding.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { allocateBlobs } from './blob-part.ts';
import { decodeRecord, RecordEncoder } from './record.ts';
import type { Column } from './schema.ts';
import type { Batch, Value } from './value.ts';

/** Records are padded to a multiple of this many bytes: what the store sees of a row's length. */
const RECORD_STEP = 32;

/**
 * The records part of a segment: every row sealed with AES-256-GCM under the segment's record key,
 * the row's position as nonce (a key seals one segment, once) and the segment's id as associated
 * data. The rows of `holes` have an empty record.
 */
export function sealRecords(
  key: Uint8Array,
  segment: string,
  batch: Batch,
  holes?: Iterable<number>,
): Uint8Array {
  const plain = new PaddedRecords(batch, holes);
  const { part, body } = allocateBlobs(
    'RECS',
    plain.lengths.map((length) => (length === 0 ? 0 : length + SEAL_OVERHEAD)),
  );
  const aad = utf8(segment);
  using prepared = new PreparedKey(key);
  const nonce = new Uint8Array(12);
  const counter = new DataView(nonce.buffer);
  let [from, at] = [0, 0];
  for (let row = 0; row < batch.rows; row++) {
    const length = plain.lengths[row]!;
    if (length === 0) continue;
    counter.setUint32(0, row, true);
    sealInto(body, at, prepared, nonce, plain.bytes.subarray(from, from + length), aad);
    from += length;
    at += length + SEAL_OVERHEAD;
  }
  wipe(plain.bytes);
  return part;
}

/** All rows of a batch as padded records, end to end: sealing a row then allocates next to nothing. */
class PaddedRecords {
  bytes: Uint8Array;
  /** 0 for a hole. */
  readonly lengths: Uint32Array;

  constructor(batch: Batch, holes: Iterable<number> = []) {
    const encoder = new RecordEncoder(batch.columns);
    this.bytes = new Uint8Array(batch.rows * RECORD_STEP);
    this.lengths = new Uint32Array(batch.rows);
    const skipped = new Set(holes);
    let at = 0;
    for (let row = 0; row < batch.rows; row++) {
      if (skipped.has(row)) continue;
      const record = encoder.encode(row);
      const padded = Math.ceil((record.length + 1) / RECORD_STEP) * RECORD_STEP;
      this.reserve(at, padded);
      // Zeros follow already.
      this.bytes.set(record, at);
      this.bytes[at + record.length] = PADDING_MARK;
      this.lengths[row] = padded;
      at += padded;
    }
  }

  private reserve(at: number, bytes: number): void {
    if (at + bytes <= this.bytes.length) return;
    const next = new Uint8Array(Math.max(at + bytes, 2 * this.bytes.length));
    next.set(this.bytes);
    wipe(this.bytes);
    this.bytes = next;
  }
}

/** @throws BYTES_INVALID when the record was altered, or belongs to another row or segment. */
export function openRecord(
  key: AeadKey,
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
