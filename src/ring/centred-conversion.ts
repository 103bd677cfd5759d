import { shapeError } from './shapes.ts';
import { inverseMod } from './modular.ts';
import { product } from './residues.ts';

/**
 * From the residues of an integer x modulo primes q_l to x·factor modulo other primes, x being the one in (−q/2, q/2),
 * q = q_0 · … · q_{L−1}. Exact unless |x| is within q·2^-45 of q/2: with y_l = x·(q/q_l)^-1 mod q_l, x is
 * Σ y_l·(q/q_l) − k·q, and k is Σ y_l/q_l to the nearest integer, which doubles tell (Halevi, Polyakov and Shoup 2018,
 * "An Improved RNS Variant of the BFV Homomorphic Encryption Scheme", section 2.2).
 */
export class CentredConversion {
  private readonly primes: readonly number[];
  private readonly targets: readonly Target[];

  /** @param primes below 2^27, eight at most @param targets below 2^24 */
  constructor(primes: readonly number[], targets: readonly number[], factor: bigint) {
    if (primes.length > 8 || targets.some((t) => t >= 2 ** 24)) {
      throw shapeError('conversion', 'moduli that doubles do not hold');
    }
    this.primes = primes;
    const q = product(primes);
    this.targets = targets.map((t) => {
      const residue = (value: bigint): number => Number((value * factor) % BigInt(t));
      return {
        t,
        weights: Float64Array.from(primes, (p) => residue(q / BigInt(p))),
        whole: residue(q),
      };
    });
  }

  /** By limb, (q/q_l)^-1 mod q_l: what x's residues are multiplied by before they come to `convert`. */
  static scales(primes: readonly number[]): number[] {
    const q = product(primes);
    return primes.map((p) => inverseMod(Number((q / BigInt(p)) % BigInt(p)), p));
  }

  /**
   * @param scaled `L·n` words y_l, [limb][coefficient]
   * @param into a residue a coefficient for each target, [target][coefficient]
   * @throws INTERNAL for another length
   */
  convert(scaled: Uint32Array, into: Uint32Array): void {
    const { primes, targets } = this;
    const n = scaled.length / primes.length;
    if (into.length !== n * targets.length) {
      throw shapeError('conversion', `${scaled.length} to ${into.length} words`);
    }
    for (let i = 0; i < n; i += 1) {
      let quotient = 0;
      for (let limb = 0; limb < primes.length; limb += 1) {
        quotient += scaled[limb * n + i]! / primes[limb]!;
      }
      // At most eight: a sum of as many, each below its t, less so many times t.
      const k = Math.round(quotient);
      for (let target = 0; target < targets.length; target += 1) {
        const { t, weights, whole } = targets[target]!;
        let sum = -k * whole;
        for (let limb = 0; limb < primes.length; limb += 1) {
          const term = scaled[limb * n + i]! * weights[limb]!;
          // Within t of the remainder, whichever way the quotient was rounded.
          sum += term - Math.floor(term / t) * t;
        }
        into[target * n + i] = ((sum % t) + t) % t;
      }
    }
  }
}

interface Target {
  readonly t: number;
  /** By limb, (q/q_l)·factor mod t. */
  readonly weights: Float64Array;
  /** q·factor mod t. */
  readonly whole: number;
}
