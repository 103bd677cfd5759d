import { inverseMod, multiplyMod } from '../../ring/modular.ts';

/** Residues in evaluation form, [limb][coefficient], below the limbs' primes. */
export type Residues = Float64Array;

/** A ciphertext and what its decryption makes of the decoded real parts, doubled. */
export interface Equation {
  readonly c0: Residues;
  readonly c1: Residues;
  readonly m: Residues;
}

/**
 * The secret of an approximate scheme from two ciphertexts and their exact decryptions (Li and Micciancio, EUROCRYPT
 * 2021, section 3), on decoded real parts: they determine m(X) + m(1/X), which is c0 + c1·s at a root and at its inverse,
 * so that two ciphertexts with their decryptions are two linear equations in two residues of s.
 * @param primes one for each limb, below 2^27
 * @param n degree of the ring; a value at a root's inverse is at the mirrored place, as SEAL and `ring` have it
 */
export function solveSecret(
  primes: readonly number[],
  n: number,
  [first, second]: readonly [Equation, Equation],
): Residues {
  const secret = new Float64Array(primes.length * n);
  primes.forEach((q, limb) => {
    const minus = (a: number, b: number): number => (a - b + q) % q;
    const times = (x: number, y: number): number => multiplyMod(x, y, q);
    for (let i = 0; i < n / 2; i++) {
      const [at, mirrored] = [limb * n + i, limb * n + n - 1 - i];
      const right = ({ c0, m }: Equation): number => minus(minus(m[at]!, c0[at]!), c0[mirrored]!);
      const [a, b, c, d] = [
        first.c1[at]!,
        first.c1[mirrored]!,
        second.c1[at]!,
        second.c1[mirrored]!,
      ];
      const [u, v] = [right(first), right(second)];
      const inverse = inverseMod(minus(times(a, d), times(b, c)), q);
      secret[at] = times(minus(times(u, d), times(b, v)), inverse);
      secret[mirrored] = times(minus(times(a, v), times(u, c)), inverse);
    }
  });
  return secret;
}
