/**
 * RNS arithmetic on raw limbs, Z_q[X]/(X^n + 1) with q = q_0 · … · q_{L-1}, every q_j < 2^27.
 *
 * A polynomial of L limbs is L·n words, `[limb][coefficient]`, each word a residue below its prime.
 * Data lives in memory that the backend owns, so that kernels stream it without a copy: callers
 * allocate spans, fill and read them through views, and name spans in every operation.
 *
 * Two implementations: `reference.ts` (BigInt, obvious) and `simd/` (WebAssembly). One conformance
 * suite holds them equal.
 */

/** A run of 32-bit words inside the backend's memory. Only the backend makes one. */
export interface Span {
  /** Offset in words. Accumulators and polynomials are 64-byte aligned. */
  readonly offset: number;
  /** Length in words. */
  readonly length: number;
}

/**
 * A running sum of polynomials, `limbs·n` lanes of 64 bits, kept lazily unreduced. It counts what
 * was added and reduces itself before a lane could overflow.
 */
export interface Accumulator {
  readonly limbs: number;
}

export interface Ring {
  readonly kind: 'reference' | 'wasm';
  /** Ring degree, a power of two. */
  readonly n: number;
  /** The primes, each ≡ 1 mod 2n and below 2^27. */
  readonly moduli: readonly number[];

  /** Bytes now allocated. */
  readonly allocatedBytes: number;
  allocate(words: number): Span;
  release(span: Span): void;
  /** A view of the span. Any later `allocate` may detach it: take it anew. */
  view(span: Span): Uint32Array;
  /** Part of a span. */
  slice(span: Span, offset: number, length: number): Span;

  accumulator(limbs: number): Accumulator;
  releaseAccumulator(acc: Accumulator): void;
  /** Set every lane to zero. */
  clear(acc: Accumulator): void;

  /** In place, coefficient -> evaluation (NTT) form, every limb of the polynomial. */
  forwardNtt(poly: Span): void;
  /** In place, evaluation -> coefficient form, every limb, scaled by n^-1. */
  inverseNtt(poly: Span): void;

  /** acc += Σ of `count` polynomials of acc.limbs·n words, the first at `source`, `stride` words apart. */
  addPolynomials(acc: Accumulator, source: Span, count: number, stride: number): void;
  /** acc += a ⊙ b, pointwise. Both in evaluation form, acc.limbs·n words. */
  multiplyAccumulate(acc: Accumulator, a: Span, b: Span): void;
  /** The same for `count` pairs, polynomials of acc.limbs·n words, `strideA` and `strideB` words apart. */
  multiplyAccumulateRun(
    acc: Accumulator,
    a: Span,
    b: Span,
    count: number,
    strideA: number,
    strideB: number,
  ): void;
  /**
   * Lazy sums of ciphertext products: for two runs of `count` ciphertexts (a0, a1) and (b0, b1), each
   * of two polynomials of limbs·n words one after the other, `stride` words from one ciphertext to the
   * next, sums[0] += Σ a0 ⊙ b0, sums[1] += Σ a0 ⊙ b1 + a1 ⊙ b0, sums[2] += Σ a1 ⊙ b1 (the
   * size-3 product of BGV and CKKS). All in evaluation form; three different sums of equal limbs.
   */
  tensorAccumulate(
    sums: readonly [Accumulator, Accumulator, Accumulator],
    a: Span,
    b: Span,
    count: number,
    stride: number,
  ): void;
  /** acc += X^-e · source for each exponent e in [0, n). Source in coefficient form (negacyclic). */
  shiftAdd(acc: Accumulator, source: Span, exponents: Uint16Array): void;
  /** destination = acc mod q, limb by limb; acc keeps its value. */
  reduce(acc: Accumulator, destination: Span): void;

  /**
   * poly = the polynomial with coefficients in (−t/2, t/2), t = a·b, whose residues modulo a and b are
   * the two polynomials of n words in `residues`. Coefficient form. a and b are odd primes below 2^24
   * and below every modulus, a < 2b.
   */
  liftResidues(poly: Span, residues: Span, primes: readonly [number, number]): void;

  /** mask = Σ_{e} X^-e in coefficient form, in every limb (X^-e = −X^(n−e), X^0 = 1). Exponents distinct. */
  maskPolynomial(mask: Span, exponents: Uint16Array): void;
  /** The same mask in evaluation form. */
  maskEvaluation(mask: Span, exponents: Uint16Array): void;
  /** Per limb, Σ_e source[limb][e] mod q. Source in coefficient form. */
  gather(source: Span, exponents: Uint16Array): Uint32Array;
  /** destination = a + b mod q, limb by limb; any of the three may be the same span. */
  add(destination: Span, a: Span, b: Span): void;
  /** destination = a − b mod q. */
  subtract(destination: Span, a: Span, b: Span): void;

  /**
   * Drop the last limb with rounding: round(poly / q_last) mod the primes left (BFV modulus switch).
   * `limbs` words-limbs in; the result occupies the first (limbs − 1)·n words.
   * Works on any length that is a multiple of `limbs` (an LWE constant has one word a limb).
   */
  modulusSwitch(poly: Span, limbs: number): void;
}
