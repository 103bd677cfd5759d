/**
 * Why scores of rows are the owner's alone: the vault's own raw decryptions of what the store computed
 * give the whole key away, to the store or to whoever it shows the ciphertexts.
 */
import { describe, expect, it } from 'vitest';
import type { RealEngine } from '../../src/engine/engine.ts';
import { sealContext } from '../../src/engine/seal/context.ts';
import { createSealPublicEngine } from '../../src/engine/seal/expand.ts';
import { unpackSecret } from '../../src/engine/seal/secret-key.ts';
import { deriveRealSecret } from '../../src/keys/real-secret.ts';
import { openRealEngine } from '../../src/keys/secret.ts';
import {
  type Equation,
  type Residues,
  solveSecret,
} from '../../src/measure/attacks/key-recovery.ts';
import {
  PLAINTEXT_WORDS,
  words,
} from '../../src/measure/bench/schemes/peers/approximate-scheme.ts';
import { realParameters } from '../../src/params/presets.ts';
import { linearPhase, realNoise } from '../../src/params/real-noise.ts';
import { Rings } from '../../src/run/evaluate/rings.ts';
import { scoreRows } from '../../src/run/evaluate/scores.ts';
import { unpackPolynomials } from '../../src/table/column-part.ts';

const parameters = realParameters();
const { n, dataPrimes, scaleBits } = parameters;
const WORDS = dataPrimes.length * n;
const LIMBS = dataPrimes.length;
const SCALE = 2 ** scaleBits;

/** What a store makes of a column by weight 1, and its raw decryption. */
async function scored(
  engine: RealEngine,
  seed: number,
): Promise<{ c0: Residues; c1: Residues; slots: Float64Array }> {
  const ring = new Rings().product;
  using store = await createSealPublicEngine(parameters);
  const ciphertext = engine.encrypt(
    Float64Array.from({ length: n / 2 }, (_, i) => Math.sin(seed + i)),
  );
  const span = ring.allocate(2 * WORDS);
  ring.view(span).set(ciphertext.c0);
  ring.view(span).set(store.expand(ciphertext), WORDS);
  const { chunks } = await scoreRows(
    ring,
    '00'.repeat(16),
    Uint32Array.of(0),
    { kind: 'scores', degree: 1, limbs: LIMBS },
    { columns: [0], constants: new Uint32Array(LIMBS).fill(1) },
    1,
    () => Promise.resolve({ columns: [{ chunks: 1, at: () => span }], release: () => {} }),
  );
  const polynomials = unpackPolynomials({ n, primes: dataPrimes }, chunks[0]!, 2, 'a test');
  const slots = engine.decrypt({ limbs: LIMBS, scale: SCALE, polynomials });
  const evaluation = (j: number): Residues => {
    const part = ring.slice(span, 0, WORDS);
    ring.view(part).set(polynomials.subarray(j * WORDS, (j + 1) * WORDS));
    ring.forwardNtt(part);
    return Float64Array.from(ring.view(part));
  };
  return { c0: evaluation(0), c1: evaluation(1), slots };
}

describe('scores of rows', () => {
  it('give the key away as they are decrypted, and are not handed out so', async () => {
    const packed = deriveRealSecret(new Uint8Array(32).fill(9), n);
    const secret = unpackSecret(parameters, packed).subarray(0, WORDS);
    using engine = await openRealEngine(packed);
    const { seal, context } = await sealContext(parameters);
    const encoder = new seal.CKKSEncoder(context);
    const encode = (values: Float64Array): Residues => {
      const plain = new seal.Plaintext();
      encoder.encode(values, 2 * SCALE, plain);
      return words(plain.saveToArray(seal.ComprModeType.none), PLAINTEXT_WORDS);
    };
    const agreeing = (
      known: readonly (Pick<Equation, 'c0' | 'c1'> & { slots: Float64Array })[],
    ): number => {
      const equations = known.map(({ c0, c1, slots }) => ({ c0, c1, m: encode(slots) }));
      const found = solveSecret(dataPrimes, n, [equations[0]!, equations[1]!]);
      return found.filter((residue, i) => residue === secret[i]).length;
    };
    const known = [await scored(engine, 1), await scored(engine, 2)];
    expect(agreeing(known)).toBe(WORDS);
    // To the grid of the proved error, as the gate rounds. No defence on its own: this attack ends there.
    const { error } = realNoise(parameters, linearPhase(parameters, [1n], 0n), 2, LIMBS);
    const proved = Number(error.numerator / error.denominator) / SCALE;
    const grid = 2 ** Math.floor(Math.log2(proved));
    const rounded = known.map(({ slots, ...rest }) => ({
      ...rest,
      slots: slots.map((value) => Math.round(value / grid) * grid),
    }));
    // What is left to chance: a residue in 2^27 for each of 57,344.
    expect(agreeing(rounded)).toBeLessThan(5);
  });
});
