/**
 * Slots of a plaintext modulo t = t1·t2, and its coefficients.
 *
 * By the Chinese remainder theorem Z_t is Z_t1 × Z_t2, and since X^n + 1 splits modulo both primes,
 * each polynomial is its n values modulo each: the ring's own number-theoretic transform with t1 and
 * t2 as moduli. Slot i is the pair of values in place i of the evaluation form. A product of
 * polynomials is the product slot by slot; the order of the slots is ours, SEAL never sees one.
 */
import { OpalineError } from '../errors/index.ts';
import { inverseMod } from '../ring/modular.ts';
import type { Ring, Span } from '../ring/ring.ts';

export class Slots implements Disposable {
  readonly n: number;
  private readonly ring: Ring;
  private readonly span: Span;
  private readonly primes: readonly [number, number];
  /** t1^-1 mod t2. */
  private readonly inverse: number;
  readonly modulus: number;

  /** @param ring of moduli t1 and t2, both below 2^24; the codec keeps a polynomial in it */
  constructor(ring: Ring) {
    const [first, second] = ring.moduli;
    if (first === undefined || second === undefined || ring.moduli.length !== 2) {
      throw new OpalineError('INTERNAL', { reason: 'slots are modulo two primes' });
    }
    this.ring = ring;
    this.n = ring.n;
    this.primes = [first, second];
    this.modulus = first * second;
    this.inverse = inverseMod(first % second, second);
    this.span = ring.allocate(2 * ring.n);
  }

  /**
   * The coefficients, in (−t/2, t/2), of the polynomial with these slots; slots past the last value
   * are 0.
   * @param values integers, |v| < t/2, at most n
   * @throws INTERNAL for too many values or one out of range: the caller has bounded them
   */
  coefficients(values: ArrayLike<bigint> | Float64Array, into: Float64Array): void {
    if (values.length > this.n) throw outOfRange();
    const residues = this.ring.view(this.span);
    const [first, second] = this.primes;
    const half = this.modulus / 2;
    residues.fill(0);
    for (let i = 0; i < values.length; i += 1) {
      const value = Number(values[i]);
      if (!Number.isInteger(value) || Math.abs(value) >= half) {
        residues.fill(0);
        throw outOfRange();
      }
      residues[i] = modulo(value, first);
      residues[this.n + i] = modulo(value, second);
    }
    this.interpolate(into);
  }

  /**
   * The coefficients' residues modulo t1, then modulo t2, of the polynomial with slots of 1 at `rows`
   * and 0 elsewhere; valid until the next call.
   */
  indicator(rows: Uint16Array): Span {
    const residues = this.ring.view(this.span);
    residues.fill(0);
    for (const row of rows) {
      residues[row] = 1;
      residues[this.n + row] = 1;
    }
    this.ring.inverseNtt(this.span);
    return this.span;
  }

  private interpolate(into: Float64Array): void {
    this.ring.inverseNtt(this.span);
    const residues = this.ring.view(this.span);
    for (let i = 0; i < this.n; i += 1) {
      into[i] = this.join(residues[i] ?? 0, residues[this.n + i] ?? 0);
    }
  }

  /** Σ of the slots, each in (−t/2, t/2). @param write puts all coefficients' residues modulo t1, then modulo t2 */
  totalOf(write: (residues: Uint32Array) => void): bigint {
    write(this.ring.view(this.span));
    this.ring.forwardNtt(this.span);
    const values = this.ring.view(this.span);
    let sum = 0n;
    for (let i = 0; i < this.n; i += 1) {
      sum += BigInt(this.join(values[i] ?? 0, values[this.n + i] ?? 0));
    }
    return sum;
  }

  /** Overwrite what the last call left. */
  wipe(): void {
    this.ring.view(this.span).fill(0);
  }

  [Symbol.dispose](): void {
    this.ring.release(this.span);
  }

  /** The integer in (−t/2, t/2) with these residues: Garner, exact, since products stay below 2^48. */
  private join(a: number, b: number): number {
    const [first, second] = this.primes;
    const difference = b >= a ? b - a : b - a + 2 * second;
    const value = a + first * (((difference % second) * this.inverse) % second);
    return value > this.modulus / 2 ? value - this.modulus : value;
  }
}

const modulo = (value: number, prime: number): number => {
  const remainder = value % prime;
  return remainder < 0 ? remainder + prime : remainder;
};

function outOfRange(): OpalineError {
  return new OpalineError('INTERNAL', {
    reason: 'a value is not an integer below half the plaintext modulus',
  });
}
