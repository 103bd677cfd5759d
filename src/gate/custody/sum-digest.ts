import { Writer, utf8, wordBytes } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import type { LweSample } from '../../engine/engine.ts';

/**
 * SHA-256 of an encrypted sum: its level, then all its residues. What a custodian remembers by this it answers once,
 * whatever plan, and whatever encoding of a plan, leads to it.
 */
export function sumDigest({ limbs, a, b }: LweSample): Uint8Array {
  return sha256(
    new Writer(64 + a.byteLength + b.byteLength)
      .raw(utf8('opaline/1/custody/sum'))
      .u8(limbs)
      .raw(wordBytes(b))
      .raw(wordBytes(a))
      .finish(),
  );
}

/** Whether a sum is over no row: no part of a decryption of it depends on a key. */
export function isOverNothing({ a }: LweSample): boolean {
  return a.every((word) => word === 0);
}
