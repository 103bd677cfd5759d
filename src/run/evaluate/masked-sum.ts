import type { Accumulator, Ring, Span } from '../../ring/ring.ts';
import type { LoadedColumn } from './at-rest.ts';

/** An LWE sample at full modulus: Σ_{i∈S} x_i under the ring secret. */
export interface RawSample {
  /** One residue a limb. */
  readonly b: Uint32Array;
  /** limbs·n residues, coefficient form. */
  readonly a: Uint32Array;
}

/**
 * Sums a ciphertext column over a row set, chunk by chunk: with m(X) = Σ_{i∈S} X^-i the constant
 * coefficient of m·c0 is Σ c0[i], and m·c1 is the polynomial of the LWE sample.
 *
 * Three ways to add a chunk, all exact: whole (every row: c1 itself, one all-ones mask at the end),
 * dense (mask by NTT, multiply-accumulate), sparse (negacyclic shifts of c1 in coefficient form).
 */
export class MaskedSum {
  private readonly ring: Ring;
  private readonly b: Uint32Array;
  private masked: Accumulator | undefined;
  private shifted: Accumulator | undefined;
  private whole: Accumulator | undefined;

  constructor(ring: Ring) {
    this.ring = ring;
    this.b = new Uint32Array(ring.moduli.length);
  }

  addDense(column: LoadedColumn, chunk: number, rows: Uint16Array, mask: Span): void {
    this.masked ??= this.fresh();
    this.ring.multiplyAccumulate(this.masked, column.c1(chunk), mask);
    this.addConstant(column.c0(chunk), rows);
  }

  addSparse(column: LoadedColumn, chunk: number, rows: Uint16Array): void {
    this.shifted ??= this.fresh();
    this.ring.shiftAdd(this.shifted, column.c1Coefficients(chunk), rows);
    this.addConstant(column.c0(chunk), rows);
  }

  addWhole(column: LoadedColumn, chunk: number, rows: Uint16Array): void {
    this.whole ??= this.fresh();
    const c1 = column.c1(chunk);
    this.ring.addPolynomials(this.whole, c1, 1, c1.length);
    this.addConstant(column.c0(chunk), rows);
  }

  /** The sample, and release of what was allocated. `ones` is the all-ones mask, evaluation form. */
  finish(ones: () => Span): RawSample {
    const { ring } = this;
    const size = ring.moduli.length * ring.n;
    const total = ring.allocate(size);
    const other = ring.allocate(size);
    try {
      if (this.whole !== undefined) {
        ring.reduce(this.whole, other);
        this.masked ??= this.fresh();
        ring.multiplyAccumulate(this.masked, other, ones());
      }
      if (this.masked === undefined) ring.view(total).fill(0);
      else {
        ring.reduce(this.masked, total);
        ring.inverseNtt(total);
      }
      if (this.shifted !== undefined) {
        ring.reduce(this.shifted, other);
        ring.add(total, total, other);
      }
      return { b: this.b, a: ring.view(total).slice() };
    } finally {
      for (const acc of [this.masked, this.shifted, this.whole]) {
        if (acc !== undefined) ring.releaseAccumulator(acc);
      }
      ring.release(total);
      ring.release(other);
    }
  }

  private fresh(): Accumulator {
    return this.ring.accumulator(this.ring.moduli.length);
  }

  private addConstant(c0: Span, rows: Uint16Array): void {
    const sums = this.ring.gather(c0, rows);
    for (let limb = 0; limb < sums.length; limb++) {
      const sum = this.b[limb]! + sums[limb]!;
      const prime = this.ring.moduli[limb]!;
      this.b[limb] = sum >= prime ? sum - prime : sum;
    }
  }
}

/**
 * Whether k rows of a chunk are cheaper by shifts than by a mask shared by `columns` ciphertext
 * columns. In units of one shift of all limbs (about 1.3 µs where few go together), making a mask's
 * evaluation form costs 26 and a multiply-accumulate 3 (bench/micro/README.md).
 */
export function sparseIsCheaper(k: number, columns: number): boolean {
  return k * columns < 26 + 3 * columns;
}
