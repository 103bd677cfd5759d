/**
 * Worst-case bounds of the `threshold` preset: when do flooded partial decryptions surely add up to the right
 * sum? Exact integer arithmetic, in the notation of noise.ts; p is the special prime, s = Σ s_j the sum of the m
 * ternary secrets of the division, and T its quorum.
 *
 * 1. Fresh row. SEAL encrypts zero under the public key (−(a·s + e), a) at the key level, with a ternary u and
 *    errors e0 and e1, and divides by p (rlwe.cpp, encrypt_zero_internal): c0 + c1·s is
 *    (−e·u + e0 + e1·s)/p and what rounding both polynomials adds, then ⌊q·v/t⌉ is added. |e| ≤ 21·m,
 *    |e0|, |e1| ≤ 21 and ‖s‖₁ ≤ m·n. Against q·v/t that is at most
 *    21·(2·m·n + 1)/p + (1 + m·n)/2 + 1/2, and below m·n/2 + 2 as long as 21·(2·m·n + 1) ≤ p.
 * 2. A masked sum of H rows has at most H times that (noise.ts, 2).
 * 3. Switched to q': times q'/q, and (m·n + 1)/2·(1 + 1/p' + …) of rounding, the later terms below
 *    (m·n + 1)/2 · 1/(2n) ≤ (m + 1)/4 together: at most m·n/2 + m + 1. Call the whole B_C, rounded up.
 * 4. Flooding. Each custodian adds e_i, uniform in [−B, B] with B = 2^(λ+1)·n·B_C. A shift by |δ| ≤ B_C moves
 *    that distribution by a statistical distance of |δ|/(2B + 1) < 2^-(λ+2)/n (the smudging lemma of Asharov, Jain,
 *    López-Alt, Tromer, Vaikuntanathan and Wichs, EUROCRYPT 2012, section 2): whoever holds the other shares of
 *    the quorum can simulate the partial from the sum alone, and k partials by k times that. The quorum is known
 *    when a partial is made, so that the Lagrange coefficient is inside and does not scale e_i (Mouchet, Bertrand and
 *    Hubaux, J. Cryptology 36, 2023); otherwise denominators would have to be cleared (Boneh, Gennaro, Goldfeder,
 *    Jain, Kim, Rasmussen and Sahai, CRYPTO 2018, section 5).
 * 5. The fused residue is q'·Σv/t + E with |E| ≤ B_C + T·B, and rounding t·x/q' over the integers is exact for
 *    |E| < q'/(2t).
 * 6. Columns that verify sums are encrypted under the same key, modulo a prime t below 2^48. Of an odd t SEAL's
 *    rounding of q·v/t is off by 1/2 + 1/(2t), and 1 has the room: 21·(2·m·n + 1) is no prime, so it is not p,
 *    and its quotient by p falls short of 1 by 1/p ≥ 1/(2t). Nothing else depends on t before 5, whose limit is
 *    larger than that of 2^48. So flooding is that of sums, and a check fuses wherever its sum does, in as many limbs.
 */
import { OpalineError } from '../errors/index.ts';
import { product } from '../ring/residues.ts';
import type { NoiseBound } from './noise.ts';
import type { CheckParameters, Division, Parameters } from './parameters.ts';
import { plainModulus } from './plain-modulus.ts';

/** Of sums under a divided key, or of columns that verify them. */
export type DividedParameters = Parameters | CheckParameters;

/** λ: bits of statistical security of one partial decryption. */
export const FLOOD_BITS = 64;

/** Of a division without one: a single key. @throws PARAMETERS_INVALID */
export function divisionOf({ division }: DividedParameters): Division {
  if (division !== undefined) return division;
  throw new OpalineError('PARAMETERS_INVALID', { reason: 'the key of these parameters is whole' });
}

/** The error of one row under a public key is at most this. @throws PARAMETERS_INVALID */
export function rowNoise(parameters: DividedParameters): bigint {
  const mn = BigInt(divisionOf(parameters).parties) * BigInt(parameters.n);
  if (21n * (2n * mn + 1n) > BigInt(parameters.specialPrime)) {
    throw new OpalineError('PARAMETERS_INVALID', {
      reason: 'the special prime is too small for so many parties',
    });
  }
  return mn / 2n + 2n;
}

/** B_C: the error of a sum over `rows` rows, replied with `limbs` primes left, is at most this. */
export function sumNoise(parameters: DividedParameters, rows: number, limbs: number): bigint {
  const { n, dataPrimes } = parameters;
  const full = BigInt(rows) * rowNoise(parameters);
  if (limbs === dataPrimes.length) return full;
  const m = BigInt(divisionOf(parameters).parties);
  const dropped = product(dataPrimes.slice(limbs));
  return (full + dropped - 1n) / dropped + (m * BigInt(n)) / 2n + m + 1n;
}

/** B: the flooding noise of a partial decryption of that sum is uniform in [−B, B]. */
export function floodBound(parameters: DividedParameters, rows: number, limbs: number): bigint {
  const most = sumNoise(parameters, Math.max(1, rows), limbs);
  return (BigInt(parameters.n) * most) << BigInt(FLOOD_BITS + 1);
}

/** The bound of the fused error, and the limit below which the sum is surely right. */
export function thresholdNoise(
  parameters: DividedParameters,
  rows: number,
  limbs: number,
): NoiseBound {
  const quorum = BigInt(divisionOf(parameters).quorum);
  const error =
    sumNoise(parameters, Math.max(1, rows), limbs) + quorum * floodBound(parameters, rows, limbs);
  const left = product(parameters.dataPrimes.slice(0, limbs));
  const denominator = 2n * plainModulus(parameters);
  return {
    bound: { numerator: error, denominator: 1n },
    limit: { numerator: left, denominator },
    holds: error * denominator < left,
  };
}

/**
 * The fewest limbs in which partial decryptions of a sum over `rows` rows surely fuse: the smallest reply.
 *
 * @throws NOISE_BOUND when no number of limbs suffices
 */
export function fewestThresholdLimbs(parameters: DividedParameters, rows: number): number {
  const all = parameters.dataPrimes.length;
  for (let limbs = 1; limbs <= all; limbs += 1) {
    if (thresholdNoise(parameters, rows, limbs).holds) return limbs;
  }
  const { bound, limit } = thresholdNoise(parameters, rows, all);
  throw new OpalineError('NOISE_BOUND', {
    rows,
    bound: bound.numerator.toString(),
    limit: (limit.numerator / limit.denominator + 1n).toString(),
  });
}
