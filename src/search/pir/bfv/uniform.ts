import { wordsOf } from '../../../bytes/codec.ts';
import { chacha20Stream } from '../../../bytes/chacha20.ts';
import { PRIME_BITS, PRIMES, RING_DEGREE } from './parameters.ts';

/** Bytes drawn at once. */
const DRAW = 65_536;
const MASK = 2 ** PRIME_BITS - 1;

/**
 * The second polynomials of a query's ciphertexts, in evaluation form: uniform residues from ChaCha20's keystream under
 * a public seed, by rejection. [block][limb][n].
 */
export function uniformPolynomials(seed: Uint8Array, blocks: number): Uint32Array {
  const fill = chacha20Stream(seed);
  const bytes = new Uint8Array(DRAW);
  const out = new Uint32Array(blocks * PRIMES.length * RING_DEGREE);
  let words: Uint32Array = new Uint32Array(0);
  let next = 0;
  for (let limb = 0, i = 0; i < out.length; limb++) {
    const prime = PRIMES[limb % PRIMES.length]!;
    for (const end = i + RING_DEGREE; i < end;) {
      if (next === words.length) {
        fill(bytes);
        words = wordsOf(bytes);
        next = 0;
      }
      const residue = words[next++]! & MASK;
      if (residue < prime) out[i++] = residue;
    }
  }
  return out;
}
