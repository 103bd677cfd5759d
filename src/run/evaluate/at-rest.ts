import { equalBytes } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import type { PublicEngine } from '../../engine/engine.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Ring, Span } from '../../ring/ring.ts';
import {
  type ColumnShape,
  encodeResidentColumn,
  parseResidentColumn,
  parseWireColumn,
} from '../../table/column-part.ts';

const DIGEST = 32;

/**
 * The form in which a store keeps an uploaded column: the resident form, then its SHA-256. c1 is
 * expanded from each seed by SEAL and taken to evaluation form once, here, rather than per query.
 */
export function toAtRest(
  engine: PublicEngine,
  ring: Ring,
  wire: Uint8Array,
  part: string,
): Uint8Array {
  const column = parseWireColumn(wire, `part ${part}`);
  requireShape(column.shape, engine, ring, part);
  const polynomial = ring.allocate(ring.moduli.length * ring.n);
  try {
    const chunks = Array.from({ length: column.shape.chunks }, (_, i) => {
      const chunk = column.chunk(i);
      ring.view(polynomial).set(engine.expand(chunk));
      ring.forwardNtt(polynomial);
      return { ...chunk, c1: ring.view(polynomial).slice() };
    });
    const resident = encodeResidentColumn(column.shape, chunks);
    const out = new Uint8Array(resident.length + DIGEST);
    out.set(resident);
    out.set(sha256(resident), resident.length);
    return out;
  } finally {
    ring.release(polynomial);
  }
}

function requireShape(shape: ColumnShape, engine: PublicEngine, ring: Ring, part: string): void {
  const { dataPrimes, n } = engine.parameters;
  const same =
    shape.n === n &&
    ring.n === n &&
    shape.primes.length === dataPrimes.length &&
    shape.primes.every((prime, i) => prime === dataPrimes[i] && prime === ring.moduli[i]);
  if (!same) {
    throw new OpalineError('BYTES_INVALID', {
      what: `part ${part}`,
      reason: 'its parameters are not of a preset of this version',
    });
  }
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

/** A column in the ring's memory, ready for kernels. */
export interface LoadedColumn {
  readonly chunks: number;
  readonly bytes: number;
  /** c0 of a chunk, coefficient form. */
  c0(chunk: number): Span;
  /** c1 of a chunk, evaluation form. */
  c1(chunk: number): Span;
  /** c1 of a chunk in coefficient form; made when first asked for, and kept. */
  c1Coefficients(chunk: number): Span;
  release(): void;
}

/** @throws PART_CORRUPT when the file is not what this store wrote. */
export function loadAtRest(ring: Ring, file: Uint8Array, part: string): LoadedColumn {
  const resident = file.subarray(0, Math.max(0, file.length - DIGEST));
  if (!equalBytes(sha256(resident), file.subarray(resident.length))) {
    throw new OpalineError('PART_CORRUPT', { part, reason: 'its digest does not match' });
  }
  const column = parseResidentColumn(resident, `part ${part}`);
  const { chunks, n, primes } = column.shape;
  if (n !== ring.n || primes.some((prime, i) => prime !== ring.moduli[i])) {
    throw new OpalineError('PART_CORRUPT', { part, reason: 'its parameters are another ring’s' });
  }
  const words = column.words();
  requireResidues(words, ring, part);
  const span = ring.allocate(words.length);
  ring.view(span).set(words);
  const half = primes.length * n;
  const coefficients = new Map<number, Span>();
  return {
    chunks,
    // With the coefficient form of c1, which sparse masks ask for sooner or later.
    bytes: words.length * 6,
    c0: (chunk) => ring.slice(span, chunk * 2 * half, half),
    c1: (chunk) => ring.slice(span, (chunk * 2 + 1) * half, half),
    c1Coefficients: (chunk) => {
      const known = coefficients.get(chunk);
      if (known !== undefined) return known;
      const made = ring.allocate(half);
      ring.view(made).set(ring.view(ring.slice(span, (chunk * 2 + 1) * half, half)));
      ring.inverseNtt(made);
      coefficients.set(chunk, made);
      return made;
    },
    release: () => {
      for (const made of coefficients.values()) ring.release(made);
      ring.release(span);
    },
  };
}
