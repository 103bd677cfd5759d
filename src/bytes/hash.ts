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

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return hmac(nobleSha256, key, data);
  return own(nodeCrypto.createHmac('sha256', key).update(data).digest());
}

/** HMAC-SHA-256 under one key. `destroy` wipes what was derived from it; no tag can be had after. */
export interface KeyedHmac {
  (message: Uint8Array): Uint8Array;
  readonly destroy: () => void;
}

/**
 * HMAC-SHA-256 (RFC 2104) of many messages under one key, 32 bytes each. The key's two blocks are
 * hashed once and that state copied for each message (RFC 2104, section 4), which for short messages
 * takes less time than a call into node:crypto, so it is @noble everywhere.
 */
export function keyedHmac(key: Uint8Array): KeyedHmac {
  const keyed = hmac.create(nobleSha256, key);
  const copy = keyed.clone();
  const tag = (message: Uint8Array): Uint8Array => keyed._cloneInto(copy).update(message).digest();
  return Object.assign(tag, { destroy: () => keyed.destroy() });
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt; `label` separates uses. */
export function deriveKey(key: Uint8Array, label: string, length = 32): Uint8Array {
  return hkdf(nobleSha256, key, undefined, new TextEncoder().encode(label), length);
}

/** BLAKE2b (RFC 7693) with 32 bytes of output: SEAL's parms_id. */
export function blake2b256(data: Uint8Array): Uint8Array {
  return blake2b(data, { dkLen: 32 });
}

/** A Buffer is a view of a shared pool; what leaves this module is a plain array of its own. */
function own(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer);
}
