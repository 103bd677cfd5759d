import type { Ring, Span } from '../../ring/ring.ts';
import type { Column } from './column.ts';

/**
 * Masks made before any is used, of chunks in a row: an accumulator is twice as large as what is added
 * to it, and of many groups none stays in the cache.
 */
export const MASKS_AT_ONCE = 4;

/** Room for the masks in use, the all-ones mask and a chunk's c1 in coefficient form. */
export class Masks {
  /** 0, 1, …, n − 1. */
  readonly everyRow: Uint16Array;
  private readonly ring: Ring;
  private readonly current: Span;
  private full: Span | undefined;
  private readonly coefficients: Span[] = [];

  constructor(ring: Ring) {
    this.ring = ring;
    this.everyRow = new Uint16Array(ring.n);
    for (let i = 0; i < ring.n; i++) this.everyRow[i] = i;
    this.current = this.allocate(MASKS_AT_ONCE);
  }

  /** Σ X^-i over the rows of each of a few chunks, evaluation form, one after the other; valid until the next call. */
  of(rows: readonly Uint16Array[]): Span {
    const size = this.ring.moduli.length * this.ring.n;
    rows.forEach((some, i) => {
      this.ring.maskEvaluation(this.ring.slice(this.current, i * size, size), some);
    });
    return this.ring.slice(this.current, 0, rows.length * size);
  }

  /** Of all n rows. */
  ones(): Span {
    if (this.full === undefined) {
      this.full = this.allocate();
      this.ring.maskEvaluation(this.full, this.everyRow);
    }
    return this.full;
  }

  /** c1 of a chunk of each column, coefficient form; valid until the next call. */
  inCoefficients(columns: readonly Column[], chunk: number): readonly Span[] {
    while (this.coefficients.length < columns.length) this.coefficients.push(this.allocate());
    return columns.map((column, i) => {
      const span = this.coefficients[i]!;
      this.ring.view(span).set(this.ring.view(column.c1(chunk)));
      this.ring.inverseNtt(span);
      return span;
    });
  }

  release(): void {
    for (const span of [this.current, this.full, ...this.coefficients]) {
      if (span !== undefined) this.ring.release(span);
    }
  }

  private allocate(polynomials = 1): Span {
    return this.ring.allocate(polynomials * this.ring.moduli.length * this.ring.n);
  }
}
