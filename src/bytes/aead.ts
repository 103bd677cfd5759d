import { gcm } from '@noble/ciphers/aes.js';
import { OpalineError } from '../errors/opaline-error.ts';
import { nodeCrypto } from './native.ts';
import { PortableGcm } from './portable-gcm.ts';
import { randomBytes } from './random.ts';

const NONCE = 12;
const TAG = 16;
const NO_AAD = new Uint8Array(0);

/** Bytes that `sealBytes` adds to a plaintext. */
export const SEAL_OVERHEAD: number = NONCE + TAG;

/**
 * A key of 32 bytes for many messages. Where there is no node:crypto, what is made of the key is made once and wiped
 * when this is disposed of; the bytes stay the caller's.
 */
export class PreparedKey implements Disposable {
  readonly bytes: Uint8Array;
  readonly portable: PortableGcm | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.portable = nodeCrypto === undefined ? new PortableGcm(bytes) : undefined;
  }

  [Symbol.dispose](): void {
    this.portable?.destroy();
  }
}

export type AeadKey = Uint8Array | PreparedKey;

/**
 * AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce: nonce ‖ ciphertext ‖ tag.
 * A key must seal fewer than 2^32 messages; `aad` binds the place the bytes belong to.
 */
export function sealBytes(key: AeadKey, plaintext: Uint8Array, aad: Uint8Array): Uint8Array {
  return sealWithNonce(key, randomBytes(NONCE), plaintext, aad);
}

/** As `sealBytes` under a nonce of the caller's, which must never repeat under one key. */
export function sealWithNonce(
  key: AeadKey,
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
  key: AeadKey,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): void {
  out.set(nonce, at);
  encryptInto(out, at + NONCE, key, nonce, plaintext, aad);
}

/**
 * Open what `sealBytes` made.
 * @throws BYTES_INVALID naming `what` when the bytes were altered, truncated or sealed elsewhere.
 */
export function openBytes(
  key: AeadKey,
  sealed: Uint8Array,
  aad: Uint8Array,
  what: string,
): Uint8Array {
  if (sealed.length < SEAL_OVERHEAD) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'too short to be sealed' });
  }
  return decrypt(key, sealed.subarray(0, NONCE), sealed.subarray(NONCE), aad, what);
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
  key: AeadKey,
  nonce: Uint8Array,
  plaintext: Uint8Array,
): void {
  encryptInto(out, at, key, nonce, plaintext, NO_AAD);
}

/**
 * Open what `sealNonceless` made.
 * @throws BYTES_INVALID naming `what` when the bytes were altered, truncated or sealed under another nonce.
 */
export function openNonceless(
  key: AeadKey,
  nonce: Uint8Array,
  sealed: Uint8Array,
  what: string,
): Uint8Array {
  if (sealed.length < TAG) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'too short to be sealed' });
  }
  return decrypt(key, nonce, sealed, NO_AAD, what);
}

/** Ciphertext ‖ tag. */
function encryptInto(
  out: Uint8Array,
  at: number,
  key: AeadKey,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): void {
  if (nodeCrypto === undefined) {
    if (key instanceof PreparedKey) key.portable!.seal(out, at, nonce, plaintext, aad);
    else out.set(gcm(key, nonce, aad).encrypt(plaintext), at);
    return;
  }
  const cipher = nodeCrypto.createCipheriv('aes-256-gcm', bytesOf(key), nonce);
  if (aad.length > 0) cipher.setAAD(aad);
  out.set(cipher.update(plaintext), at);
  cipher.final();
  out.set(cipher.getAuthTag(), at + plaintext.length);
}

function decrypt(
  key: AeadKey,
  nonce: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
  what: string,
): Uint8Array {
  try {
    if (nodeCrypto === undefined) {
      if (!(key instanceof PreparedKey)) return gcm(key, nonce, aad).decrypt(sealed);
      return key.portable!.open(nonce, sealed, aad) ?? refuse();
    }
    const end = sealed.length - TAG;
    const decipher = nodeCrypto.createDecipheriv('aes-256-gcm', bytesOf(key), nonce, {
      authTagLength: TAG,
    });
    if (aad.length > 0) decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(end));
    const out = new Uint8Array(decipher.update(sealed.subarray(0, end)));
    decipher.final();
    return out;
  } catch {
    // The cause is dropped on purpose: which step failed is nobody's business.
    throw new OpalineError('BYTES_INVALID', { what, reason: 'authentication failed' });
  }
}

const bytesOf = (key: AeadKey): Uint8Array => (key instanceof PreparedKey ? key.bytes : key);

function refuse(): never {
  throw new Error('the tag is another');
}
