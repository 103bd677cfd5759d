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
    ring.inverseNtt(span);
    const words = ring.view(span);
    moduli.forEach((q, limb) => scale(words, limb * n, n, inverseMod(t[limb]!, q), q));
    for (let left = all; left > limbs; left--) ring.modulusSwitch(first(left), left);
    for (let limb = 0; limb < limbs; limb++) scale(words, limb * n, n, t[limb]!, moduli[limb]!);
    ring.forwardNtt(first(limbs));
    return words.slice(0, limbs * n);
  } finally {
    ring.release(span);
  }
}

function scale(words: Uint32Array, at: number, count: number, factor: number, q: number): void {
  for (let i = at; i < at + count; i++) words[i] = multiplyMod(words[i]!, factor, q);
}
