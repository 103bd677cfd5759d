import { openBytes, sealWithNonce } from '../../../bytes/aead.ts';

/**
 * A bucket as the store holds it: AES-256-GCM under the table's key with the bucket's number for a nonce, which is
 * not stored. The key belongs to one build of one table, which seals each of its buckets once, so no nonce repeats;
 * and a bucket opens in its own place alone.
 */
const NONCE_BYTES = 12;
const NOTHING = new Uint8Array(0);

export function sealBucket(key: Uint8Array, bucket: number, plain: Uint8Array): Uint8Array {
  return sealWithNonce(key, nonceOf(bucket), plain, NOTHING).subarray(NONCE_BYTES);
}

/** @throws BYTES_INVALID unless `sealed` is that bucket of that table, unaltered. */
export function openBucket(key: Uint8Array, bucket: number, sealed: Uint8Array): Uint8Array {
  const whole = new Uint8Array(NONCE_BYTES + sealed.length);
  whole.set(nonceOf(bucket));
  whole.set(sealed, NONCE_BYTES);
  return openBytes(key, whole, NOTHING, 'pir bucket');
}

function nonceOf(bucket: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(0, bucket, true);
  return nonce;
}
