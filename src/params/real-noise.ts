/**
 * Worst-case error of the `real` preset: how far can a decrypted slot be from the number that it
 * stands for? Exact integer arithmetic, nothing statistical.
 *
 * Notation: as in noise.ts; Δ = 2^scaleBits; φ(c) = Σ c_j·s^j mod q the phase of a ciphertext, the
 * representative in (−q/2, q/2); ‖a‖ the largest |a(ζ)| over the primitive 2n-th roots of unity ζ, the
 * canonical norm (Cheon, Kim, Kim and Song, ASIACRYPT 2017, section 2.2): it is sub-multiplicative, bounds
 * every coefficient (a coefficient is a mean of a(ζ)·ζ^-k), and of a polynomial of coefficients of at
 * most B it is at most n·B.
 *
 * 0. Secret. ‖s‖ ≤ SECRET_NORM: keys/real-secret.ts draws no other. |s(ζ)|² of a uniform ternary s is on
 *    average 2n/3, and above 512² at some root with a probability of about n/2·exp(−3·512²/2n) < 2^-57,
 *    so that nothing is lost of the secret, and 2^4 of every power of s in the bound.
 * 1. Encoding x with |x| ≤ 1: coefficients are those of Δ·x rounded, off by at most 1/2: n/2 in a slot.
 *    SEAL computes them in doubles. By Higham, Accuracy and Stability of Numerical Algorithms (2nd
 *    edition), theorem 24.2, the error of a Fourier transform is in the 2-norm at most
 *    log2(n)·(μ + γ_4·(√2 + μ)) of the result's, with twiddles that are off by μ ≤ 2^-51, less than
 *    2^-46 for n ≤ 2^15; from the 2-norm of coefficients to a slot it is √n ≤ 2^7.5: 2^-38 of Δ.
 * 2. Encryption adds e with |e| ≤ 21 (noise.ts): 21·n in a slot. A fresh slot is off by less than
 *    22·n + 2^-38·Δ; a value that was no double by 2^-52 of Δ more.
 * 3. A sum Σ W_j·c_j + C of whole numbers W_j: Σ|W_j| times that. W_j stands for a real number within
 *    1/2, and so does C: Δ/2 for each column, and 1/2.
 * 4. y³ + B2·y² + B1·y by tensor products, without relinearisation: the phase of the size-4 ciphertext
 *    is that polynomial of y's phase. With |φ| ≤ A and an error of e1 in it, it is off by at most
 *    3·A²·e1 + |B2|·2·A·e1 + |B1|·e1, and B2 and B1, rounded, by A²/2 + A/2 more.
 * 5. Modulus switching by a prime p replaces c_j by ⌊c_j/p⌉, off by at most 1/2 a coefficient, n/2 in a
 *    slot: the phase is divided by p and off by n/2·Σ‖s‖^j. After several, by at most
 *    n/2·Σ‖s‖^j·(1 + 1/n), as in noise.ts.
 * 6. Decryption is exact while the phase stays below q'/2; decoding is 2^-38 of the largest value.
 */
import { OpalineError } from '../errors/index.ts';
import { product } from '../ring/residues.ts';
import type { Fraction, NoiseBound } from './noise.ts';
import type { RealParameters } from './parameters.ts';

/** Most that |s(ζ)| may be. */
export const SECRET_NORM = 512;
/** 21 and 1/2, and room to spare. */
const FRESH = 22n;
/** Transforms in doubles are right up to 2^-38 of the largest value. */
const DOUBLES = 38n;
/** A value is a double within 2^-52 of itself. */
const VALUE = 52n;

/** What is known of a phase before modulus switching, slot by slot: whole numbers, rounded up. */
export interface PhaseBound {
  /** Largest |value| it should have. */
  readonly signal: bigint;
  /** Farthest that it may be from there. */
  readonly error: bigint;
}

export interface RealNoise extends NoiseBound {
  /** Error of a decoded slot, in units of the phase before modulus switching. */
  readonly error: Fraction;
}

/** Steps 1 to 3: Σ W_j·x_j + C for columns of values of at most 1. */
export function linearPhase(
  { n, scaleBits }: RealParameters,
  weights: readonly bigint[],
  constant: bigint,
): PhaseBound {
  const scale = 1n << BigInt(scaleBits);
  const fresh = FRESH * BigInt(n) + shiftUp(scale, DOUBLES) + shiftUp(scale, VALUE);
  const total = weights.reduce((sum, weight) => sum + abs(weight), 0n);
  return {
    signal: total * scale + abs(constant),
    error: total * fresh + half(BigInt(weights.length) * scale + 1n),
  };
}

/** Step 4, of the phase of y. */
export function cubicPhase(y: PhaseBound, square: bigint, itself: bigint): PhaseBound {
  const most = y.signal + y.error;
  const [b2, b1] = [abs(square), abs(itself)];
  return {
    signal: most ** 3n + b2 * most ** 2n + b1 * most,
    error: (3n * most ** 2n + 2n * b2 * most + b1) * y.error + half(most ** 2n) + half(most),
  };
}

/** Steps 5 and 6: of a reply of so many polynomials (2, or 4 of a cubic) with `limbs` primes left. */
export function realNoise(
  { n, dataPrimes }: RealParameters,
  phase: PhaseBound,
  polynomials: 2 | 4,
  limbs: number,
): RealNoise {
  const q = product(dataPrimes);
  const left = product(dataPrimes.slice(0, limbs));
  const switched = limbs === dataPrimes.length ? 0n : switching(n, polynomials);
  // (signal + error)·left/q + switched < left/2.
  const bound = {
    numerator: (phase.signal + phase.error) * left + switched * q,
    denominator: q,
  };
  const limit = { numerator: left, denominator: 2n };
  const holds = bound.numerator * limit.denominator < limit.numerator * bound.denominator;
  const decoding = shiftUp(phase.signal, DOUBLES);
  const error = { numerator: (phase.error + decoding) * left + switched * q, denominator: left };
  return { bound, limit, holds, error };
}

/**
 * The fewest limbs of a reply that decrypts and is off by no more than three times what it would be at
 * full modulus: a limb more would be half as large a reply again.
 *
 * @throws NOISE_BOUND when no number of limbs suffices
 */
export function fewestRealLimbs(
  parameters: RealParameters,
  phase: PhaseBound,
  polynomials: 2 | 4,
): number {
  const all = parameters.dataPrimes.length;
  const full = realNoise(parameters, phase, polynomials, all);
  for (let limbs = 1; limbs <= all; limbs += 1) {
    const { holds, error } = realNoise(parameters, phase, polynomials, limbs);
    const near =
      error.numerator * full.error.denominator <= 3n * full.error.numerator * error.denominator;
    if (holds && near) return limbs;
  }
  throw new OpalineError('NOISE_BOUND', {
    rows: 1,
    bound: (full.bound.numerator / full.bound.denominator + 1n).toString(),
    limit: (full.limit.numerator / full.limit.denominator).toString(),
  });
}

/** n/2·Σ‖s‖^j·(1 + 1/n), rounded up. */
function switching(n: number, polynomials: 2 | 4): bigint {
  let powers = 0n;
  for (let j = 0; j < polynomials; j += 1) powers += BigInt(SECRET_NORM) ** BigInt(j);
  return half(powers * BigInt(n + 1));
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const half = (value: bigint): bigint => (value + 1n) / 2n;
/** value/2^bits, rounded up. */
const shiftUp = (value: bigint, bits: bigint): bigint => (value + (1n << bits) - 1n) >> bits;
