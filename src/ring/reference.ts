/**
 * The obvious twin of the kernels: BigInt, one definition a function, no lazy reduction, no tables.
 * It exists to be right; the conformance suite holds `simd/` equal to it.
 */
import { smallestPrimitiveRoot, reverseBits } from './modular.ts';
import { fromResidues } from './residues.ts';
import type { Accumulator, Ring, Span } from './ring.ts';
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
} from './shapes.ts';

const ALIGN_WORDS = 16;

class ReferenceAccumulator implements Accumulator {
  readonly ring: ReferenceRing;
  readonly limbs: number;
  /** Exact sums, unreduced. */
  lanes: bigint[];
  live = true;

  constructor(ring: ReferenceRing, limbs: number) {
    this.ring = ring;
    this.limbs = limbs;
    this.lanes = Array.from({ length: limbs * ring.n }, () => 0n);
  }
}

/** A ring with the semantics of ring.ts and nothing of its speed. Throws as `createWasmRing`. */
export function createReferenceRing(n: number, moduli: readonly number[]): Ring {
  checkRing(n, moduli);
  return new ReferenceRing(n, moduli);
}

class ReferenceRing implements Ring {
  readonly kind = 'reference';
  readonly n: number;
  readonly moduli: readonly number[];
  /** Every span has its own array; offsets only name them. */
  readonly #spans = new Map<number, Uint32Array>();
  #next = 0;
  #accumulators = 0;

  constructor(n: number, moduli: readonly number[]) {
    this.n = n;
    this.moduli = Object.freeze([...moduli]);
  }

  get allocatedBytes(): number {
    let words = 2 * this.#accumulators;
    for (const array of this.#spans.values()) words += array.length;
    return 4 * words;
  }

  allocate(words: number): Span {
    requireInteger('words', words, 0, 2 ** 30);
    const offset = this.#next;
    this.#next += Math.max(Math.ceil(words / ALIGN_WORDS), 1) * ALIGN_WORDS;
    this.#spans.set(offset, new Uint32Array(words));
    return { offset, length: words };
  }

  release(span: Span): void {
    if (!this.#spans.delete(span.offset))
      throw shapeError('arena', 'released what is not allocated');
  }

  view(span: Span): Uint32Array {
    for (const [offset, array] of this.#spans) {
      const start = span.offset - offset;
      if (start >= 0 && start + span.length <= array.length) {
        return array.subarray(start, start + span.length);
      }
    }
    throw shapeError('span', 'not allocated');
  }

  slice(span: Span, offset: number, length: number): Span {
    requireInteger('slice offset', offset, 0, span.length);
    requireInteger('slice length', length, 0, span.length - offset);
    return { offset: span.offset + offset, length };
  }

  accumulator(limbs: number): Accumulator {
    requireInteger('limbs', limbs, 1, this.moduli.length);
    this.#accumulators += limbs * this.n;
    return new ReferenceAccumulator(this, limbs);
  }

  releaseAccumulator(acc: Accumulator): void {
    const own = this.#own(acc);
    this.#accumulators -= own.limbs * this.n;
    own.live = false;
  }

  clear(acc: Accumulator): void {
    this.#own(acc).lanes.fill(0n);
  }

  /** Value i of a limb becomes the polynomial at ψ^(2·rev(i) + 1), ψ the smallest 2n-th root. */
  forwardNtt(poly: Span): void {
    this.#eachLimb('poly', poly, (words, q) => {
      const root = BigInt(smallestPrimitiveRoot(2 * this.n, Number(q)));
      const twisted = [...words].map((value, i) => (BigInt(value) * power(root, i, q)) % q);
      const values = evaluate(twisted, (root * root) % q, q);
      const bits = Math.log2(this.n);
      for (let i = 0; i < this.n; i += 1) words[i] = Number(values[reverseBits(i, bits)]);
    });
  }

