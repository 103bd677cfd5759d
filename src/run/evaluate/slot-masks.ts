import { Slots } from '../../engine/slots.ts';
import type { Span } from '../../ring/ring.ts';
import type { Rings } from './rings.ts';

/**
 * Sets of slots as plaintext polynomials: 1 in the slots of a set and 0 in the others, interpolated
 * modulo t, lifted to (−t/2, t/2) and brought to evaluation form modulo each prime of the ring.
 */
export class SlotMasks implements Disposable {
  private readonly rings: Rings;
  private readonly slots: Slots;
  private readonly coefficients: Float64Array;
  private readonly span: Span;

  constructor(rings: Rings) {
    const { n, moduli } = rings.product;
    this.rings = rings;
    this.slots = new Slots(rings.plain);
    this.coefficients = new Float64Array(n);
    this.span = rings.product.allocate(n * moduli.length);
  }

  /** The mask of these rows of a chunk; valid until the next call. */
  of(rows: Uint16Array): Span {
    const { product } = this.rings;
    const { coefficients } = this;
    this.slots.indicator(rows, coefficients);
    const words = product.view(this.span);
    for (const [limb, prime] of product.moduli.entries()) {
      reduceInto(coefficients, prime, words, limb * product.n);
    }
    product.forwardNtt(this.span);
    return this.span;
  }

  [Symbol.dispose](): void {
    this.rings.product.release(this.span);
    this.slots[Symbol.dispose]();
  }
}

/**
 * Exact: |value| < 2^47, so the quotient, off by one at most, times the prime stays below 2^53.
 */
function reduceInto(values: Float64Array, prime: number, words: Uint32Array, at: number): void {
  const inverse = 1 / prime;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const remainder = value - Math.floor(value * inverse) * prime;
    words[at + i] =
      remainder < 0 ? remainder + prime : remainder >= prime ? remainder - prime : remainder;
  }
}
