import { OpalineError } from '../errors/opaline-error.ts';
import { type FrameType, FRAME_BYTES, frame, unframe } from '../bytes/framing.ts';
import { type Reader, type Writer, wordBytes, wordsOf } from '../bytes/codec.ts';

/**
 * A ciphertext column of one segment, in chunks of n rows.
 *
 * Wire form (COLW), what the vault uploads: per chunk SEAL's 64-byte seed, then c0's limbs, each
 * residue in `ceil(log2 q_j)` bits, little-endian bit order: 10.14 bytes a row at n = 4096 and
 * three 27-bit primes, 23.64 at n = 8192 and seven.
 *
 * Resident form (COLR), what the store keeps: per chunk c0 in coefficient form and c1 in evaluation
 * form as u32 words, [poly][limb][coefficient], then all seeds (so the wire form, and with it the
 * signed digest, can be recomputed): 24 bytes a row.
 *
 * The degree and the primes say which preset a column is of. What the preset "product" multiplies has
 * both polynomials in evaluation form, uploaded and resident: 56 bytes a row at n = 8192. A column of
 * "real" is no different to the store, and of n/2 rows a chunk: 47.3 bytes a row uploaded, 112 kept.
 *
 * A column of "threshold" was encrypted under a public key: neither polynomial follows from a seed. Its wire form
 * (COLP) has both packed, c0 in coefficient and c1 in evaluation form: 47.3 bytes a row. Its resident form is that
 * of others, 112 bytes a row at two polynomials of seven words, with zeros where seeds would be.
 */
export interface ColumnShape {
  readonly n: number;
  readonly primes: readonly number[];
  readonly chunks: number;
}

export const SEED_BYTES = 64;
const HEADER_BYTES = 64;
/** 2^18 rows a segment at n = 4096 is 64 chunks; smaller rings in tests have more. */
const MAX_CHUNKS = 1 << 16;

function bitsOf(prime: number): number {
  return 32 - Math.clz32(prime - 1);
}

/** Bytes of a packed polynomial. */
export function packedBytes(shape: Pick<ColumnShape, 'n' | 'primes'>): number {
  return shape.primes.reduce((sum, prime) => sum + (shape.n * bitsOf(prime)) / 8, 0);
}

/** Bytes of a chunk in wire form. */
export function wireChunkBytes(shape: Pick<ColumnShape, 'n' | 'primes'>): number {
  return SEED_BYTES + packedBytes(shape);
}

/** Bytes of a chunk in wire form of a column under a public key. */
export function wholeChunkBytes(shape: Pick<ColumnShape, 'n' | 'primes'>): number {
  return 2 * packedBytes(shape);
}

/** Words of a chunk in resident form: two polynomials. */
export function residentChunkWords(shape: Pick<ColumnShape, 'n' | 'primes'>): number {
  return 2 * shape.primes.length * shape.n;
}

function writeHeader(writer: Writer, shape: ColumnShape): Writer {
  writer.u32(shape.n).u32(shape.chunks).u16(shape.primes.length);
  for (const prime of shape.primes) writer.u32(prime);
  return writer.raw(new Uint8Array(HEADER_BYTES - FRAME_BYTES - 10 - 4 * shape.primes.length));
}

function readHeader(reader: Reader): ColumnShape {
  const n = reader.u32();
  const chunks = reader.u32();
  const count = reader.u16();
  if (n < 8 || n > 32_768 || (n & (n - 1)) !== 0) reader.fail('the ring degree is not valid');
  if (chunks < 1 || chunks > MAX_CHUNKS) reader.fail('the number of chunks is not valid');
  if (count < 1 || count > 9) reader.fail('the number of primes is not valid');
  const primes: number[] = [];
  for (let i = 0; i < count; i++) {
    const prime = reader.u32();
    if (prime < 2 || prime >= 1 << 27) reader.fail('a prime is out of range');
    primes.push(prime);
  }
  if (reader.raw(HEADER_BYTES - reader.offset).some((byte) => byte !== 0)) {
    reader.fail('padding is not zero');
  }
  return { n, primes, chunks };
}

/** Encode a wire part from chunks of (c0 words, seed). */
export function encodeWireColumn(
  shape: Pick<ColumnShape, 'n' | 'primes'>,
  chunks: readonly { readonly c0: Uint32Array; readonly seed: Uint8Array }[],
): Uint8Array {
  const size = wireChunkBytes(shape);
  const out = new Uint8Array(HEADER_BYTES + chunks.length * size);
  out.set(writeHeader(frame('COLW'), { ...shape, chunks: chunks.length }).finish());
  for (const [i, { c0, seed }] of chunks.entries()) {
    const at = HEADER_BYTES + i * size;
    out.set(seed, at);
    packLimbs(shape, c0, out, at + SEED_BYTES);
  }
  return out;
}

