/**
 * SEAL's uncompressed ciphertext bytes, version 4.1: our own writer and a reader that checks
 * everything before SEAL may see a byte (native/src/seal/ciphertext.cpp, randomgen.cpp).
 *
 * offset 16 parms_id 32 | 48 is_ntt 1 | 49 size 8 | 57 n 8 | 65 k 8 | 73 scale 8 | 81 correction 8 |
 * 89 array header 16 | 105 count 8 | 113 coefficients, polynomial-major, then prime, then degree.
 * Seeded: only c0, then a nested header, the generator's type and a 64-byte seed.
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

const PREFIX_BYTES = 113;
const SEED_BYTES = 64;
const SEED_INFO_BYTES = 16 + 1 + SEED_BYTES;
/** prng_type::blake2xb, SEAL's default generator. */
const BLAKE2XB = 1;

/** What a ciphertext must be, to the byte, apart from its coefficients. */
export interface CiphertextShape {
  /** The level it belongs to. */
  readonly parmsId: Uint8Array;
  readonly n: number;
  /** The primes of that level. */
  readonly primes: readonly number[];
  /** BFV's ciphertexts are in coefficient form, which counts where none is given; BGV's are not. */
  readonly form?: 'coefficient' | 'evaluation';
  /** BGV: what modulus switching has multiplied the plaintext by, modulo t; 1 unless given. */
  readonly correction?: bigint;
  /** CKKS: what its values are multiplied by; 1 unless given. */
  readonly scale?: number;
}

/** The prefixes that were made of a shape: the same ones are compared and written again and again. */
const prefixes = new WeakMap<CiphertextShape, Map<string, Field[]>>();

function prefix(
  shape: CiphertextShape,
  count: number,
  tail: number,
  polynomials: number = 2,
): readonly Field[] {
  const made = prefixes.get(shape) ?? new Map<string, Field[]>();
  prefixes.set(shape, made);
  const key = `${count} ${tail} ${polynomials}`;
  const fields = made.get(key) ?? makePrefix(shape, count, tail, polynomials);
  made.set(key, fields);
  return fields;
}

function makePrefix(
  shape: CiphertextShape,
  count: number,
  tail: number,
  polynomials: number,
): Field[] {
  const { parmsId, n, primes, form = 'coefficient', correction = 1n, scale = 1 } = shape;
  return [
    { name: 'header', bytes: header(PREFIX_BYTES + 8 * count + tail) },
    { name: 'parms_id', bytes: parmsId },
    { name: 'NTT flag', bytes: Uint8Array.of(form === 'evaluation' ? 1 : 0) },
    { name: 'number of polynomials', bytes: word(polynomials) },
    { name: 'degree', bytes: word(n) },
    { name: 'number of primes', bytes: word(primes.length) },
    { name: 'scale', bytes: scaleBytes(scale) },
    { name: 'correction factor', bytes: word(correction) },
    ...arrayFields(count),
  ];
}

const SEED_FIELDS: readonly Field[] = [
  { name: 'seed header', bytes: header(SEED_INFO_BYTES) },
  { name: 'generator', bytes: Uint8Array.of(BLAKE2XB) },
];

/**
 * Bytes of the ciphertext (c0, c1), each `primes.length·n` residues, coefficient form.
 *
 * @throws BYTES_INVALID for a wrong length or a residue that is not below its prime
 */
export function writeCiphertext(
  shape: CiphertextShape,
  c0: Uint32Array,
  c1: Uint32Array,
): Uint8Array<ArrayBuffer> {
  const what = 'a ciphertext';
  const { n, primes } = shape;
  const words = primes.length * n;
  if (c0.length !== words || c1.length !== words) {
    throw invalidBytes(what, 'a polynomial of the wrong length');
  }
  const frame = newFrame(prefix(shape, 2 * words, 0), 2 * words, 0);
  writeResidues(what, frame, 0, c0, primes);
  writeResidues(what, frame, words, c1, primes);
  return frame.bytes;
}

