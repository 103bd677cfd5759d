import { Slots } from '../../engine/slots.ts';
import { productParameters } from '../../params/presets.ts';
import type { Span } from '../../ring/ring.ts';
import type { Rings } from './rings.ts';

/**
 * Sets of slots as plaintext polynomials: 1 in the slots of a set and 0 in the others, interpolated
 * modulo t, lifted to (−t/2, t/2) and brought to evaluation form modulo each prime of the ring.
 */
export class SlotMasks implements Disposable {
  private readonly rings: Rings;
  private readonly slots: Slots;
  private readonly span: Span;

  constructor(rings: Rings) {
    const { n, moduli } = rings.product;
    this.rings = rings;
    this.slots = new Slots(rings.plain);
    this.span = rings.product.allocate(n * moduli.length);
  }

  /** The mask of these rows of a chunk; valid until the next call. */
  of(rows: Uint16Array): Span {
    const { product } = this.rings;
    product.liftResidues(this.span, this.slots.indicator(rows), productParameters().plainPrimes);
    product.forwardNtt(this.span);
    return this.span;
  }

  [Symbol.dispose](): void {
    this.rings.product.release(this.span);
    this.slots[Symbol.dispose]();
  }
}
