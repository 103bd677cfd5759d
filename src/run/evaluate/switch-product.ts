import { inverseMod, multiplyMod } from '../../ring/modular.ts';
import type { Ring, Span } from '../../ring/ring.ts';

/**
 * A polynomial of a BGV ciphertext, [limb][place] in evaluation form, switched down to `limbs` primes.
 *
 * BGV's rule, (c − t·ρ)/p with ρ ≡ c/t mod p (params/product-noise.ts, step 5), is BFV's rule, rounding,
 * applied to c/t: t·round((c/t)/p) ≡ (c − t·ρ)/p mod q'. So it is divided by t, rounded as often as
 * primes go, and multiplied by t again (Alperin-Sheriff and Peikert, CRYPTO 2013, section 2.2, turn
 * least and most significant encodings into each other so).
 */
export function switchProduct(
  ring: Ring,
  plainPrimes: readonly number[],
  polynomial: Uint32Array,
  limbs: number,
): Uint32Array {
  const { n, moduli } = ring;
  const all = moduli.length;
  if (limbs === all) return polynomial;
  const t = moduli.map((q) => plainPrimes.reduce((value, p) => multiplyMod(value, p % q, q), 1));
  const span = ring.allocate(polynomial.length);
  const first = (count: number): Span => ring.slice(span, 0, count * n);
  try {
    ring.view(span).set(polynomial);
    const inverses = t.map((value, limb) => inverseMod(value, moduli[limb]!));
    scale(ring, span, inverses);
    ring.inverseNtt(span);
    for (let left = all; left > limbs; left--) ring.modulusSwitch(first(left), left);
    ring.forwardNtt(first(limbs));
    scale(ring, first(limbs), t.slice(0, limbs));
    return ring.view(first(limbs)).slice();
  } finally {
    ring.release(span);
  }
}

/** poly = poly times a constant modulo each prime. */
function scale(ring: Ring, poly: Span, constants: readonly number[]): void {
  const sum = ring.accumulator(constants.length);
  const factor = ring.allocate(poly.length);
  try {
    const words = ring.view(factor);
    constants.forEach((constant, limb) => {
      words.fill(constant, limb * ring.n, (limb + 1) * ring.n);
    });
    ring.multiplyAccumulate(sum, poly, factor);
    ring.reduce(sum, poly);
  } finally {
    ring.release(factor);
    ring.releaseAccumulator(sum);
  }
}
