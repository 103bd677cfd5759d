import { OpalineError } from '../../errors/opaline-error.ts';
import { MOST_CUSTODIANS } from '../../params/check.ts';
import { evaluateAt } from '../../ring/interpolate.ts';
import { uniformResidues } from './uniform.ts';

/**
 * Shares of a polynomial, prime by prime and coefficient by coefficient (Shamir, CACM 1979): share i is
 * f_i = s + Σ_{k<t} r_k·i^k with uniform r_k, for i from 1 to `count`. Fewer than `threshold` shares are uniform
 * and independent of the polynomial; any `threshold` of them give it by `lagrangeAtZero`.
 *
 * @param secret `primes.length·n` residues, [limb][coefficient]
 * @throws PARAMETERS_INVALID unless 2 ≤ threshold ≤ count ≤ 64
 */
export function sharePolynomial(
  secret: Uint32Array,
  primes: readonly number[],
  threshold: number,
  count: number,
): Uint32Array[] {
  if (!isDivision(threshold, count)) {
    throw new OpalineError('PARAMETERS_INVALID', {
      reason: `a key is divided among 2 to ${MOST_CUSTODIANS}, of whom 2 or more are needed`,
    });
  }
  const n = secret.length / primes.length;
  const shares = Array.from({ length: count }, () => new Uint32Array(secret.length));
  const random = Array.from({ length: threshold - 1 }, () => uniformResidues(n, primes));
  for (const [limb, prime] of primes.entries()) {
    for (let i = limb * n; i < (limb + 1) * n; i += 1) {
      const polynomial = [secret[i]!, ...random.map((one) => one[i]!)];
      for (const [s, share] of shares.entries()) share[i] = evaluateAt(polynomial, s + 1, prime);
    }
  }
  for (const one of random) one.fill(0);
  return shares;
}

function isDivision(threshold: number, count: number): boolean {
  const whole = Number.isInteger(threshold) && Number.isInteger(count);
  return whole && threshold >= 2 && threshold <= count && count <= MOST_CUSTODIANS;
}
