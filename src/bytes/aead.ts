import { gcm } from '@noble/ciphers/aes.js';
import { OpalineError } from '../errors/opaline-error.ts';
import { nodeCrypto } from './native.ts';
import { randomBytes } from './random.ts';

const NONCE = 12;
const TAG = 16;

/** Bytes that `sealBytes` adds to a plaintext. */
export const SEAL_OVERHEAD: number = NONCE + TAG;

/**
 * AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce: nonce ‖ ciphertext ‖ tag.
 * A key must seal fewer than 2^32 messages; `aad` binds the place the bytes belong to.
 */
export function sealBytes(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array {
  return sealWithNonce(key, randomBytes(NONCE), plaintext, aad);
}

/** As `sealBytes` under a nonce of the caller's, which must never repeat under one key. */
export function sealWithNonce(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(plaintext.length + SEAL_OVERHEAD);
  sealInto(out, 0, key, nonce, plaintext, aad);
  return out;
}

/** As `sealWithNonce`, into `out` from `at` on: SEAL_OVERHEAD bytes more than the plaintext has. */
export function sealInto(
  out: Uint8Array,
  at: number,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): void {
  out.set(nonce, at);
  if (nodeCrypto === undefined) {
    out.set(gcm(key, nonce, aad).encrypt(plaintext), at + NONCE);
    return;
  }
  const cipher = nodeCrypto.createCipheriv('aes-256-gcm', key, nonce);
  if (aad.length > 0) cipher.setAAD(aad);
  out.set(cipher.update(plaintext), at + NONCE);
  cipher.final();
  out.set(cipher.getAuthTag(), at + NONCE + plaintext.length);
}

/**
 * Open what `sealBytes` made.
 * @throws BYTES_INVALID naming `what` when the bytes were altered, truncated or sealed elsewhere.
 */
export function openBytes(
  key: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
  what: string,
): Uint8Array {
  if (sealed.length < SEAL_OVERHEAD) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'too short to be sealed' });
  }
  const nonce = sealed.subarray(0, NONCE);
  try {
    if (nodeCrypto === undefined) return gcm(key, nonce, aad).decrypt(sealed.subarray(NONCE));
    const decipher = nodeCrypto.createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
    if (aad.length > 0) decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
    const out = new Uint8Array(decipher.update(sealed.subarray(NONCE, sealed.length - TAG)));
    decipher.final();
    return out;
  } catch {
    // The cause is dropped on purpose: which step failed is nobody's business.
    throw new OpalineError('BYTES_INVALID', { what, reason: 'authentication failed' });
  }
}

/** Bytes that `sealNonceless` adds to a plaintext. */
export const TAG_OVERHEAD: number = TAG;

/**
 * As `sealInto` with no additional data, and without the nonce, which whoever opens it knows: where it lies, say.
 * Ciphertext ‖ tag, TAG_OVERHEAD bytes more than the plaintext has. The nonce must never repeat under one key.
 */
export function sealNonceless(
  out: Uint8Array,
  at: number,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
): void {
  if (nodeCrypto === undefined) {
    out.set(gcm(key, nonce).encrypt(plaintext), at);
    return;
  }
  const cipher = nodeCrypto.createCipheriv('aes-256-gcm', key, nonce);
  out.set(cipher.update(plaintext), at);
  cipher.final();
  out.set(cipher.getAuthTag(), at + plaintext.length);
}

/**
 * Open what `sealNonceless` made.
 * @throws BYTES_INVALID naming `what` when the bytes were altered, truncated or sealed under another nonce.
 */
export function openNonceless(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  what: string,
): Uint8Array {
  if (sealed.length < TAG) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'too short to be sealed' });
  }
  try {
    if (nodeCrypto === undefined) return gcm(key, nonce).decrypt(sealed);
    const end = sealed.length - TAG;
    const decipher = nodeCrypto.createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
    decipher.setAuthTag(sealed.subarray(end));
    const out = new Uint8Array(decipher.update(sealed.subarray(0, end)));
    decipher.final();
    return out;
  } catch {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'authentication failed' });
  }
}
