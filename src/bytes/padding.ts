import { OpalineError } from '../errors/opaline-error.ts';

/**
 * Padmé (Nikitin et al., PETS 2019, §4): the padded length reveals O(log log L) bits of L and adds
 * at most 12 %.
 */
export function padmeLength(length: number): number {
  if (length < 2) return 2;
  const e = Math.floor(Math.log2(length));
  const s = Math.floor(Math.log2(e)) + 1;
  const step = 2 ** Math.max(0, e - s);
  return Math.ceil(length / step) * step;
}

/** Ends the content, before zeros (ISO/IEC 7816-4). */
export const PADDING_MARK = 0x80;

/** content ‖ 0x80 ‖ zeros, to `padded` bytes or more if the content needs it (ISO/IEC 7816-4). */
export function pad(content: Uint8Array, padded: number): Uint8Array {
  const out = new Uint8Array(Math.max(padded, content.length + 1));
  out.set(content);
  out[content.length] = PADDING_MARK;
  return out;
}

/** @throws BYTES_INVALID naming `what`. */
export function unpad(padded: Uint8Array, what: string): Uint8Array {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== PADDING_MARK) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'the padding is not valid' });
  }
  return padded.subarray(0, end);
}
