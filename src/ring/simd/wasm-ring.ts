import {
  checkRing,
  limbsOf,
  repeatedExponent,
  requireExponents,
  requireInteger,
  requireRun,
  requireWords,
  shapeError,
} from '../shapes.ts';
import type { Accumulator, Ring, Span } from '../ring.ts';
import { Arena } from './arena.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';
import { writeTables, type Tables } from './tables.ts';

const PAGE = 65_536;
const FOUR_GIB = 2 ** 32;

/** A residue counts as one unit of 2^27, a product of two as 2^27 of them; a lane holds 2^64. */
const PRODUCT_UNITS = 2 ** 27;
const LANE_UNITS = 2 ** 37;

export interface WasmRingOptions {
  /** Most bytes the ring's memory may reach, tables included; 4 GiB unless given. */
  readonly maximumBytes?: number;
}

class WasmAccumulator implements Accumulator {
  readonly ring: WasmRing;
  readonly limbs: number;
  /** Byte offset of the lanes; −1 once released. */
  lanes: number;
  /** Upper bound of any lane, in units of 2^27. */
  units = 0;

  constructor(ring: WasmRing, limbs: number, lanes: number) {
    this.ring = ring;
    this.limbs = limbs;
    this.lanes = lanes;
  }
}

/**
 * The ring on WebAssembly kernels, in a memory of its own. Synchronous: usable in workers, and in
 * browsers' main threads (the module is a few kilobytes).
 *
 * @throws PARAMETERS_INVALID for a degree or moduli that the kernels' bounds do not cover
 */
export function createWasmRing(
  n: number,
  moduli: readonly number[],
  options: WasmRingOptions = {},
): Ring {
  checkRing(n, moduli);
  return new WasmRing(n, moduli, options);
}

class WasmRing implements Ring {
  readonly kind = 'wasm';
  readonly n: number;
  readonly moduli: readonly number[];
  readonly #memory: WebAssembly.Memory;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #tables: Tables;
  /** Room for n 16-bit exponents, and for one 64-bit and one 32-bit word a limb. */
  readonly #exponents: number;
  readonly #sums: number;
  readonly #overhead: number;

