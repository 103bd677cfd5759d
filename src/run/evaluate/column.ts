import type { Ring, Span } from '../../ring/ring.ts';

/** A ciphertext column of one segment in the ring's memory, ready for kernels. */
export interface Column {
  /** Equal ids, equal words and equal rows. */
  readonly id: string;
  readonly chunks: number;
  /** c0 of a chunk, coefficient form; of `count` chunks, `stride` words apart. */
  c0(chunk: number, count?: number): Span;
  /** c1 of a chunk, evaluation form; of `count` chunks, `stride` words apart. */
  c1(chunk: number, count?: number): Span;
  /** Words from a chunk's polynomial to the next chunk's. */
  readonly stride: number;
  /** The sum over every row of the segment, made when the column was brought in. */
  readonly total: ColumnTotal;
}

/** An LWE sample at full modulus in the ring's memory: limbs words, and limbs·n in coefficient form. */
export interface ColumnTotal {
  readonly b: Span;
  readonly a: Span;
}

/** Words of a column's total. */
export function totalWords(ring: Ring): number {
  return ring.moduli.length * ring.n + ring.moduli.length;
}

/**
 * The column whose chunks, c0 then c1 each, are the words of `span`, and whose total is or will be
 * in `total`: a, then b.
 */
export function columnAt(ring: Ring, id: string, span: Span, total: Span): Column {
  const half = ring.moduli.length * ring.n;
  const stride = 2 * half;
  const run = (at: number, count = 1): Span => ring.slice(span, at, (count - 1) * stride + half);
  return {
    id,
    chunks: span.length / stride,
    stride,
    c0: (chunk, count) => run(chunk * stride, count),
    c1: (chunk, count) => run(chunk * stride + half, count),
    total: totalAt(ring, total),
  };
}

/** The total that lies, or will lie, in `span`: a, then b. */
export function totalAt(ring: Ring, span: Span): ColumnTotal {
  const half = ring.moduli.length * ring.n;
  return { a: ring.slice(span, 0, half), b: ring.slice(span, half, ring.moduli.length) };
}
