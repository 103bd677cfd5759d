import type { Reader } from '../../../bytes/codec.ts';
import { equalBytes } from '../../../bytes/compare.ts';
import { type CiphertextBytes, readCiphertextBytes } from './ciphertext-bytes.ts';
import { readHeader } from './header.ts';
import { MAX_DEGREE, MAX_LIMBS } from './limits.ts';

/** What the bytes of relinearisation keys say, or of Galois keys: SEAL writes both alike. */
export interface KeySwitchingBytes {
  readonly layout: 'key-switching';
  readonly parmsId: Uint8Array;
  /** Galois keys have n slots, most of them empty; relinearisation keys one for each power of s. */
  readonly slots: number;
  readonly emptySlots: number;
  readonly n: number;
  /** Primes of the key level. A key is a public key for each of them but the last. */
  readonly limbs: number;
  /** Every public key of every slot. */
  readonly keys: readonly CiphertextBytes[];
}

/**
 * Reads key-switching keys and leaves the reader after them (native/src/seal/kswitchkeys.cpp).
 * Throws BYTES_INVALID through the reader.
 */
export function readKeySwitchingBytes(reader: Reader): KeySwitchingBytes {
  const start = reader.offset;
  const { size, compression } = readHeader(reader);
  if (compression !== 'none') reader.fail('keys are compressed');
  const parmsId = reader.raw(32);
  const slots = reader.u64();
  // A slot takes 8 bytes even when it is empty.
  if (slots < 1 || slots > MAX_DEGREE || 8 * slots > reader.remaining) {
    reader.fail('the number of slots is out of range');
  }
  const keys: CiphertextBytes[] = [];
  let emptySlots = 0;
  for (let slot = 0; slot < slots; slot++) {
    const count = reader.u64();
    if (count === 0) emptySlots += 1;
    else if (count >= MAX_LIMBS) reader.fail('a slot has too many public keys');
    for (let i = 0; i < count; i++) {
      const key = readCiphertextBytes(reader);
      const first = keys[0] ?? key;
      if (key.limbs !== count + 1) {
        reader.fail(`${count} public keys in a slot where ${key.limbs - 1} are one key`);
      }
      if (key.n !== first.n || key.limbs !== first.limbs) reader.fail('keys of unequal shapes');
      if (!equalBytes(key.parmsId, parmsId)) reader.fail('a key of another level');
      keys.push(key);
    }
  }
  const [first] = keys;
  if (first === undefined) return reader.fail('no slot holds a key');
  if (reader.offset - start !== size) {
    reader.fail(`keys of ${reader.offset - start} bytes claim ${size}`);
  }
  const { n, limbs } = first;
  return { layout: 'key-switching', parmsId, slots, emptySlots, n, limbs, keys };
}