/** One chunk of a validated wire part. */
export interface WireColumn {
  readonly shape: ColumnShape;
  chunk(index: number): { readonly c0: Uint32Array; readonly seed: Uint8Array };
}

/** Parse a wire part; residues are checked against their primes as chunks are read. */
export function parseWireColumn(bytes: Uint8Array, what: string): WireColumn {
  const { shape, body } = open(bytes, 'COLW', what, wireChunkBytes);
  const size = wireChunkBytes(shape);
  return {
    shape,
    chunk: (index) => {
      const at = index * size;
      const seed = body.slice(at, at + SEED_BYTES);
      const c0 = unpackLimbs(shape, body.subarray(at + SEED_BYTES, at + size), what);
      return { c0, seed };
    },
  };
}

/** Encode a wire part from chunks of (c0, c1 in evaluation form): a column under a public key. */
export function encodeWholeColumn(
  shape: Pick<ColumnShape, 'n' | 'primes'>,
  chunks: readonly { readonly c0: Uint32Array; readonly c1: Uint32Array }[],
): Uint8Array {
  const size = wholeChunkBytes(shape);
  const out = new Uint8Array(HEADER_BYTES + chunks.length * size);
  out.set(writeHeader(frame('COLP'), { ...shape, chunks: chunks.length }).finish());
  for (const [i, { c0, c1 }] of chunks.entries()) {
    const at = HEADER_BYTES + i * size;
    packLimbs(shape, c0, out, at);
    packLimbs(shape, c1, out, at + size / 2);
  }
  return out;
}

/** One chunk of a validated wire part under a public key. */
export interface WholeColumn {
  readonly shape: ColumnShape;
  chunk(index: number): { readonly c0: Uint32Array; readonly c1: Uint32Array };
}

/** Parse a wire part under a public key; residues are checked as chunks are read. */
export function parseWholeColumn(bytes: Uint8Array, what: string): WholeColumn {
  const { shape, body } = open(bytes, 'COLP', what, wholeChunkBytes);
  const half = packedBytes(shape);
  return {
    shape,
    chunk: (index) => {
      const at = 2 * half * index;
      return {
        c0: unpackLimbs(shape, body.subarray(at, at + half), what),
        c1: unpackLimbs(shape, body.subarray(at + half, at + 2 * half), what),
      };
    },
  };
}

/** In place of the seed of a column that has none; a drawn one is not all zeros but once in 2^512. */
export const NO_SEED: Uint8Array = new Uint8Array(SEED_BYTES);

/**
 * Encode a resident part from chunks of (c0, c1 in evaluation form, seed).
 * @param tail bytes of zeros that follow, for the caller to write
 */
export function encodeResidentColumn(
  shape: Pick<ColumnShape, 'n' | 'primes'>,
  chunks: readonly {
    readonly c0: Uint32Array;
    readonly c1: Uint32Array;
    readonly seed: Uint8Array;
  }[],
  tail: number = 0,
): Uint8Array {
  const words = residentChunkWords(shape);
  const writer = frame('COLR', HEADER_BYTES + chunks.length * (words * 4 + SEED_BYTES) + tail);
  writeHeader(writer, { ...shape, chunks: chunks.length });
  for (const chunk of chunks) writer.raw(wordBytes(chunk.c0)).raw(wordBytes(chunk.c1));
  for (const chunk of chunks) writer.raw(chunk.seed);
  return writer.raw(new Uint8Array(tail)).finish();
}

export interface ResidentColumn {
  readonly shape: ColumnShape;
  /** All chunks' words, c0 then c1 of each chunk; a copy of its own. */
  words(): Uint32Array;
  seed(index: number): Uint8Array;
}

export function parseResidentColumn(bytes: Uint8Array, what: string): ResidentColumn {
  const { shape, body } = open(bytes, 'COLR', what, (s) => residentChunkWords(s) * 4 + SEED_BYTES);
  const limbBytes = shape.chunks * residentChunkWords(shape) * 4;
  return {
    shape,
    words: () => wordsOf(body.subarray(0, limbBytes)),
    seed: (index) =>
      body.subarray(limbBytes + index * SEED_BYTES, limbBytes + (index + 1) * SEED_BYTES),
  };
}

