import { equalBytes } from '../../bytes/compare.ts';
import { sha256OfLarge } from '../../bytes/hash.ts';
import type { PublicEngine } from '../../engine/engine.ts';
import { isFrame } from '../../bytes/framing.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { Ring } from '../../ring/ring.ts';
import {
  type ColumnShape,
  encodeResidentColumn,
  encodeWholeColumn,
  encodeWireColumn,
  NO_SEED,
  parseResidentColumn,
  parseWholeColumn,
  parseWireColumn,
  residentChunkWords,
  SEED_BYTES,
  type WireColumn,
} from '../../table/column-part.ts';

const DIGEST = 32;

/**
 * The form in which a store keeps an uploaded column: the resident form, then its SHA-256. c1 is
 * expanded from each seed by SEAL and taken to evaluation form once, here, rather than per query;
 * what is multiplied comes in evaluation form as it is.
 */
export async function toAtRest(
  engine: PublicEngine,
  ring: Ring,
  wire: Uint8Array,
  part: string,
): Promise<Uint8Array> {
  const column = parseWireColumn(wire, `part ${part}`);
  requireShape(column.shape, engine, ring, part);
  return await withDigest(expandColumn(engine, ring, column));
}

function expandColumn(engine: PublicEngine, ring: Ring, column: WireColumn): Uint8Array {
  const polynomial = ring.allocate(ring.moduli.length * ring.n);
  try {
    const chunks = Array.from({ length: column.shape.chunks }, (_, i) => {
      const chunk = column.chunk(i);
      ring.view(polynomial).set(engine.expand(chunk));
      if (engine.parameters.scheme === 'bfv') ring.forwardNtt(polynomial);
      return { ...chunk, c1: ring.view(polynomial).slice() };
    });
    return encodeResidentColumn(column.shape, chunks, DIGEST);
  } finally {
    ring.release(polynomial);
  }
}

/** The same of a column under a public key, which comes in the form that it is kept in. */
export async function wholeAtRest(ring: Ring, wire: Uint8Array, part: string): Promise<Uint8Array> {
  const column = parseWholeColumn(wire, `part ${part}`);
  requireRing(column.shape, ring, part);
  const chunks = Array.from({ length: column.shape.chunks }, (_, i) => {
    return { ...column.chunk(i), seed: NO_SEED };
  });
  return await withDigest(encodeResidentColumn(column.shape, chunks, DIGEST));
}

/** @param file ends with room for a digest of what comes before */
async function withDigest(file: Uint8Array): Promise<Uint8Array> {
  file.set(await sha256OfLarge(file.subarray(0, -DIGEST)), file.length - DIGEST);
  return file;
}

/**
 * A part as it was uploaded: of a ciphertext column c0 and the seeds or c1, packed; another as it is kept.
 * Whoever asks holds the digest of that form.
 * @throws PART_CORRUPT
 */
export function asUploadedForm(file: Uint8Array, part: string): Uint8Array {
  if (!isFrame(file, 'COLR')) return file;
  try {
    const column = parseResidentColumn(file.subarray(0, -DIGEST), `part ${part}`);
    const { shape } = column;
    const words = column.words();
    const half = shape.primes.length * shape.n;
    const chunks = Array.from({ length: shape.chunks }, (_, i) => ({
      c0: words.subarray(2 * i * half, (2 * i + 1) * half),
      c1: words.subarray((2 * i + 1) * half, (2 * i + 2) * half),
      seed: column.seed(i),
    }));
    const whole = chunks.every(({ seed }) => equalBytes(seed, NO_SEED));
    return whole ? encodeWholeColumn(shape, chunks) : encodeWireColumn(shape, chunks);
  } catch (error) {
    if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
    throw new OpalineError('PART_CORRUPT', { part, reason: error.details.reason });
  }
}

function requireShape(shape: ColumnShape, engine: PublicEngine, ring: Ring, part: string): void {
  const { dataPrimes, n } = engine.parameters;
  requireRing(shape, { n, moduli: dataPrimes }, part);
  requireRing(shape, ring, part);
}

function requireRing(
  shape: ColumnShape,
  { n, moduli }: Pick<Ring, 'n' | 'moduli'>,
  part: string,
): void {
  const same =
    shape.n === n &&
    shape.primes.length === moduli.length &&
    shape.primes.every((prime, i) => prime === moduli[i]);
  if (!same) {
    throw new OpalineError('BYTES_INVALID', {
      what: `part ${part}`,
      reason: 'its parameters are not of a preset of this version',
    });
  }
}

/** Bytes of a column at rest, and where in them its words begin. */
export function atRestLayout(ring: Ring, chunks: number): { bytes: number; wordsAt: number } {
  const shape = { n: ring.n, primes: ring.moduli };
  const wordsAt = encodeResidentColumn(shape, []).length;
  const body = chunks * (residentChunkWords(shape) * 4 + SEED_BYTES);
  return { bytes: wordsAt + body + DIGEST, wordsAt };
}

/**
 * Refuse a file that is not what this store wrote. It is checked where it lies; `view` gives it, and is called anew
 * after what is waited for.
 * @throws PART_CORRUPT
 */
export async function verifyAtRest(
  ring: Ring,
  view: () => Uint8Array,
  chunks: number,
  part: string,
): Promise<void> {
  const digest = await sha256OfLarge(view().subarray(0, -DIGEST));
  const file = view();
  if (!equalBytes(digest, file.subarray(-DIGEST))) {
    throw new OpalineError('PART_CORRUPT', { part, reason: 'its digest does not match' });
  }
  const resident = file.subarray(0, -DIGEST);
  const { shape } = parseResidentColumn(resident, `part ${part}`);
  if (shape.n !== ring.n || shape.primes.some((prime, i) => prime !== ring.moduli[i])) {
    throw new OpalineError('PART_CORRUPT', { part, reason: 'its parameters are another ring’s' });
  }
  if (shape.chunks !== chunks) {
    throw new OpalineError('PART_CORRUPT', {
      part,
      reason: 'it has not as many chunks as its segment has rows for',
    });
  }
  const { wordsAt } = atRestLayout(ring, chunks);
  const words = chunks * residentChunkWords(shape);
  requireResidues(new Uint32Array(file.buffer, file.byteOffset + wordsAt, words), ring, part);
}

/** The kernels' bounds rest on it: a word at or above its prime would give a wrong residue. */
function requireResidues(words: Uint32Array, ring: Ring, part: string): void {
  const limbs = ring.moduli.length;
  for (let at = 0, limb = 0; at < words.length; at += ring.n, limb = (limb + 1) % limbs) {
    const prime = ring.moduli[limb]!;
    for (let i = at; i < at + ring.n; i++) {
      if (words[i]! >= prime) {
        throw new OpalineError('PART_CORRUPT', {
          part,
          reason: 'a residue is not below its prime',
        });
      }
    }
  }
}
