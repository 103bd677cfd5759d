import { chacha20 } from '@noble/ciphers/chacha.js';
import { wipe } from '../bytes/compare.ts';
import { deriveKey } from '../bytes/hash.ts';
import { packDigits } from '../engine/seal/secret-key.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** Far more than 2^13 draws take: one byte in 256 is drawn again. */
const KEYSTREAM_BYTES = 1 << 14;

/**
 * The ring secret of degree n, for products, under a key of its own that follows from the vault's master
 * key. A vault made before there were products has one, and neither its file nor a backup grows.
 */
export function deriveProductSecret(master: Uint8Array, n: number): Uint8Array {
  return drawSecret(master, `opaline/1/ring/${n}`, n);
}

/** A packed secret of uniform ternary coefficients, drawn from the ChaCha20 keystream (RFC 8439) of a use's key. */
export function drawSecret(master: Uint8Array, use: string, n: number): Uint8Array {
  const key = deriveKey(master, use);
  const stream = chacha20(key, new Uint8Array(12), new Uint8Array(KEYSTREAM_BYTES));
  const digits = new Uint8Array(n);
  let drawn = 0;
  for (const byte of stream) {
    // 255 is the largest multiple of 3 in a byte: what is below it is uniform modulo 3.
    if (byte < 255 && drawn < n) digits[drawn++] = byte % 3;
  }
  const packed = packDigits(digits);
  wipe(key, stream, digits);
  if (drawn < n) throw new OpalineError('INTERNAL', { reason: 'the keystream is too short' });
  return packed;
}
