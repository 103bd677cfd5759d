/**
 * What opens sums of products. Secret: only the vault's keys may import this.
 *
 * c0 + c1·s + c2·s² = m·f + t·noise in BGV (Brakerski, Gentry and Vaikuntanathan 2012), f being what modulus switching
 * has multiplied m by. SEAL does the same after it has made a context, which takes most of a second at this degree: what
 * it says of the same bytes is the twin that tests compare with.
 */
import type { ProductParameters } from '../../params/parameters.ts';
import { CentredConversion } from '../../ring/centred-conversion.ts';
import { product } from '../../ring/residues.ts';
import type { Accumulator, Ring, Span } from '../../ring/ring.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import { checkResidues, requireLevel } from '../check-sample.ts';
import type { ProductDecryptor, ProductSum } from '../engine.ts';
import { Slots } from '../slots.ts';
import { unpackSecret } from './secret-key.ts';

const WHAT = 'an encrypted sum of products';
/** c0, c1, c2. */
const POLYNOMIALS = 3;

/**
 * Dispose it: the memory that holds the secret and its square is overwritten then.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret (secret-key.ts) of the parameters' degree
 */
export function createProductDecryptor(
  parameters: ProductParameters,
  secretKeyBytes: Uint8Array,
): ProductDecryptor {
  const { n, dataPrimes, plainPrimes } = parameters;
  const ring = createWasmRing(n, dataPrimes);
  const residues = unpackSecret(parameters, secretKeyBytes);
  const secret = ring.allocate(dataPrimes.length * n);
  ring.view(secret).set(residues.subarray(0, secret.length));
  residues.fill(0);
  const slots = new Slots(createWasmRing(n, plainPrimes));
  const levels = new Map<number, Level>();
  return {
    parameters,
    decryptTotal: ({ limbs, polynomials }: ProductSum): bigint => {
      const primes = requireLevel(WHAT, parameters, limbs);
      const all = Array.from({ length: POLYNOMIALS }, () => primes).flat();
      checkResidues(WHAT, polynomials, all, n);
      const level = levels.get(limbs) ?? new Level(ring, secret, parameters, primes);
      levels.set(limbs, level);
      const total = slots.totalOf((into) => level.convert(polynomials, into));
      slots.wipe();
      return total;
    },
    [Symbol.dispose]: () => {
      for (const level of levels.values()) level[Symbol.dispose]();
      levels.clear();
      // Not given back: whoever asks on finds no secret, and not what was put in its place.
      ring.view(secret).fill(0);
      slots[Symbol.dispose]();
    },
  };
}

/** Decryption where so many limbs are left. */
class Level implements Disposable {
  private readonly ring: Ring;
  /** Words of a polynomial. */
  private readonly words: number;
  /** s^0, s^1 and s^2, evaluation form, each times what the conversion wants its residues multiplied by. */
  private readonly powers: Span;
  private readonly ciphertext: Span;
  private readonly sum: Accumulator;
  private readonly conversion: CentredConversion;

  constructor(
    ring: Ring,
    secret: Span,
    { n, dataPrimes, plainPrimes }: ProductParameters,
    primes: readonly number[],
  ) {
    this.ring = ring;
    this.words = primes.length * n;
    this.powers = ring.allocate(POLYNOMIALS * this.words);
    this.ciphertext = ring.allocate(POLYNOMIALS * this.words);
    this.sum = ring.accumulator(primes.length);
    // The correction factor is ∏ p^-1 over the primes that were dropped.
    const dropped = product(dataPrimes.slice(primes.length));
    this.conversion = new CentredConversion(primes, plainPrimes, dropped);
    const first = ring.view(this.power(0));
    CentredConversion.scales(primes).forEach((scale, limb) =>
      first.fill(scale, limb * n, (limb + 1) * n),
    );
    const s = ring.slice(secret, 0, this.words);
    for (let j = 1; j < POLYNOMIALS; j += 1) {
      ring.clear(this.sum);
      ring.multiplyAccumulate(this.sum, this.power(j - 1), s);
      ring.reduce(this.sum, this.power(j));
    }
  }

  /** The residues of the plaintext's coefficients modulo each of the plaintext primes. */
  convert(polynomials: Uint32Array, into: Uint32Array): void {
    const { ring, words, sum } = this;
    ring.view(this.ciphertext).set(polynomials);
    ring.clear(sum);
    ring.multiplyAccumulateRun(sum, this.ciphertext, this.powers, POLYNOMIALS, words, words);
    const phase = ring.slice(this.ciphertext, 0, words);
    ring.reduce(sum, phase);
    ring.clear(sum);
    ring.inverseNtt(phase);
    const scaled = ring.view(phase);
    this.conversion.convert(scaled, into);
    scaled.fill(0);
  }

  [Symbol.dispose](): void {
    this.ring.view(this.powers).fill(0);
    this.ring.clear(this.sum);
    this.ring.releaseAccumulator(this.sum);
    this.ring.release(this.powers);
    this.ring.release(this.ciphertext);
  }

  private power(j: number): Span {
    return this.ring.slice(this.powers, j * this.words, this.words);
  }
}
