import type { Accumulator, Ring, Span } from '../../ring/ring.ts';
import type { Column } from './column.ts';
import type { Masks } from './masks.ts';

/**
 * An LWE sample at full modulus: Σ_{i∈S} x_i under the ring secret. Of a sum of products b is empty
 * and a the three polynomials of a ciphertext, one after the other, in evaluation form.
 */
export interface RawSample {
  /** One residue a limb. */
  readonly b: Uint32Array;
  /** limbs·n residues, coefficient form. */
  readonly a: Uint32Array;
}

/** Rows are added to a sum, or taken away from it. */
export type Sign = 1 | -1;

/**
 * Sums a ciphertext column over a row set, chunk by chunk: with m(X) = Σ_{i∈S} X^-i the constant
 * coefficient of m·c0 is Σ c0[i], and m·c1 is the polynomial of the LWE sample.
 *
 * Rows come in four ways, all exact and giving the same residues: by a mask in evaluation form, by
 * negacyclic shifts of c1 in coefficient form, as whole chunks (c1 itself, one all-ones mask at the
 * end), as every row of the column (its total). Any of them may be taken away again.
 */
export class MaskedSum {
  private readonly ring: Ring;
  private readonly b: Float64Array;
  private readonly added: Terms;
  private readonly taken: Terms;
  private readonly totals: Column[] = [];

  constructor(ring: Ring) {
    this.ring = ring;
    this.b = new Float64Array(ring.moduli.length);
    this.added = new Terms(ring);
    this.taken = new Terms(ring);
  }

  /** Rows of each of a few chunks from `chunk` on; `masks` are theirs, evaluation form, in a row. */
  addMasked(
    column: Column,
    chunk: number,
    rows: readonly Uint16Array[],
    masks: Span,
    sign: Sign,
  ): void {
    const { ring } = this;
    const count = rows.length;
    ring.multiplyAccumulateRun(
      this.terms(sign).masked(),
      column.c1(chunk, count),
      masks,
      count,
      column.stride,
      ring.moduli.length * ring.n,
    );
    rows.forEach((some, i) => this.addConstant(column.c0(chunk + i), some, sign));
  }

  /** `c1` is the chunk's, coefficient form. */
  addShifted(column: Column, chunk: number, rows: Uint16Array, c1: Span, sign: Sign): void {
    this.ring.shiftAdd(this.terms(sign).shifted(), c1, rows);
    this.addConstant(column.c0(chunk), rows, sign);
  }

  /** All n coefficients of `count` chunks from `chunk` on. */
  addWhole(column: Column, chunk: number, count: number): void {
    const { whole, constants } = this.added;
    this.ring.addPolynomials(whole(), column.c1(chunk, count), count, column.stride);
    this.ring.addPolynomials(constants(), column.c0(chunk, count), count, column.stride);
  }

  addTotal(column: Column): void {
    this.totals.push(column);
  }

  /** The sample, and release of what was allocated. */
  finish(masks: Masks): RawSample {
    const { ring } = this;
    const size = ring.moduli.length * ring.n;
    const [sum, other] = [ring.allocate(size), ring.allocate(size)];
    try {
      this.added.collect(sum, other, masks);
      const whole = this.added.wholeConstant(other, masks);
      if (whole !== undefined) this.addResidues(whole, 1);
      for (const column of this.totals) {
        ring.add(sum, sum, column.total.a);
        this.addResidues(ring.view(column.total.b), 1);
      }
      if (this.taken.used) {
        const less = ring.allocate(size);
        this.taken.collect(less, other, masks);
        ring.subtract(sum, sum, less);
        ring.release(less);
      }
      return { b: this.constant(), a: ring.view(sum).slice() };
    } finally {
      this.release();
      ring.release(sum);
      ring.release(other);
    }
  }

  /** Give the accumulators back without a result. Harmless after `finish`. */
  release(): void {
    this.added.release();
    this.taken.release();
  }

  private terms(sign: Sign): Terms {
    return sign === 1 ? this.added : this.taken;
  }

  private addConstant(c0: Span, rows: Uint16Array, sign: Sign): void {
    this.addResidues(this.ring.gather(c0, rows), sign);
  }

  /** Exact: 2^26 residues of 27 bits stay below 2^53. */
  private addResidues(residues: Uint32Array, sign: Sign): void {
    for (let limb = 0; limb < residues.length; limb++) this.b[limb]! += sign * residues[limb]!;
  }

  private constant(): Uint32Array {
    return Uint32Array.from(this.b, (sum, limb) => {
      const prime = this.ring.moduli[limb]!;
      return ((sum % prime) + prime) % prime;
    });
  }
}

/** The accumulators of one sign, made when first used. */
class Terms {
  private readonly ring: Ring;
  private readonly made = new Map<string, Accumulator>();

  constructor(ring: Ring) {
    this.ring = ring;
  }

  get used(): boolean {
    return this.made.size > 0;
  }

  readonly masked = (): Accumulator => this.get('masked');
  readonly shifted = (): Accumulator => this.get('shifted');
  /** Σ c1 of whole chunks, evaluation form. */
  readonly whole = (): Accumulator => this.get('whole');
  /** Σ c0 of whole chunks. */
  readonly constants = (): Accumulator => this.get('constants');

  /** destination = Σ m·c1, coefficient form. */
  collect(destination: Span, other: Span, masks: Masks): void {
    const { ring } = this;
    const whole = this.made.get('whole');
    if (whole !== undefined) {
      ring.reduce(whole, other);
      ring.multiplyAccumulate(this.masked(), other, masks.ones());
    }
    const masked = this.made.get('masked');
    if (masked === undefined) {
      ring.view(destination).fill(0);
    } else {
      ring.reduce(masked, destination);
      ring.inverseNtt(destination);
    }
    const shifted = this.made.get('shifted');
    if (shifted !== undefined) {
      ring.reduce(shifted, other);
      ring.add(destination, destination, other);
    }
  }

  /** Σ of all coefficients of c0 of whole chunks. */
  wholeConstant(other: Span, masks: Masks): Uint32Array | undefined {
    const constants = this.made.get('constants');
    if (constants === undefined) return undefined;
    this.ring.reduce(constants, other);
    return this.ring.gather(other, masks.everyRow);
  }

  release(): void {
    for (const accumulator of this.made.values()) this.ring.releaseAccumulator(accumulator);
    this.made.clear();
  }

  private get(name: string): Accumulator {
    let accumulator = this.made.get(name);
    if (accumulator === undefined) {
      accumulator = this.ring.accumulator(this.ring.moduli.length);
      this.made.set(name, accumulator);
    }
    return accumulator;
  }
}
