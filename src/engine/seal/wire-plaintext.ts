/**
 * SEAL's uncompressed plaintext and secret-key bytes, version 4.1; they share one layout
 * (native/src/seal/plaintext.cpp, secretkey.h):
 *
 * offset 16 parms_id 32 | 48 coeff_count 8 | 56 scale 8 | 64 array header 16 | 80 count 8 | 88 words.
 */
import {
  arrayFields,
  header,
  invalidBytes,
  newFrame,
  readFrame,
  readResidues,
  scaleBytes,
  word,
  writeResidues,
  type Field,
  type Frame,
} from './wire-frame.ts';

const PREFIX_BYTES = 88;

function prefix(parmsId: Uint8Array, count: number): Field[] {
  return [
    { name: 'header', bytes: header(PREFIX_BYTES + 8 * count) },
    { name: 'parms_id', bytes: parmsId },
    { name: 'coefficient count', bytes: word(count) },
    { name: 'scale', bytes: scaleBytes(1) },
    ...arrayFields(count),
  ];
}

/** Bytes of a plaintext of `count` zero coefficients; the caller writes the halves (below t). */
export function newPlaintext(count: number): Frame {
  return newFrame(prefix(new Uint8Array(32), count), count, 0);
}

/**
 * The coefficients, low and high half each; SEAL drops leading zeros, so there are 1 to n of them.
 *
 * @throws BYTES_INVALID for anything but a plaintext in coefficient form below t
 */
export function readPlaintext(bytes: Uint8Array, n: number, t: bigint): Uint32Array {
  const what = 'a plaintext';
  const count = (bytes.length - PREFIX_BYTES) / 8;
  if (!Number.isInteger(count) || count < 1 || count > n) {
    throw invalidBytes(what, `${bytes.length} bytes are not 1 to ${n} coefficients`);
  }
  const words = readFrame(what, bytes, prefix(new Uint8Array(32), count), count, 0);
  const [highest, lowLimit] = [Number(t >> 32n), Number(t & 0xffff_ffffn)];
  const halves = new Uint32Array(2 * count);
  for (let i = 0; i < halves.length; i += 2) {
    const [low, high] = [words.getUint32(4 * i, true), words.getUint32(4 * i + 4, true)];
    if (high > highest || (high === highest && low >= lowLimit)) {
      halves.fill(0);
      throw invalidBytes(what, 'a coefficient is not below the plaintext modulus');
    }
    halves[i] = low;
    halves[i + 1] = high;
  }
  return halves;
}

/** Bytes of a secret key: `primes.length·n` residues in NTT form, all primes of the key level. */
export function writeSecretKey(
  parmsId: Uint8Array,
  residues: Uint32Array,
  primes: readonly number[],
): Uint8Array<ArrayBuffer> {
  const frame = newFrame(prefix(parmsId, residues.length), residues.length, 0);
  writeResidues('a secret key', frame, 0, residues, primes);
  return frame.bytes;
}

/** The residues of a secret key. @throws BYTES_INVALID for anything but the one valid encoding */
export function readSecretKey(
  bytes: Uint8Array,
  parmsId: Uint8Array,
  n: number,
  primes: readonly number[],
): Uint32Array {
  const what = 'a secret key';
  const count = primes.length * n;
  const words = readFrame(what, bytes, prefix(parmsId, count), count, 0);
  return readResidues(what, words, 0, n, primes);
}
