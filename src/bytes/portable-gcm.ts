import { GHASH } from '@noble/ciphers/_polyval.js';
import { unsafe } from '@noble/ciphers/aes.js';
import { equalBytes } from './compare.ts';

const BLOCK = 16;
const TAG = 16;
/** A length for which @noble makes a table of 4 bits: larger ones cost more to make than a few records save. */
const TABLE_FOR_BYTES = 1 << 14;

/** GHASH (NIST SP 800-38D, section 6.4) that begins anew with the table that it has. */
class Ghash extends GHASH {
  /** @throws once it was destroyed */
  begin(): void {
    if (this.destroyed) throw new Error('the key was destroyed');
    this.s0 = 0;
    this.s1 = 0;
    this.s2 = 0;
    this.s3 = 0;
    this.finished = false;
  }

  /** As `update`, without the copy that it makes of what it is given: bytes, and zeros up to a whole block. */
  absorb(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += BLOCK) {
      this._updateBlock(
        wordOf(bytes, at),
        wordOf(bytes, at + 4),
        wordOf(bytes, at + 8),
        wordOf(bytes, at + 12),
      );
    }
  }
}

/** A word from its bytes, the least first; those past the end count as 0. */
const wordOf = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + 1] ?? 0) << 8) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 24);

/**
 * AES-256-GCM (NIST SP 800-38D, section 7, 96-bit nonces) of many messages under one key, where there is no
 * node:crypto. AES and GHASH are @noble's; its own cipher of this mode makes the key schedule and the table of the
 * hash key for each message, which takes ten times as long as sealing a record of 32 bytes.
 */
export class PortableGcm {
  private readonly schedule: Uint32Array;
  private readonly hash: Ghash;
  private readonly counter = new Uint8Array(BLOCK);
  private readonly tail = new DataView(this.counter.buffer, BLOCK - 4);
  private readonly mask = new Uint8Array(BLOCK);
  private readonly lengths = new DataView(new ArrayBuffer(BLOCK));
  private readonly lengthBytes = new Uint8Array(this.lengths.buffer);
  private readonly made = new Uint8Array(TAG);

  constructor(key: Uint8Array) {
    this.schedule = unsafe.expandKeyLE(key);
    const hashKey = unsafe.encryptBlock(this.schedule, new Uint8Array(BLOCK));
    this.hash = new Ghash(hashKey, TABLE_FOR_BYTES);
    hashKey.fill(0);
  }

  /** Ciphertext ‖ tag into `out` from `at` on: TAG bytes more than the plaintext has. */
  seal(
    out: Uint8Array,
    at: number,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    aad: Uint8Array,
  ): void {
    const ciphertext = out.subarray(at, at + plaintext.length);
    this.hash.begin();
    this.crypt(nonce, plaintext, ciphertext);
    out.set(this.tagOf(nonce, ciphertext, aad), at + plaintext.length);
  }

  /** The plaintext of ciphertext ‖ tag; undefined where the tag is another. */
  open(nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
    const ciphertext = sealed.subarray(0, sealed.length - TAG);
    const tag = sealed.subarray(ciphertext.length);
    if (!equalBytes(this.tagOf(nonce, ciphertext, aad), tag)) return undefined;
    const out = new Uint8Array(ciphertext.length);
    this.crypt(nonce, ciphertext, out);
    return out;
  }

  /** Wipe what was made of the key; it seals and opens nothing after that. */
  destroy(): void {
    this.schedule.fill(0);
    this.hash.destroy();
    for (const bytes of [this.counter, this.mask, this.made]) bytes.fill(0);
  }

  /** Counter mode from the block after that of the tag. */
  private crypt(nonce: Uint8Array, from: Uint8Array, to: Uint8Array): void {
    this.setCounter(nonce, 2);
    if (from.byteOffset % 4 === 0 && to.byteOffset % 4 === 0) {
      unsafe.ctr32(this.schedule, false, this.counter, from, to);
      return;
    }
    // @noble reads and writes words.
    const [input, output] = [from.slice(), new Uint8Array(to.length)];
    to.set(unsafe.ctr32(this.schedule, false, this.counter, input, output));
    input.fill(0);
    output.fill(0);
  }

  private tagOf(nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array {
    const { hash, lengths, made, mask } = this;
    setBits(lengths, 0, aad.length);
    setBits(lengths, 8, ciphertext.length);
    hash.begin();
    hash.absorb(aad);
    hash.absorb(ciphertext);
    hash.absorb(this.lengthBytes);
    hash.digestInto(made);
    this.setCounter(nonce, 1);
    mask.set(this.counter);
    unsafe.encryptBlock(this.schedule, mask);
    for (let i = 0; i < TAG; i++) made[i]! ^= mask[i]!;
    return made;
  }

  private setCounter(nonce: Uint8Array, block: number): void {
    this.counter.set(nonce);
    this.tail.setUint32(0, block);
  }
}

/** A length in bytes as 64 bits that count bits. */
function setBits(view: DataView, at: number, bytes: number): void {
  view.setUint32(at, Math.floor(bytes / 2 ** 29));
  view.setUint32(at + 4, (bytes * 8) % 2 ** 32);
}
