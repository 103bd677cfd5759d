/**
 * What opens sums. Secret: only the vault's keys may import this.
 *
 * A sum is an LWE sample, one coefficient of a BFV ciphertext: b + ⟨a, s⟩ = ⌊q/t⌉·m + noise, so that an inner product
 * and a rounding open it (Brakerski 2012, section 3; Fan and Vercauteren 2012, section 3). SEAL decrypts whole
 * polynomials, by a transform of all their limbs, and needs a context first, which takes longer to make than a
 * thousand sums to open. What it says of the same bytes is the twin that tests compare with.
 */
import type { CheckParameters, Parameters } from '../../params/parameters.ts';
import { plainModulus } from '../../params/plain-modulus.ts';
import { product, residueFactors } from '../../ring/residues.ts';
import { TernaryProduct } from '../../ring/ternary-product.ts';
import { checkSample } from '../check-sample.ts';
import type { SumDecryptor } from '../engine.ts';
import { readDigits } from './secret-key.ts';

/** What a level's residues are put together with. */
interface Level {
  readonly q: bigint;
  /** By limb: 1 modulo its prime, 0 modulo the others. */
  readonly factors: readonly bigint[];
}

/**
 * Of `check` parameters the messages are residues in [0, t), of others signed, in (−t/2, t/2]. Dispose it: its copy of
 * the secret is overwritten then.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret (secret-key.ts) of the parameters' degree
 */
export function createSumDecryptor(
  parameters: Parameters | CheckParameters,
  secretKeyBytes: Uint8Array,
): SumDecryptor {
  const digits = readDigits(parameters.n, secretKeyBytes);
  const secret = new TernaryProduct(digits);
  digits.fill(0);
  const t = plainModulus(parameters);
  const isSigned = parameters.preset !== 'check';
  const what = isSigned ? 'an encrypted sum' : 'an encrypted check';
  const levels = new Map<number, Level>();
  return {
    parameters,
    decrypt: (sample) => {
      const primes = checkSample(what, parameters, sample);
      const level = levels.get(sample.limbs) ?? levelOf(primes);
      levels.set(sample.limbs, level);
      const { q, factors } = level;
      const inner = secret.constant(sample.a, primes);
      const x = factors.reduce(
        (sum, factor, limb) => sum + factor * BigInt(sample.b[limb]! + inner[limb]!),
        0n,
      );
      inner.fill(0);
      // ⌊t·x/q⌉
      const message = ((2n * t * (x % q) + q) / (2n * q)) % t;
      return isSigned && message > t / 2n ? message - t : message;
    },
    [Symbol.dispose]: () => secret[Symbol.dispose](),
  };
}

const levelOf = (primes: readonly number[]): Level => ({
  q: product(primes),
  factors: residueFactors(primes),
});
