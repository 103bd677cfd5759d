import {
  checkRing,
  limbsOf,
  repeatedExponent,
  requireExponents,
  requireInteger,
  requireLift,
  requireRun,
  requireThreeSums,
  requireWords,
  shapeError,
} from '../shapes.ts';
import type { Accumulator, Ring, Span } from '../ring.ts';
import { Lanes, PRODUCT_UNITS } from './accumulator.ts';
import { Arena } from './arena.ts';
import { compileKernels, instantiateKernels, type Kernels, SPARSE_MASK } from './kernels.ts';
import { modulusTables, suitsSparseMask } from './modulus-tables.ts';
import { type Tables, writeLiftConstants, writeTables } from './tables.ts';

const PAGE = 65_536;
const FOUR_GIB = 2 ** 32;

/** Ciphertexts in one call of the tensor kernel; a wide lane has room for 512 pairs of products. */
const TENSOR_BATCH = 256;

/** Products in one call of the multiply-accumulate kernel; a wide lane has room for 1,024. */
const PRODUCT_BATCH = 512;

/** A mask of at most n / 8 rows is cheaper by sparse-mask.ts (bench/micro/README.md). */
const SPARSE_SHARE = 8;

export interface WasmRingOptions {
  /** Most bytes the ring's own memory may reach, tables included; 4 GiB unless given. */
  readonly maximumBytes?: number;
  /** A memory of the caller's, shared or not, for the ring to work in; see MemoryRegion. */
  readonly memory?: MemoryRegion;
  /** Another ring of this kind: work in its memory, and allocate with it. */
  readonly beside?: Ring;
}

/**
 * Part of a memory in which one ring keeps its tables and hands out spans. The ring never grows a
 * memory it was given.
 *
 * A region has one owner: two rings allocating from the same bytes would hand them out twice, and
 * nothing checks that. Allocation takes no lock, so each thread needs a region of its own. Spans are
 * plain offsets into the memory: a ring of the same memory may be given another's spans to read
 * (or to write, if the two agree), once a message or an Atomics operation has ordered the writes.
 */
export interface MemoryRegion {
  /** Must have been made with a maximum, which a shared one always is. */
  readonly memory: WebAssembly.Memory;
  /** First byte; bytes below 64 KiB are reserved and skipped. 0 unless given. */
  readonly offset?: number;
  /** Length in bytes; up to the end of the memory unless given. */
  readonly length?: number;
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

/**
 * Compile the kernels and compute the tables of such rings before the first of them is made.
 * @throws as createWasmRing
 */
export function prepareWasmRing(n: number, moduli: readonly number[]): void {
  checkRing(n, moduli);
  compileKernels();
  for (const q of moduli) modulusTables(n, q);
}

interface Workspace {
  readonly memory: WebAssembly.Memory;
  readonly arena: Arena;
  readonly kernels: Kernels;
  /** Bytes of the tables of all rings that work here. */
  tables: number;
}

function ownMemory(maximumBytes: number): Workspace {
  const limit = Math.floor(Math.min(maximumBytes, FOUR_GIB) / PAGE) * PAGE;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: Math.max(limit / PAGE, 1) });
  const kernels = instantiateKernels(memory);
  return { memory, kernels, arena: new Arena(memory, kernels.heapBase(), limit), tables: 0 };
}

/** Reserved at the bottom of a memory that several instances may use: the module's static data. */
const RESERVED = PAGE;

function givenMemory({ memory, offset = 0, length }: MemoryRegion): Workspace {
  const total = memory.buffer.byteLength;
  requireInteger('region offset', offset, 0, total);
  const end = offset + (length ?? total - offset);
  requireInteger('region end', end, offset, total);
  const kernels = instantiateKernels(memory);
  if (kernels.heapBase() > RESERVED)
    throw shapeError('memory', 'static data has outgrown its page');
  const arena = new Arena(memory, Math.max(offset, RESERVED), end, end);
  return { memory, kernels, arena, tables: 0 };
}

class WasmRing implements Ring {
  readonly kind = 'wasm';
  readonly n: number;
  readonly moduli: readonly number[];
  readonly #memory: WebAssembly.Memory;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #tables: Tables;
  /** Room for n 16-bit exponents, and for one word a limb. */
  readonly #exponents: number;
  /** Room for 2n words. */
  readonly #scratch: number;
  readonly #sums: number;
  /** Exponents up to which the sparse mask is the faster one. */
  readonly #sparse: number;
  readonly #workspace: Workspace;
  readonly #lifts = new Map<string, number>();