/**
 * Bytes of a ciphertext of several polynomials, three unless said, of `primes.length·n` residues each.
 *
 * @throws BYTES_INVALID for a wrong length or a residue that is not below its prime
 */
export function writeProductCiphertext(
  shape: CiphertextShape,
  polynomials: Uint32Array,
  count: number = 3,
  what: string = 'an encrypted sum of products',
): Uint8Array<ArrayBuffer> {
  const { n, primes } = shape;
  const words = primes.length * n;
  const all = count * words;
  if (polynomials.length !== all) throw invalidBytes(what, 'polynomials of the wrong length');
  const frame = newFrame(prefix(shape, all, 0, count), all, 0);
  for (let at = 0; at < all; at += words) {
    writeResidues(what, frame, at, polynomials.subarray(at, at + words), primes);
  }
  return frame.bytes;
}

/** A seeded ciphertext of zeros, for `writeSeededCiphertext` to write as often as wanted. */
export function seededFrame(shape: CiphertextShape): Frame {
  const words = shape.primes.length * shape.n;
  return newFrame(prefix(shape, words, SEED_INFO_BYTES), words, SEED_INFO_BYTES);
}

/**
 * Bytes of a seeded ciphertext: c0 and the seed of c1. Throws as `writeCiphertext`.
 * @param frame of the shape, of which nothing is left but its prefix
 */
export function writeSeededCiphertext(
  shape: CiphertextShape,
  c0: Uint32Array,
  seed: Uint8Array,
  frame: Frame = seededFrame(shape),
): Uint8Array<ArrayBuffer> {
  const what = 'a seeded ciphertext';
  const words = shape.primes.length * shape.n;
  if (c0.length !== words) throw invalidBytes(what, 'a polynomial of the wrong length');
  if (seed.length !== SEED_BYTES) throw invalidBytes(what, `a seed has ${SEED_BYTES} bytes`);
  writeResidues(what, frame, 0, c0, shape.primes);
  let at = PREFIX_BYTES + 8 * words;
  for (const { bytes } of [...SEED_FIELDS, { name: 'seed', bytes: seed }]) {
    frame.bytes.set(bytes, at);
    at += bytes.length;
  }
  return frame.bytes;
}

/** The residues of both polynomials. @throws BYTES_INVALID for anything but the one valid encoding */
export function readCiphertext(
  bytes: Uint8Array,
  shape: CiphertextShape,
): { c0: Uint32Array; c1: Uint32Array } {
  return { c0: readPolynomial(bytes, shape, 0), c1: readPolynomial(bytes, shape, 1) };
}

/** The residues of the first polynomial, or of the second. Throws the same. */
export function readPolynomial(
  bytes: Uint8Array,
  shape: CiphertextShape,
  number: 0 | 1,
): Uint32Array {
  const what = 'a ciphertext';
  const { n, primes } = shape;
  const each = primes.length * n;
  const words = readFrame(what, bytes, prefix(shape, 2 * each, 0), 2 * each, 0);
  return readResidues(what, words, number * each, n, primes);
}

/** c0 and the seed. @throws BYTES_INVALID for anything but the one valid encoding */
export function readSeededCiphertext(
  bytes: Uint8Array,
  shape: CiphertextShape,
): { c0: Uint32Array; seed: Uint8Array } {
  const what = 'a seeded ciphertext';
  const { n, primes } = shape;
  const count = primes.length * n;
  const fields = prefix(shape, count, SEED_INFO_BYTES);
  const words = readFrame(what, bytes, fields, count, SEED_INFO_BYTES);
  const info = bytes.subarray(PREFIX_BYTES + 8 * count);
  // The tail is itself a frame without words, whose own tail is the seed.
  readFrame(what, info, SEED_FIELDS, 0, SEED_BYTES);
  return { c0: readResidues(what, words, 0, n, primes), seed: info.slice(-SEED_BYTES) };
}
