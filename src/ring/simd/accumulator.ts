import { shapeError } from '../shapes.ts';
import type { Accumulator } from '../ring.ts';
import type { Arena } from './arena.ts';
import type { Kernels } from './kernels.ts';

/** A residue counts as one unit of 2^27, a product of two as 2^27 of them; a wide lane holds 2^64. */
export const PRODUCT_UNITS: number = 2 ** 27;
const LANE_UNITS = 2 ** 37;
/** Residues that a narrow lane takes: 32·(2^27 − 1) < 2^32. */
const NARROW_RESIDUES = 32;

/**
 * The lanes of one accumulator: wide ones of 64 bits, and from the first addition on narrow ones of
 * 32 bits, which take 32 residues before they have to be added to the wide ones. It counts what is
 * in them and makes room before anything could wrap.
 */
export class Lanes implements Accumulator {
  readonly owner: object;
  readonly limbs: number;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #n: number;
  readonly #moduli: number;
  readonly #wide: number;
  #narrow = -1;
  /** Upper bound of any wide lane, in units of 2^27. */
  #units = 0;
  /** Residues now in every narrow lane; they are zero when there are none. */
  #pending = 0;
  #live = true;

  /** @param moduli pointer to the records of the moduli */
  constructor(
    owner: object,
    arena: Arena,
    kernels: Kernels,
    n: number,
    limbs: number,
    moduli: number,
  ) {
    this.owner = owner;
    this.limbs = limbs;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#n = n;
    this.#moduli = moduli;
    this.#wide = arena.allocate(limbs * n * 8);
  }

  get live(): boolean {
    return this.#live;
  }

  get words(): number {
    return this.limbs * this.#n;
  }

  release(): void {
    this.#live = false;
    this.#arena.release(this.#wide);
    if (this.#narrow >= 0) this.#arena.release(this.#narrow);
  }

  clear(): void {
    const { buffer } = this.#arena.memory;
    if (this.#units > 0) new Uint8Array(buffer, this.#wide, this.words * 8).fill(0);
    if (this.#pending > 0) new Uint8Array(buffer, this.#narrow, this.words * 4).fill(0);
    this.#units = 0;
    this.#pending = 0;
  }

  /** Most units that fit at once: the terms of one kernel call must not be more. */
  static readonly mostUnits: number = LANE_UNITS - 1;

  /** The wide lanes, with room for `units` more, which the caller is about to add. */
  wide(units: number): number {
    if (units > Lanes.mostUnits) throw shapeError('accumulator', 'no lane holds so much');
    if (this.#units + units > LANE_UNITS) {
      this.#kernels.reduceLanes(this.#wide, this.limbs, this.#n, this.#moduli);
      this.#units = 1;
    }
    this.#units += units;
    return this.#wide;
  }

  /**
   * Run a kernel on the narrow lanes for `count` residues, as often as it takes: with how many and
   * from which one on.
   */
  add(count: number, kernel: (narrow: number, first: number, count: number) => void): void {
    for (let first = 0; first < count;) {
      if (this.#pending === NARROW_RESIDUES) this.#widen();
      if (this.#narrow < 0) this.#narrow = this.#arena.allocate(this.words * 4);
      const batch = Math.min(count - first, NARROW_RESIDUES - this.#pending);
      kernel(this.#narrow, first, batch);
      this.#pending += batch;
      first += batch;
    }
  }

  /** All that was added, modulo the primes, to `destination`. The value stays. */
  reduce(destination: number): void {
    if (this.#pending > 0) this.#widen();
    this.#kernels.reduce(this.#wide, destination, this.limbs, this.#n, this.#moduli);
  }

  #widen(): void {
    const wide = this.wide(this.#pending);
    this.#kernels.widen(wide, this.#narrow, this.words);
    this.#pending = 0;
  }
}
