/**
 * The parts that all of SEAL's serialised objects share (native/src/seal/serialization.h, 4.1):
 * a 16-byte header in front of every object, nested ones too, and 64-bit little-endian words.
 *
 * Only one encoding of an object is accepted, the one that SEAL 4.1 itself writes uncompressed:
 * since the caller knows the shape it expects, the whole prefix in front of the coefficients is
 * known, and reading is comparing.
 */
import { OpalineError } from '../../errors/index.ts';

/** A field of a fixed prefix, for the message when it differs. */
export interface Field {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** An object under construction: its bytes, and its coefficient words as pairs of u32. */
export interface Frame {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Low and high halves of each 64-bit coefficient. */
  readonly halves: Uint32Array<ArrayBuffer>;
}

export function invalidBytes(what: string, reason: string): OpalineError<'BYTES_INVALID'> {
  return new OpalineError('BYTES_INVALID', { what, reason });
}

/** SEALHeader for an object of `size` bytes, itself included: magic, header size, 4.1, no compression. */
export function header(size: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set([0x5e, 0xa1, 0x10, 4, 1, 0, 0, 0]);
  new DataView(bytes.buffer).setBigUint64(8, BigInt(size), true);
  return bytes;
}

export function word(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** A scale as SEAL writes it: a double, 1.0 but for CKKS. */
export function scaleBytes(scale: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, scale, true);
  return bytes;
}

/** The header and count of a DynArray of `count` words. */
export function arrayFields(count: number): Field[] {
  return [
    { name: 'array header', bytes: header(24 + 8 * count) },
    { name: 'array count', bytes: word(count) },
  ];
}

/** A frame of prefix, `count` zero words and `tail` bytes; the words are aligned for the u32 view. */
export function newFrame(prefix: readonly Field[], count: number, tail: number): Frame {
  const length = prefix.reduce((sum, field) => sum + field.bytes.length, 0);
  const pad = (8 - (length % 8)) % 8;
  const buffer = new ArrayBuffer(pad + length + 8 * count + tail);
  const bytes = new Uint8Array(buffer, pad);
  let at = 0;
  for (const field of prefix) {
    bytes.set(field.bytes, at);
    at += field.bytes.length;
  }
  return { bytes, halves: new Uint32Array(buffer, pad + length, 2 * count) };
}

/**
 * Compare length and prefix with what is expected and return the words, of 8 bytes each: a view of the bytes, which
 * are not copied, since a ciphertext has hundreds of kilobytes of them.
 *
 * @throws BYTES_INVALID naming the first field that differs
 */
export function readFrame(
  what: string,
  bytes: Uint8Array,
  prefix: readonly Field[],
  count: number,
  tail: number,
): DataView {
  const length = prefix.reduce((sum, field) => sum + field.bytes.length, 0);
  const total = length + 8 * count + tail;
  if (bytes.length !== total) {
    throw invalidBytes(what, `${bytes.length} bytes where ${total} are expected`);
  }
  let at = 0;
  for (const field of prefix) {
    for (const [i, expected] of field.bytes.entries()) {
      if (bytes[at + i] !== expected) throw invalidBytes(what, `unexpected ${field.name}`);
    }
    at += field.bytes.length;
  }
  return new DataView(bytes.buffer, bytes.byteOffset + length, 8 * count);
}

/** Write residues as 64-bit words, from word `at` on, refusing any that is not below its prime. */
export function writeResidues(
  what: string,
  frame: Frame,
  at: number,
  residues: Uint32Array,
  primes: readonly number[],
): void {
  const each = residues.length / primes.length;
  for (const [limb, prime] of primes.entries()) {
    let worst = 0;
    for (let i = limb * each; i < (limb + 1) * each; i += 1) {
      const value = residues[i] ?? 0;
      worst = Math.max(worst, value);
      frame.halves[2 * (at + i)] = value;
    }
    if (worst >= prime) throw invalidBytes(what, 'a coefficient is not below its prime');
  }
}

/** The residues of `primes.length·n` words from word `at` on. Refuses any that is not below its prime. */
export function readResidues(
  what: string,
  words: DataView,
  at: number,
  n: number,
  primes: readonly number[],
): Uint32Array {
  const residues = new Uint32Array(primes.length * n);
  for (const [limb, prime] of primes.entries()) {
    let worst = 0;
    let high = 0;
    for (let i = limb * n; i < (limb + 1) * n; i += 1) {
      const value = words.getUint32(8 * (at + i), true);
      high |= words.getUint32(8 * (at + i) + 4, true);
      if (value > worst) worst = value;
      residues[i] = value;
    }
    if (high !== 0 || worst >= prime) {
      throw invalidBytes(what, 'a coefficient is not below its prime');
    }
  }
  return residues;
}
