import { wordsOf } from '../../bytes/codec.ts';
import { randomBytes } from '../../bytes/random.ts';

/** Primes are below 2^27. */
const WORD_MASK = (1 << 27) - 1;
const WORDS_AT_ONCE = 16_384;

/**
 * n uniform residues modulo each prime, [limb][coefficient], by rejection of 27-bit words.
 *
 * @param random fills bytes: the platform's CSPRNG, or the expansion of a public seed
 */
export function uniformResidues(
  n: number,
  primes: readonly number[],
  random: (length: number) => Uint8Array = randomBytes,
): Uint32Array {
  const residues = new Uint32Array(primes.length * n);
  let at = 0;
  while (at < residues.length) {
    const bytes = random(4 * WORDS_AT_ONCE);
    for (const word of wordsOf(bytes)) {
      if (at === residues.length) break;
      const residue = word & WORD_MASK;
      if (residue < primes[Math.floor(at / n)]!) residues[at++] = residue;
    }
    bytes.fill(0);
  }
  return residues;
}