  inverseNtt(poly: Span): void {
    this.#eachLimb('poly', poly, (words, q) => {
      const root = BigInt(smallestPrimitiveRoot(2 * this.n, Number(q)));
      const inverseRoot = power(root, Number(q) - 2, q);
      const bits = Math.log2(this.n);
      const values = [...words].map((_, i) => BigInt(words[reverseBits(i, bits)] ?? 0));
      const twisted = evaluate(values, (inverseRoot * inverseRoot) % q, q);
      const scale = power(BigInt(this.n), Number(q) - 2, q);
      for (let i = 0; i < this.n; i += 1) {
        const untwisted = ((twisted[i] ?? 0n) * power(inverseRoot, i, q)) % q;
        words[i] = Number((untwisted * scale) % q);
      }
    });
  }

  addPolynomials(acc: Accumulator, source: Span, count: number, stride: number): void {
    const own = this.#own(acc);
    requireRun(source, count, stride, own.lanes.length);
    const words = this.view(source);
    for (let p = 0; p < count; p += 1) {
      own.lanes = own.lanes.map((lane, i) => lane + BigInt(words[p * stride + i] ?? 0));
    }
  }

  multiplyAccumulate(acc: Accumulator, a: Span, b: Span): void {
    const own = this.#own(acc);
    requireWords('a', a, own.lanes.length);
    requireWords('b', b, own.lanes.length);
    const left = this.view(a);
    const right = this.view(b);
    own.lanes = own.lanes.map((lane, i) => lane + BigInt(left[i] ?? 0) * BigInt(right[i] ?? 0));
  }

  multiplyAccumulateRun(
    acc: Accumulator,
    a: Span,
    b: Span,
    count: number,
    strideA: number,
    strideB: number,
  ): void {
    const words = this.#own(acc).lanes.length;
    requireRun(a, count, strideA, words);
    requireRun(b, count, strideB, words);
    for (let i = 0; i < count; i += 1) {
      this.multiplyAccumulate(
        acc,
        this.slice(a, i * strideA, words),
        this.slice(b, i * strideB, words),
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
    const [words = 0] = sums.map((sum) => this.#own(sum).lanes.length);
    requireThreeSums(sums);
    requireRun(a, count, stride, 2 * words);
    requireRun(b, count, stride, 2 * words);
    for (let k = 0; k < count; k += 1) {
      const part = (span: Span, poly: number): Span =>
        this.slice(span, k * stride + poly * words, words);
      for (const i of [0, 1]) {
        for (const j of [0, 1]) {
          this.multiplyAccumulate(sums[i + j] ?? sums[0], part(a, i), part(b, j));
        }
      }
    }
  }

  shiftAdd(acc: Accumulator, source: Span, exponents: Uint16Array): void {
    const own = this.#own(acc);
    requireWords('source', source, own.lanes.length);
    requireExponents(exponents, this.n);
    const words = this.view(source);
    for (const e of exponents) {
      for (const [i, value] of words.entries()) {
        const place = (i % this.n) - e;
        const at = i - e + (place < 0 ? this.n : 0);
        own.lanes[at] = (own.lanes[at] ?? 0n) + BigInt(place < 0 ? -value : value);
      }
    }
  }

  reduce(acc: Accumulator, destination: Span): void {
    const own = this.#own(acc);
    requireWords('destination', destination, own.lanes.length);
    const words = this.view(destination);
    for (const [i, lane] of own.lanes.entries())
      words[i] = modulo(lane, this.#modulusOf(i, this.n));
  }

  liftResidues(poly: Span, residues: Span, primes: readonly [number, number]): void {
    requireLift(primes, this.moduli);
    requireWords('residues', residues, 2 * this.n);
    const words = this.view(residues).slice();
    const t = primes.reduce((all, prime) => all * BigInt(prime), 1n);
    const values = Array.from({ length: this.n }, (_, i) => {
      const value = fromResidues([words[i] ?? 0, words[this.n + i] ?? 0], primes);
      return 2n * value > t ? value - t : value;
    });
    this.#eachLimb('poly', poly, (limb, q) => {
      for (const [i, value] of values.entries()) limb[i] = modulo(value, q);
    });
  }

  maskPolynomial(mask: Span, exponents: Uint16Array): void {
    requireExponents(exponents, this.n);
    if (new Set(exponents).size !== exponents.length) throw repeatedExponent();
    this.#eachLimb('mask', mask, (words, q) => {
      words.fill(0);
      for (const e of exponents) words[e === 0 ? 0 : this.n - e] = e === 0 ? 1 : Number(q) - 1;
    });
  }

  maskEvaluation(mask: Span, exponents: Uint16Array): void {
    this.maskPolynomial(mask, exponents);
    this.forwardNtt(mask);
  }

  gather(source: Span, exponents: Uint16Array): Uint32Array {
    requireExponents(exponents, this.n);
    const sums: number[] = [];
    this.#eachLimb('source', source, (words, q) => {
      sums.push(
        modulo(
          [...exponents].reduce((sum, e) => sum + BigInt(words[e] ?? 0), 0n),
          q,
        ),
      );
    });
    return Uint32Array.from(sums);
  }

  add(destination: Span, a: Span, b: Span): void {
    this.#combine(destination, a, b, (x, y) => x + y);
  }

  subtract(destination: Span, a: Span, b: Span): void {
    this.#combine(destination, a, b, (x, y) => x - y);
  }

  modulusSwitch(poly: Span, limbs: number): void {
    requireInteger('limbs', limbs, 2, this.moduli.length);
    const each = poly.length / limbs;
    if (!Number.isInteger(each) || each < 1) {
      throw shapeError('poly', `${poly.length} words are not ${limbs} limbs`);
    }
    const words = this.view(poly);
    const p = BigInt(this.moduli[limbs - 1] ?? 1);
    for (let i = 0; i < each; i += 1) {
      const last = (BigInt(words[(limbs - 1) * each + i] ?? 0) + p / 2n) % p;
      for (let limb = 0; limb < limbs - 1; limb += 1) {
        const q = this.#modulusOf(limb, 1);
        const x = BigInt(words[limb * each + i] ?? 0) + p / 2n - last;
        words[limb * each + i] = modulo(x * power(p % q, Number(q) - 2, q), q);
      }
    }
  }

  #combine(destination: Span, a: Span, b: Span, f: (x: bigint, y: bigint) => bigint): void {
    requireWords('a', a, destination.length);
    requireWords('b', b, destination.length);
    limbsOf('destination', destination, this.n, this.moduli.length);
    const left = this.view(a).slice();
    const right = this.view(b).slice();
    const words = this.view(destination);
    for (const [i, value] of left.entries()) {
      words[i] = modulo(f(BigInt(value), BigInt(right[i] ?? 0)), this.#modulusOf(i, this.n));
    }
  }

  #eachLimb(what: string, poly: Span, f: (words: Uint32Array, q: bigint) => void): void {
    const limbs = limbsOf(what, poly, this.n, this.moduli.length);
    const words = this.view(poly);
    for (let limb = 0; limb < limbs; limb += 1) {
      f(words.subarray(limb * this.n, (limb + 1) * this.n), this.#modulusOf(limb, 1));
    }
  }

  /** The modulus of word i of a polynomial with `each` words a limb. */
  #modulusOf(i: number, each: number): bigint {
    return BigInt(this.moduli[Math.floor(i / each)] ?? 1);
  }

  #own(acc: Accumulator): ReferenceAccumulator {
    if (!(acc instanceof ReferenceAccumulator) || acc.ring !== this || !acc.live) {
      throw shapeError('accumulator', 'not a live accumulator of this ring');
    }
    return acc;
  }
}

const modulo = (value: bigint, q: bigint): number => Number(((value % q) + q) % q);

function power(base: bigint, exponent: number, q: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let e = BigInt(exponent); e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % q;
    square = (square * square) % q;
  }
  return result;
}

/** The polynomial at 1, w, w², …: even and odd coefficients, each at w² (Cooley and Tukey 1965). */
function evaluate(coefficients: bigint[], w: bigint, q: bigint): bigint[] {
  const size = coefficients.length;
  if (size === 1) return coefficients;
  const even = evaluate(
    coefficients.filter((_, i) => i % 2 === 0),
    (w * w) % q,
    q,
  );
  const odd = evaluate(
    coefficients.filter((_, i) => i % 2 === 1),
    (w * w) % q,
    q,
  );
  const values: bigint[] = [];
  let twiddle = 1n;
  for (let i = 0; i < size / 2; i += 1) {
    const term = (twiddle * (odd[i] ?? 0n)) % q;
    values[i] = ((even[i] ?? 0n) + term) % q;
    values[i + size / 2] = ((even[i] ?? 0n) - term + q) % q;
    twiddle = (twiddle * w) % q;
  }
  return values;
}
