import { wipe } from '../../../bytes/compare.ts';
import { deriveKey, keyedHmac } from '../../../bytes/hash.ts';
import { TAG_BYTES } from '../records.ts';

/** What one build of one column of one segment takes: each for one use, from the rung's key. */
export interface PirKeys {
  readonly keyword: Uint8Array;
  readonly bucket: Uint8Array;
  /** The seed of the public matrix. */
  readonly matrix: Uint8Array;
}

/** From the rung's 32-byte key. */
export function pirKeys(key: Uint8Array): PirKeys {
  return {
    keyword: deriveKey(key, 'opaline/pir/keyword'),
    bucket: deriveKey(key, 'opaline/pir/bucket'),
    matrix: deriveKey(key, 'opaline/pir/matrix'),
  };
}

export function wipeKeys({ keyword, bucket, matrix }: PirKeys): void {
  wipe(keyword, bucket, matrix);
}

/** Where one part of a keyword's list is, and how it is known there. */
export interface Place {
  readonly tag: Uint8Array;
  /** The two buckets that may hold it; they may be the same. */
  readonly candidates: readonly [number, number];
}

/** Tag and buckets of a keyword's parts; to be destroyed after use. */
export interface Placer {
  (keyword: Uint8Array, part: number): Place;
  readonly destroy: () => void;
}

/**
 * HMAC-SHA-256 of part (u16) and keyword, cut into tag and two 32-bit numbers that are scaled to the buckets.
 */
export function placer(keywordKey: Uint8Array, buckets: number): Placer {
  const mac = keyedHmac(keywordKey);
  const output = new Uint8Array(32);
  const view = new DataView(output.buffer);
  const bucketAt = (at: number): number =>
    Math.floor((view.getUint32(at, true) * buckets) / 2 ** 32);
  const place = (keyword: Uint8Array, part: number): Place => {
    const message = new Uint8Array(2 + keyword.length);
    message[0] = part & 0xff;
    message[1] = part >>> 8;
    message.set(keyword, 2);
    mac(message, output);
    const tag = output.slice(0, TAG_BYTES);
    return { tag, candidates: [bucketAt(TAG_BYTES), bucketAt(TAG_BYTES + 4)] };
  };
  return Object.assign(place, { destroy: mac.destroy });
}
