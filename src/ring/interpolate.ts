import { OpalineError } from '../errors/index.ts';
import { inverseMod, multiplyMod } from './modular.ts';

/**
 * The Lagrange coefficient at 0 of point `at` among `points`, modulo a prime below 2^27: a polynomial f of degree
 * below the number of points has f(0) = Σ_i λ_i·f(points[i]).
 *
 * @param points distinct, from 1 to below the prime, `at` among them
 * @throws INTERNAL for points that are not
 */
export function lagrangeAtZero(points: readonly number[], at: number, prime: number): number {
  const fits = points.every((x) => Number.isInteger(x) && x >= 1 && x < prime);
  if (!fits || new Set(points).size !== points.length || !points.includes(at)) {
    throw new OpalineError('INTERNAL', { reason: 'these points cannot be interpolated' });
  }
  let numerator = 1;
  let denominator = 1;
  for (const x of points) {
    if (x === at) continue;
    // λ = Π x/(x − at)
    numerator = multiplyMod(numerator, x, prime);
    denominator = multiplyMod(denominator, (x - at + prime) % prime, prime);
  }
  return multiplyMod(numerator, inverseMod(denominator, prime), prime);
}

/** Σ_k coefficients[k]·x^k modulo a prime below 2^27 (Horner); coefficients and x are residues. */
export function evaluateAt(coefficients: readonly number[], x: number, prime: number): number {
  return coefficients.reduceRight((sum, c) => (multiplyMod(sum, x, prime) + c) % prime, 0);
}
