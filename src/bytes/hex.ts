import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { OpalineError } from '../errors/opaline-error.ts';

export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** @throws BYTES_INVALID naming `what` unless the text is an even number of hex digits. */
export function fromHex(hex: string, what: string): Uint8Array {
  try {
    return hexToBytes(hex);
  } catch {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'not hexadecimal' });
  }
}
