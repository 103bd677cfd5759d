/**
 * The checks that both rings share: degrees and moduli, span lengths, exponents.
 *
 * A wrong shape is a defect of the caller (INTERNAL); an exponent may come from a row set that was
 * read off the wire (BYTES_INVALID).
 */
import { OpalineError } from '../errors/index.ts';
import { isPrime } from './modular.ts';
import type { Accumulator, Span } from './ring.ts';

/** Moduli stay below 2^27: the lazy bounds of the kernels rest on it. */
export const MODULUS_LIMIT: number = 2 ** 27;
const DEGREE_LIMIT = 2 ** 15;
const LIMBS_LIMIT = 16;

/**
 * Refuse a degree or moduli that the kernels' bounds do not cover.
 *
 * @throws PARAMETERS_INVALID unless n is a power of two in [8, 2^15] and the moduli are 1 to 16
 *   distinct primes below 2^27, each ≡ 1 mod 2n.
 */
export function checkRing(n: number, moduli: readonly number[]): void {
  if (!Number.isInteger(n) || n < 8 || n > DEGREE_LIMIT || (n & (n - 1)) !== 0) {
    throw new OpalineError('PARAMETERS_INVALID', {
      reason: `the ring degree must be a power of two from 8 to ${DEGREE_LIMIT}`,
    });
  }
  if (moduli.length < 1 || moduli.length > LIMBS_LIMIT) {
    throw new OpalineError('PARAMETERS_INVALID', {
      reason: `1 to ${LIMBS_LIMIT} moduli are needed`,
    });
  }
  if (new Set(moduli).size !== moduli.length) {
    throw new OpalineError('PARAMETERS_INVALID', { reason: 'the moduli must be distinct' });
  }
  for (const q of moduli) {
    if (!(q < MODULUS_LIMIT) || q % (2 * n) !== 1 || !isPrime(q)) {
      throw new OpalineError('PARAMETERS_INVALID', {
        reason: `modulus ${q} is not a prime below 2^27 that is 1 modulo ${2 * n}`,
      });
    }
  }
}

export function shapeError(what: string, reason: string): OpalineError<'INTERNAL'> {
  return new OpalineError('INTERNAL', { reason: `ring: ${what}: ${reason}` });
}

/** Limbs of a polynomial span: its length over n. Throws INTERNAL unless whole and within 1..most. */
export function limbsOf(what: string, span: Span, n: number, most: number): number {
  const limbs = span.length / n;
  if (!Number.isInteger(limbs) || limbs < 1 || limbs > most) {
    throw shapeError(what, `a span of ${span.length} words is not 1 to ${most} limbs of ${n}`);
  }
  return limbs;
}

/** Throws INTERNAL unless the span has exactly `words` words. */
export function requireWords(what: string, span: Span, words: number): void {
  if (span.length !== words) {
    throw shapeError(what, `a span of ${span.length} words where ${words} are needed`);
  }
}

/** Throws INTERNAL unless value is an integer from low to high. */
export function requireInteger(what: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw shapeError(what, `${value} is not an integer from ${low} to ${high}`);
  }
}

/** Throws BYTES_INVALID unless every exponent is below n. */
export function requireExponents(exponents: Uint16Array, n: number): void {
  let most = 0;
  for (let i = 0; i < exponents.length; i += 1) most = Math.max(most, exponents[i] ?? 0);
  if (most >= n) {
    throw new OpalineError('BYTES_INVALID', {
      what: 'a set of coefficients',
      reason: `holds ${most}, and the ring has ${n}`,
    });
  }
}

/** The error both rings give for a mask that names a coefficient twice. */
export function repeatedExponent(): OpalineError<'BYTES_INVALID'> {
  return new OpalineError('BYTES_INVALID', {
    what: 'a set of coefficients',
    reason: 'names one twice',
  });
}

/** Throws INTERNAL unless `count` polynomials of `words` words, `stride` apart, fit in the source. */
export function requireRun(source: Span, count: number, stride: number, words: number): void {
  requireInteger('count', count, 0, Number.MAX_SAFE_INTEGER);
  if (count === 0) return;
  requireInteger('stride', stride, count === 1 ? 0 : words, Number.MAX_SAFE_INTEGER);
  if ((count - 1) * stride + words > source.length) {
    throw shapeError('source', `${count} polynomials do not fit in ${source.length} words`);
  }
}

/** Throws INTERNAL unless residues modulo these primes can be lifted to these moduli (ring.ts). */
export function requireLift([a, b]: readonly [number, number], moduli: readonly number[]): void {
  const most = Math.max(a, b);
  const small = isPrime(a) && isPrime(b) && a !== 2 && b !== 2 && most < 2 ** 24;
  if (!small || a === b || a >= 2 * b || moduli.some((q) => q <= most)) {
    throw shapeError('primes', `${a} and ${b} cannot be lifted from`);
  }
}

/** Throws INTERNAL unless the three sums are different and have equally many limbs. */
export function requireThreeSums(sums: readonly Accumulator[]): void {
  if (new Set(sums).size !== 3) throw shapeError('sums', 'three different ones are needed');
  if (new Set(sums.map((sum) => sum.limbs)).size !== 1) throw shapeError('sums', 'differ in limbs');
}
