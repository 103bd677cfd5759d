import { blake2b } from '@noble/hashes/blake2.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { nodeCrypto } from './native.ts';

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return nobleSha256(data);
  return own(nodeCrypto.createHash('sha256').update(data).digest());
}

/** Bytes from which WebCrypto, which answers from another thread, is faster than @noble. */
const ASIDE_FROM_BYTES = 1 << 14;

/**
 * SHA-256 of what may be megabytes, as it is when this is called: without node:crypto by WebCrypto, which takes a
 * tenth of the time.
 */
export async function sha256OfLarge(data: Uint8Array): Promise<Uint8Array> {
  // Untyped as missing, but there is none on a page without a secure context.
  const web = globalThis.crypto.subtle as SubtleCrypto | undefined;
  if (nodeCrypto !== undefined || web === undefined || data.length < ASIDE_FROM_BYTES) {
    return sha256(data);
  }
  // WebCrypto takes no memory that threads share.
  const own = data.buffer instanceof ArrayBuffer ? data : data.slice();
  return new Uint8Array(await web.digest('SHA-256', own as Uint8Array<ArrayBuffer>));
}

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return hmac(nobleSha256, key, data);
  return own(nodeCrypto.createHmac('sha256', key).update(data).digest());
}

/** HMAC-SHA-256 under one key. */
export interface KeyedHmac {
  /** The 32-byte tag of a message: in `into` if it is given, else in an array of its own. */
  (message: Uint8Array, into?: Uint8Array): Uint8Array;
  /** Wipe what was made of the key; it gives no tag after that. */
  readonly destroy: () => void;
}

/**
 * HMAC-SHA-256 (RFC 2104) of many messages under one key. The key's blocks are hashed once and that
 * state is copied for each message, as section 4 of the RFC advises, which node:crypto cannot do: a
 * short message takes half the time of a call there, so it is @noble's everywhere.
 */
export function keyedHmac(key: Uint8Array): KeyedHmac {
  const keyed = hmac.create(nobleSha256, key);
  const copy = keyed.clone();
  const tag = (message: Uint8Array, into: Uint8Array = new Uint8Array(32)): Uint8Array => {
    keyed._cloneInto(copy).update(message).digestInto(into);
    return into;
  };
  return Object.assign(tag, { destroy: () => keyed.destroy() });
}

/** HKDF-SHA-256 (RFC 5869); at most 8,160 bytes. An empty salt is as good as none. */
export function hkdfSha256(
  key: Uint8Array,
  salt: Uint8Array | undefined,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return hkdf(nobleSha256, key, salt, info, length);
}

/** HKDF-SHA-256 with an empty salt; `label` separates uses. */
export function deriveKey(key: Uint8Array, label: string, length = 32): Uint8Array {
  return hkdfSha256(key, undefined, new TextEncoder().encode(label), length);
}

/** BLAKE2b (RFC 7693) with 32 bytes of output: SEAL's parms_id. */
export function blake2b256(data: Uint8Array): Uint8Array {
  return blake2b(data, { dkLen: 32 });
}

/** A Buffer is a view of a shared pool; what leaves this module is a plain array of its own. */
function own(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer);
}
