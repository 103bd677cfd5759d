/**
 * Worst-case bounds of the `sum` preset: when does an encrypted sum surely decrypt to the right
 * value? Exact integer arithmetic, nothing statistical.
 *
 * Notation: q = product of the L data primes, q' = product of the first L' that are left after
 * modulus switching, t = 2^k, s the ternary secret, [·]_0 the constant coefficient, H the number of
 * non-zero coefficients of the mask (selected rows, padding included where the mask covers it).
 *
 * 1. Fresh row. SEAL's symmetric encryption of v gives c0 + c1·s = −e + ⌊q·m/t⌉ with m = v mod t
 *    (native/src/seal/util/rlwe.cpp, encrypt_zero_symmetric; scalingvariant.cpp,
 *    multiply_add_plain_with_scaling_variant, which rounds the exact q·m/t). For v < 0 it is
 *    m = v + t, and ⌊q(v + t)/t⌉ = ⌊q·v/t⌉ + q: nothing is lost by the wrap. |e| ≤ 21, because
 *    sample_poly_cbd subtracts two Hamming weights of 21 bits. So c0 + c1·s ≡ q·v/t + ε mod q
 *    coefficient by coefficient, |ε| ≤ 21 + 1/2, against the exact rational q·v/t: the remainder
 *    q mod t, which a ⌊q/t⌋·m encoding multiplies by the rows, does not occur.
 * 2. Masked sum. The mask Σ_{i∈S} X^-i has coefficients ±1, and the constant coefficient of
 *    mask · row polynomial takes each selected coefficient once with factor +1. Hence
 *    [c0 + c1·s]_0 ≡ q·Σv/t + E with |E| ≤ 21.5·H. The complement path subtracts ciphertexts of the
 *    same rows, so what is left is the same combination and the same bound.
 * 3. Each modulus switch replaces c_j by ⌊c_j/p⌉ (rns.cpp, divide_and_round_q_last), off by at most
 *    1/2 a coefficient. In c0 + c1·s that is at most 1/2 + ‖s‖₁/2 ≤ (n + 1)/2, and it divides what
 *    was there by p. After the last switch: |E'| ≤ 21.5·H·q'/q + (n + 1)/2·(1 + 1/p + 1/(p·p') + …),
 *    the sum over the earlier switches. Every prime is ≡ 1 mod 2n, so p ≥ 2n + 1 and those terms
 *    are less than (n + 1)/2 · 1/(2n) < 0.29 together (n ≥ 8).
 * 4. Decryption. SEAL computes ⌊γ·t·x/q'⌋ − α modulo γ and t, 0 ≤ α < L', for a prime γ > 2^60
 *    (rns.cpp, decrypt_scale_and_round, after Bajard, Eynard, Hasan and Zucca, SAC 2016, lemma 1);
 *    the answer is right when |E'| + L'·q'/(γ·t) < q'/(2t). `checkParameters` holds L·q/(γ·t) ≤ 1/8.
 *
 * With H ≥ 1, 21.5·H + 1/8 < 22·H, and 21.5·H·q'/q + (n + 1)/2 + 0.29 + 1/8 < 22·H·q'/q + (n + 2)/2.
 * Therefore
 *
 *     22·H < q/(2t)                          no prime dropped,
 *     22·H·q'/q + (n + 2)/2 < q'/(2t)        after switching to q'
 *
 * suffice, together with |Σv| < t/2 (packing.ts) so that the residue mod t names one signed value.
 */
import { OpalineError } from '../errors/index.ts';
import { product } from '../ring/residues.ts';
import type { Parameters } from './parameters.ts';

const NOISE_PER_ROW = 22n;

/** numerator / denominator, denominator positive, not necessarily in lowest terms. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export interface NoiseBound {
  /** The noise cannot be larger. */
  readonly bound: Fraction;
  /** Decryption is right when the bound is below this. */
  readonly limit: Fraction;
  readonly holds: boolean;
}

/**
 * The bound and the limit for a sum whose masks have `rows` non-zero coefficients in all, replied
 * with `limbs` primes left.
 */
export function noiseBound(parameters: Parameters, rows: number, limbs: number): NoiseBound {
  const h = BigInt(rows);
  const all = parameters.dataPrimes.length;
  const q = product(parameters.dataPrimes);
  const left = product(parameters.dataPrimes.slice(0, limbs));
  const limit = { numerator: left, denominator: 2n << BigInt(parameters.plainBits) };
  const bound =
    limbs === all
      ? { numerator: NOISE_PER_ROW * h, denominator: 1n }
      : {
          numerator: 2n * NOISE_PER_ROW * h * left + BigInt(parameters.n + 2) * q,
          denominator: 2n * q,
        };
  return { bound, limit, holds: isBelow(bound, limit) };
}

/** Most rows a sum may select for a reply of `limbs` primes: 0 where not even an empty one fits. */
export function maxRows(parameters: Parameters, limbs: number): number {
  if (!noiseBound(parameters, 0, limbs).holds) return 0;
  const q = product(parameters.dataPrimes);
  const left = product(parameters.dataPrimes.slice(0, limbs));
  const t2 = 2n << BigInt(parameters.plainBits);
  // 22·H·left/q + c/2 < left/2t  ⇔  44·H·left·t < q·(left − c·t), c = n + 2, or 0 unswitched.
  const c = limbs === parameters.dataPrimes.length ? 0n : BigInt(parameters.n + 2);
  const room = q * (2n * left - c * t2) - 1n;
  const rows = room / (2n * NOISE_PER_ROW * left * t2);
  return rows > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(rows);
}

/**
 * The fewest limbs in which a sum over `rows` rows surely decrypts: the smallest reply.
 *
 * @throws NOISE_BOUND when no number of limbs suffices
 */
export function fewestLimbs(parameters: Parameters, rows: number): number {
  const all = parameters.dataPrimes.length;
  for (let limbs = 1; limbs <= all; limbs += 1) {
    if (noiseBound(parameters, rows, limbs).holds) return limbs;
  }
  const { bound, limit } = noiseBound(parameters, rows, all);
  throw new OpalineError('NOISE_BOUND', { rows, bound: print(bound), limit: print(limit) });
}

const isBelow = (a: Fraction, b: Fraction): boolean =>
  a.numerator * b.denominator < b.numerator * a.denominator;

/** Rounded up: a bound may be shown larger, never smaller; a limit is shown as the next integer. */
const print = ({ numerator, denominator }: Fraction): string =>
  ((numerator + denominator - 1n) / denominator).toString();
