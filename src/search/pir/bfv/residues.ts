import { wordBytes, wordsOf } from '../../../bytes/codec.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { PRIME_BITS } from './parameters.ts';

/** Residues below 2^27 in 27 bits each: bit b of the sequence is bit b & 7 of byte b >>> 3. */
export const packedBytes = (residues: number): number => Math.ceil((residues * PRIME_BITS) / 8);

const MASK = 2 ** PRIME_BITS - 1;
/** Words that so many residues touch, and one more to read past. */
const wordCount = (residues: number): number => ((residues * PRIME_BITS + 31) >>> 5) + 1;

export function packResidues(residues: Uint32Array, out: Uint8Array, at: number): void {
  const words = new Uint32Array(wordCount(residues.length));
  for (let i = 0, bit = 0; i < residues.length; i++, bit += PRIME_BITS) {
    const word = bit >>> 5;
    const shift = bit & 31;
    words[word]! |= residues[i]! << shift;
    if (shift + PRIME_BITS > 32) words[word + 1]! |= residues[i]! >>> (32 - shift);
  }
  out.set(wordBytes(words).subarray(0, packedBytes(residues.length)), at);
}

/**
 * A run of `each` residues for each prime, below it.
 * @throws BYTES_INVALID naming `what`
 */
export function unpackResidues(
  packed: Uint8Array,
  each: number,
  primes: readonly number[],
  what: string,
): Uint32Array {
  const count = each * primes.length;
  if (packed.length !== packedBytes(count)) invalid(what, 'of the wrong length');
  const padded = new Uint8Array(4 * wordCount(count));
  padded.set(packed);
  const words = wordsOf(padded);
  const out = new Uint32Array(count);
  let bit = 0;
  for (let limb = 0, i = 0; limb < primes.length; limb++) {
    const prime = primes[limb]!;
    for (const end = i + each; i < end; i++, bit += PRIME_BITS) {
      const word = bit >>> 5;
      const shift = bit & 31;
      let residue = words[word]! >>> shift;
      if (shift + PRIME_BITS > 32) residue |= words[word + 1]! << (32 - shift);
      residue &= MASK;
      if (residue >= prime) invalid(what, 'a residue is out of range');
      out[i] = residue;
    }
  }
  if ((bit & 31) !== 0 && words[bit >>> 5]! >>> (bit & 31) !== 0)
    invalid(what, 'padding is not zero');
  return out;
}

function invalid(what: string, reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what, reason });
}