function open(
  bytes: Uint8Array,
  type: FrameType,
  what: string,
  chunkBytes: (shape: ColumnShape) => number,
): { shape: ColumnShape; body: Uint8Array } {
  const reader = unframe(bytes, type, what);
  const shape = readHeader(reader);
  const expected = shape.chunks * chunkBytes(shape);
  if (reader.remaining !== expected) {
    reader.fail(`expected ${expected} bytes of chunks, found ${reader.remaining}`);
  }
  return { shape, body: reader.raw(expected) };
}

/** Polynomials one after the other, each as c0 is packed in the wire form. */
export function packPolynomials(
  shape: Pick<ColumnShape, 'n' | 'primes'>,
  polynomials: readonly Uint32Array[],
): Uint8Array {
  const size = packedBytes(shape);
  const out = new Uint8Array(polynomials.length * size);
  polynomials.forEach((polynomial, i) => packLimbs(shape, polynomial, out, i * size));
  packing.fill(0);
  return out;
}

/**
 * The residues of so many packed polynomials.
 * @throws BYTES_INVALID for another length, or a residue that is not below its prime
 */
export function unpackPolynomials(
  shape: Pick<ColumnShape, 'n' | 'primes'>,
  packed: Uint8Array,
  count: number,
  what: string,
): Uint32Array {
  const size = packedBytes(shape);
  if (packed.length !== count * size) {
    const reason = `${packed.length} bytes where ${count * size} are expected`;
    throw new OpalineError('BYTES_INVALID', { what, reason });
  }
  const words = shape.primes.length * shape.n;
  const out = new Uint32Array(count * words);
  try {
    for (let i = 0; i < count; i++) {
      const polynomial = packed.subarray(i * size, (i + 1) * size);
      out.set(unpackLimbs(shape, polynomial, what), i * words);
    }
    return out;
  } finally {
    packing.fill(0);
  }
}

/**
 * Where a limb is packed and unpacked: to allocate as much for each takes longer than its work. Of columns, which are
 * ciphertexts, it is left as it is; other polynomials may be secret (a custodian's share), and it is wiped after them.
 */
let packing = new Uint32Array(0);

function roomFor(bytes: number): Uint32Array {
  const words = Math.ceil(bytes / 4) + 1;
  if (packing.length < words) packing = new Uint32Array(words);
  return packing;
}

/** Residues of each limb in the fewest bits its prime needs, least significant bit first. */
function packLimbs(
  { n, primes }: Pick<ColumnShape, 'n' | 'primes'>,
  residues: Uint32Array,
  out: Uint8Array,
  at: number,
): void {
  let to = at;
  for (let limb = 0; limb < primes.length; limb++) {
    const bits = bitsOf(primes[limb]!);
    const size = (n * bits) / 8;
    const words = roomFor(size);
    let word = 0;
    let held = 0;
    let filled = 0;
    for (let i = limb * n; i < (limb + 1) * n; i++) {
      const residue = residues[i]!;
      held |= residue << filled;
      filled += bits;
      if (filled < 32) continue;
      words[word++] = held;
      filled -= 32;
      // What did not fit; a shift by 32 would shift by nothing.
      held = filled === 0 ? 0 : residue >>> (bits - filled);
    }
    if (filled > 0) words[word] = held;
    out.set(wordBytes(words).subarray(0, size), to);
    to += size;
  }
}

function unpackLimbs(
  shape: Pick<ColumnShape, 'n' | 'primes'>,
  packed: Uint8Array,
  what: string,
): Uint32Array {
  const { n, primes } = shape;
  const out = new Uint32Array(primes.length * n);
  let at = 0;
  for (let limb = 0; limb < primes.length; limb++) {
    const prime = primes[limb]!;
    const bits = bitsOf(prime);
    const mask = 2 ** bits - 1;
    const size = (n * bits) / 8;
    const room = roomFor(size);
    new Uint8Array(room.buffer).set(packed.subarray(at, at + size));
    // A word past the end is read with the last residue, and none of its bits is kept.
    const words = new DataView(room.buffer);
    at += size;
    for (let i = 0; i < n; i++) {
      const word = (i * bits) >>> 5;
      const shift = (i * bits) & 31;
      let residue = words.getUint32(4 * word, true) >>> shift;
      if (shift + bits > 32) residue |= words.getUint32(4 * word + 4, true) << (32 - shift);
      residue &= mask;
      if (residue >= prime) {
        throw new OpalineError('BYTES_INVALID', {
          what,
          reason: 'a residue is not below its prime',
        });
      }
      out[limb * n + i] = residue;
    }
  }
  return out;
}
