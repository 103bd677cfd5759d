import type { Reader } from '../../bytes/codec.ts';
import { frame, FRAME_BYTES, unframe } from '../../bytes/framing.ts';
import { isSorted, LABEL_BYTES, regionOf, type Region } from '../sse/region.ts';

/**
 * The frequency-smoothed index of one column of one segment, as it lies at the store: Pancake of Grubbs, Khandelwal,
 * Lacharité, Brown, Li, Agarwal, Ristenpart, "Pancake: Frequency Smoothing for Encrypted Data Stores", USENIX
 * Security 2020, section 4.
 *
 * A keyword's list lies, sealed, at several labels: the more the oftener it is expected to be asked for. Lookups are
 * mixed with fake ones of what is asked for less, such that all labels are read equally often, if the expectation is
 * right. Values are of one size; a list that is longer takes several of them.
 *
 * ```
 * frame "SMTH" (16) | rows u32 | values u32 | bytes of a record u32
 * records, ascending by label: label (16) | sealed value
 * ```
 */
export const WHAT = 'smoothed index';

export const MAX_ROWS: number = 2 ** 18;
/** AES-GCM's tag. The nonce is the value's number and its replica's, which are not stored. */
export const TAG_BYTES = 16;
/** A longer list takes several values; a list of any rows of a segment takes 32 KB. */
export const MAX_PAYLOAD: number = 2 ** 16;
export const LEAST_PAYLOAD = 8;

const HEADER_BYTES: number = FRAME_BYTES + 12;

/** An index over the part's own bytes. */
export interface ParsedSmooth {
  readonly rows: number;
  /** Two for each value that is not a replica. */
  readonly values: Region;
}

export function recordBytes(payload: number): number {
  return LABEL_BYTES + payload + TAG_BYTES;
}

/** Bytes of a part. */
export function partBytes(values: number, payload: number): number {
  return HEADER_BYTES + values * recordBytes(payload);
}

/** A part with its header written and its records still zero. */
export function allocatePart(
  rows: number,
  values: number,
  payload: number,
): { part: Uint8Array; values: Region } {
  const stride = recordBytes(payload);
  const part = new Uint8Array(partBytes(values, payload));
  part.set(frame('SMTH').u32(rows).u32(values).u32(stride).finish());
  return { part, values: regionOf(part.subarray(HEADER_BYTES), stride) };
}

/**
 * Validate a part from outside. Linear in the number of records; the records are views.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parsePart(part: Uint8Array): ParsedSmooth {
  const reader: Reader = unframe(part, 'SMTH', WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const count = reader.u32();
  const stride = reader.u32();
  const payload = stride - LABEL_BYTES - TAG_BYTES;
  if (payload < LEAST_PAYLOAD || payload > MAX_PAYLOAD || payload % 8 !== 0) {
    reader.fail('a value of a size that none has');
  }
  if (count < 2 || count % 2 !== 0) reader.fail('values are two for each');
  const values = regionOf(reader.raw(count * stride), stride);
  reader.end();
  if (!isSorted(values)) reader.fail('labels are not in order');
  return { rows, values };
}