  constructor(n: number, moduli: readonly number[], options: WasmRingOptions) {
    this.n = n;
    this.moduli = Object.freeze([...moduli]);
    const limit = Math.floor(Math.min(options.maximumBytes ?? FOUR_GIB, FOUR_GIB) / PAGE) * PAGE;
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: Math.max(limit / PAGE, 1) });
    this.#kernels = instantiateKernels(this.#memory);
    this.#arena = new Arena(this.#memory, this.#kernels.heapBase(), limit);
    this.#tables = writeTables(this.#arena, n, moduli);
    this.#exponents = this.#arena.allocate(n * 2);
    this.#sums = this.#arena.allocate(moduli.length * 12);
    this.#overhead = this.#arena.liveBytes;
  }

  get allocatedBytes(): number {
    return this.#arena.liveBytes - this.#overhead;
  }

  allocate(words: number): Span {
    requireInteger('words', words, 0, FOUR_GIB / 4);
    return { offset: this.#arena.allocate(words * 4) / 4, length: words };
  }

  release(span: Span): void {
    this.#arena.release(span.offset * 4);
  }

  view(span: Span): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#at(span), span.length);
  }

  slice(span: Span, offset: number, length: number): Span {
    requireInteger('slice offset', offset, 0, span.length);
    requireInteger('slice length', length, 0, span.length - offset);
    return { offset: span.offset + offset, length };
  }

  accumulator(limbs: number): Accumulator {
    requireInteger('limbs', limbs, 1, this.moduli.length);
    return new WasmAccumulator(this, limbs, this.#arena.allocate(limbs * this.n * 8));
  }

  releaseAccumulator(acc: Accumulator): void {
    const own = this.#own(acc);
    this.#arena.release(own.lanes);
    own.lanes = -1;
  }

  clear(acc: Accumulator): void {
    const own = this.#own(acc);
    new Uint8Array(this.#memory.buffer, own.lanes, own.limbs * this.n * 8).fill(0);
    own.units = 0;
  }

  forwardNtt(poly: Span): void {
    const limbs = this.#limbs('poly', poly);
    this.#kernels.forwardNtt(this.#at(poly), limbs, this.n, this.#tables.moduli);
  }

  inverseNtt(poly: Span): void {
    const limbs = this.#limbs('poly', poly);
    this.#kernels.inverseNtt(this.#at(poly), limbs, this.n, this.#tables.moduli);
  }

  addPolynomials(acc: Accumulator, source: Span, count: number, stride: number): void {
    const own = this.#own(acc);
    const lanes = own.limbs * this.n;
    requireRun(source, count, stride, lanes);
    const from = this.#at(source);
    // A run longer than a lane's room cannot fit in memory (2^36 polynomials).
    this.#room(own, count);
    this.#kernels.addPolynomials(own.lanes, from, count, stride * 4, lanes);
  }

  multiplyAccumulate(acc: Accumulator, a: Span, b: Span): void {
    const own = this.#own(acc);
    const lanes = own.limbs * this.n;
    requireWords('a', a, lanes);
    requireWords('b', b, lanes);
    this.#room(own, PRODUCT_UNITS);
    this.#kernels.multiplyAccumulate(own.lanes, this.#at(a), this.#at(b), lanes);
  }

  shiftAdd(acc: Accumulator, source: Span, exponents: Uint16Array): void {
    const own = this.#own(acc);
    requireWords('source', source, own.limbs * this.n);
    const from = this.#at(source);
    this.#inBatches(exponents, (count) => {
      this.#room(own, count);
      this.#kernels.shiftAdd(
        own.lanes,
        from,
        own.limbs,
        this.n,
        this.#exponents,
        count,
        this.#tables.moduli,
      );
    });
  }

  reduce(acc: Accumulator, destination: Span): void {
    const own = this.#own(acc);
    requireWords('destination', destination, own.limbs * this.n);
    this.#kernels.reduce(own.lanes, this.#at(destination), own.limbs, this.n, this.#tables.moduli);
  }

  maskPolynomial(mask: Span, exponents: Uint16Array): void {
    const limbs = this.#limbs('mask', mask);
    const at = this.#at(mask);
    if (exponents.length > this.n) throw repeatedExponent();
    requireExponents(exponents, this.n);
    this.#setExponents(exponents);
    const distinct = this.#kernels.maskPolynomial(
      at,
      limbs,
      this.n,
      this.#exponents,
      exponents.length,
      this.#tables.moduli,
    );
    if (distinct === 0) throw repeatedExponent();
  }

  gather(source: Span, exponents: Uint16Array): Uint32Array {
    const limbs = this.#limbs('source', source);
    const from = this.#at(source);
    new Uint8Array(this.#memory.buffer, this.#sums, limbs * 8).fill(0);
    this.#inBatches(exponents, (count) => {
      this.#kernels.gather(this.#sums, from, limbs, this.n, this.#exponents, count);
    });
    const result = this.#sums + this.moduli.length * 8;
    this.#kernels.reduce(this.#sums, result, limbs, 1, this.#tables.moduli);
    return new Uint32Array(this.#memory.buffer, result, limbs).slice();
  }

  add(destination: Span, a: Span, b: Span): void {
    const limbs = this.#sameShape(destination, a, b);
    this.#kernels.add(
      this.#at(destination),
      this.#at(a),
      this.#at(b),
      limbs,
      this.n,
      this.#tables.moduli,
    );
  }

  subtract(destination: Span, a: Span, b: Span): void {
    const limbs = this.#sameShape(destination, a, b);
    this.#kernels.subtract(
      this.#at(destination),
      this.#at(a),
      this.#at(b),
      limbs,
      this.n,
      this.#tables.moduli,
    );
  }

  modulusSwitch(poly: Span, limbs: number): void {
    requireInteger('limbs', limbs, 2, this.moduli.length);
    const words = poly.length / limbs;
    if (!Number.isInteger(words) || words < 1) {
      throw shapeError('poly', `${poly.length} words are not ${limbs} limbs`);
    }
    this.#kernels.modulusSwitch(
      this.#at(poly),
      limbs,
      words,
      this.#tables.moduli,
      this.#tables.inverses(limbs),
    );
  }

  /** Byte offset of a span. A kernel writes where it is told, so the span must lie in the memory. */
  #at(span: Span): number {
    const { offset, length } = span;
    const total = this.#memory.buffer.byteLength / 4;
    if (!(Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0)) {
      throw shapeError('span', 'not a run of words');
    }
    if (offset + length > total) throw shapeError('span', 'reaches past the memory');
    return offset * 4;
  }

  #limbs(what: string, span: Span): number {
    return limbsOf(what, span, this.n, this.moduli.length);
  }

  #sameShape(destination: Span, a: Span, b: Span): number {
    requireWords('a', a, destination.length);
    requireWords('b', b, destination.length);
    return this.#limbs('destination', destination);
  }

  #own(acc: Accumulator): WasmAccumulator {
    if (!(acc instanceof WasmAccumulator) || acc.ring !== this || acc.lanes < 0) {
      throw shapeError('accumulator', 'not a live accumulator of this ring');
    }
    return acc;
  }

  /** Make sure that `units` more fit in every lane, reducing the lanes when they would not. */
  #room(acc: WasmAccumulator, units: number): void {
    if (acc.units + units > LANE_UNITS) {
      this.#kernels.reduceLanes(acc.lanes, acc.limbs, this.n, this.#tables.moduli);
      acc.units = 1;
    }
    acc.units += units;
  }

  #setExponents(exponents: Uint16Array): void {
    new Uint16Array(this.#memory.buffer, this.#exponents, exponents.length).set(exponents);
  }

  /** Check all exponents, then run the kernel on at most n at a time. */
  #inBatches(exponents: Uint16Array, kernel: (count: number) => void): void {
    requireExponents(exponents, this.n);
    for (let at = 0; at < exponents.length; at += this.n) {
      const batch = exponents.subarray(at, at + this.n);
      this.#setExponents(batch);
      kernel(batch.length);
    }
  }
}