  constructor(n: number, moduli: readonly number[], options: WasmRingOptions) {
    this.n = n;
    this.moduli = Object.freeze([...moduli]);
    this.#workspace = WasmRing.#workspaceFor(options);
    const { memory, arena, kernels } = this.#workspace;
    const before = arena.liveBytes;
    this.#memory = memory;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#tables = writeTables(this.#arena, n, moduli);
    this.#exponents = this.#arena.allocate(n * 2);
    this.#scratch = this.#arena.allocate(n * 8);
    this.#sums = this.#arena.allocate(moduli.length * 4);
    this.#sparse = suitsSparseMask(n) ? n / SPARSE_SHARE : -1;
    this.#workspace.tables += arena.liveBytes - before;
  }

  static #workspaceFor({ beside, memory, maximumBytes }: WasmRingOptions): Workspace {
    if (beside !== undefined) {
      if (!(beside instanceof WasmRing)) throw shapeError('beside', 'a ring of another kind');
      return beside.#workspace;
    }
    return memory === undefined ? ownMemory(maximumBytes ?? FOUR_GIB) : givenMemory(memory);
  }

  get allocatedBytes(): number {
    return this.#arena.liveBytes - this.#workspace.tables;
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
    return new Lanes(this, this.#arena, this.#kernels, this.n, limbs, this.#tables.moduli);
  }

  releaseAccumulator(acc: Accumulator): void {
    this.#own(acc).release();
  }

  clear(acc: Accumulator): void {
    this.#own(acc).clear();
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
    requireRun(source, count, stride, own.words);
    const from = this.#at(source);
    const step = stride * 4;
    own.add(count, (narrow, first, batch) => {
      this.#kernels.addPolynomials(narrow, from + first * step, batch, step, own.words);
    });
  }

  multiplyAccumulate(acc: Accumulator, a: Span, b: Span): void {
    const own = this.#own(acc);
    requireWords('a', a, own.words);
    requireWords('b', b, own.words);
    this.multiplyAccumulateRun(acc, a, b, 1, own.words, own.words);
  }

  multiplyAccumulateRun(
    acc: Accumulator,
    a: Span,
    b: Span,
    count: number,
    strideA: number,
    strideB: number,
  ): void {
    const own = this.#own(acc);
    requireRun(a, count, strideA, own.words);
    requireRun(b, count, strideB, own.words);
    const [x, y] = [this.#at(a), this.#at(b)];
    for (let first = 0; first < count; first += PRODUCT_BATCH) {
      const batch = Math.min(PRODUCT_BATCH, count - first);
      this.#kernels.multiplyAccumulate(
        own.wide(batch * PRODUCT_UNITS),
        x + first * strideA * 4,
        y + first * strideB * 4,
        batch,
        strideA * 4,
        strideB * 4,
        own.words,
      );
    }
  }

  tensorAccumulate(
    sums: readonly [Accumulator, Accumulator, Accumulator],
    a: Span,
    b: Span,
    count: number,
    stride: number,
  ): void {
    const [s0, s1, s2] = [this.#own(sums[0]), this.#own(sums[1]), this.#own(sums[2])];
    const { words } = s0;
    requireThreeSums(sums);
    requireRun(a, count, stride, 2 * words);
    requireRun(b, count, stride, 2 * words);
    const [x, y] = [this.#at(a), this.#at(b)];
    const step = stride * 4;
    for (let first = 0; first < count; first += TENSOR_BATCH) {
      const batch = Math.min(TENSOR_BATCH, count - first);
      const units = batch * PRODUCT_UNITS;
      this.#kernels.tensorAccumulate(
        s0.wide(units),
        s1.wide(2 * units),
        s2.wide(units),
        x + first * step,
        y + first * step,
        batch,
        step,
        words,
      );
    }
  }

  shiftAdd(acc: Accumulator, source: Span, exponents: Uint16Array): void {
    const own = this.#own(acc);
    requireWords('source', source, own.words);
    const from = this.#at(source);
    this.#inBatches(exponents, (all) => {
      own.add(all, (narrow, first, count) => {
        this.#kernels.shiftAdd(
          narrow,
          from,
          own.limbs,
          this.n,
          this.#exponents + 2 * first,
          count,
          this.#tables.moduli,
          this.#scratch,
        );
      });
    });
  }

  reduce(acc: Accumulator, destination: Span): void {
    const own = this.#own(acc);
    requireWords('destination', destination, own.words);
    own.reduce(this.#at(destination));
  }

  liftResidues(poly: Span, residues: Span, primes: readonly [number, number]): void {
    const limbs = this.#limbs('poly', poly);
    requireWords('residues', residues, 2 * this.n);
    this.#kernels.liftResidues(
      this.#at(poly),
      this.#at(residues),
      limbs,
      this.n,
      this.#tables.moduli,
      this.#liftConstants(primes),
    );
  }

  /** Written at the first use of a pair of primes. */
  #liftConstants(primes: readonly [number, number]): number {
    const key = primes.join();
    const known = this.#lifts.get(key);
    if (known !== undefined) return known;
    requireLift(primes, this.moduli);
    const before = this.#arena.liveBytes;
    const made = writeLiftConstants(this.#arena, primes, this.moduli);
    this.#workspace.tables += this.#arena.liveBytes - before;
    this.#lifts.set(key, made);
    return made;
  }

  maskPolynomial(mask: Span, exponents: Uint16Array): void {
    const limbs = this.#placeMask(mask, exponents);
    const distinct = this.#kernels.maskPolynomial(
      this.#at(mask),
      limbs,
      this.n,
      this.#exponents,
      exponents.length,
      this.#tables.moduli,
    );
    if (distinct === 0) throw repeatedExponent();
  }

  maskEvaluation(mask: Span, exponents: Uint16Array): void {
    const limbs = this.#placeMask(mask, exponents);
    if (exponents.length <= this.#sparse) {
      const verdict = this.#kernels.sparseMask(
        this.#at(mask),
        limbs,
        this.n,
        this.#exponents,
        exponents.length,
        this.#tables.moduli,
        this.#scratch,
      );
      if (verdict === SPARSE_MASK.repeated) throw repeatedExponent();
      if (verdict === SPARSE_MASK.done) return;
    }
    this.maskPolynomial(mask, exponents);
    this.forwardNtt(mask);
  }

  gather(source: Span, exponents: Uint16Array): Uint32Array {
    const limbs = this.#limbs('source', source);
    const from = this.#at(source);
    new Uint32Array(this.#memory.buffer, this.#sums, limbs).fill(0);
    this.#inBatches(exponents, (count) => {
      this.#kernels.gather(
        this.#sums,
        from,
        limbs,
        this.n,
        this.#exponents,
        count,
        this.#tables.moduli,
      );
    });
    return new Uint32Array(this.#memory.buffer, this.#sums, limbs).slice();
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

  /** The exponents of a mask in place, and the limbs it has. */
  #placeMask(mask: Span, exponents: Uint16Array): number {
    const limbs = this.#limbs('mask', mask);
    if (exponents.length > this.n) {
      requireExponents(exponents, this.n);
      throw repeatedExponent();
    }
    this.#inBatches(exponents, () => undefined);
    return limbs;
  }

  #limbs(what: string, span: Span): number {
    return limbsOf(what, span, this.n, this.moduli.length);
  }

  #sameShape(destination: Span, a: Span, b: Span): number {
    requireWords('a', a, destination.length);
    requireWords('b', b, destination.length);
    return this.#limbs('destination', destination);
  }

  #own(acc: Accumulator): Lanes {
    if (!(acc instanceof Lanes) || acc.owner !== this || !acc.live) {
      throw shapeError('accumulator', 'not a live accumulator of this ring');
    }
    return acc;
  }

  /** Copy the exponents in, at most n at a time; check each batch before its kernel runs. */
  #inBatches(exponents: Uint16Array, kernel: (count: number) => void): void {
    // More than one batch: check them all before the first kernel changes anything.
    if (exponents.length > this.n) requireExponents(exponents, this.n);
    for (let at = 0; at < exponents.length; at += this.n) {
      const batch = exponents.length <= this.n ? exponents : exponents.subarray(at, at + this.n);
      new Uint16Array(this.#memory.buffer, this.#exponents, batch.length).set(batch);
      if (this.#kernels.largestExponent(this.#exponents, batch.length) >= this.n) {
        requireExponents(batch, this.n);
      }
      kernel(batch.length);
    }
  }
}
