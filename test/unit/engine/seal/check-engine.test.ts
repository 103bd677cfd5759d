import { beforeAll, describe, expect, test } from 'vitest';
import { createSealCheckEngine } from '../../../../src/engine/seal/decrypt-check.ts';
import { createSealSecretEngine } from '../../../../src/engine/seal/decrypt.ts';
import { generateSecretKey } from '../../../../src/engine/seal/encrypt.ts';
import type { LweSample, SeededCiphertext } from '../../../../src/engine/engine.ts';
import { createSealPublicEngine } from '../../../../src/engine/seal/expand.ts';
import { CHECK_PRIME } from '../../../../src/params/check-field.ts';
import { sumParameters, verifyingParameters } from '../../../../src/params/presets.ts';

const { n, dataPrimes } = verifyingParameters();
let key: Uint8Array;

beforeAll(async () => {
  key = await generateSecretKey(sumParameters(48));
});

/** As a store makes it that knows one preset alone: it expands with the parameters of sums. */
async function sampleOf(ciphertext: SeededCiphertext): Promise<LweSample> {
  using store = await createSealPublicEngine(sumParameters(48));
  return {
    limbs: dataPrimes.length,
    a: store.expand(ciphertext),
    b: Uint32Array.from(dataPrimes, (_, limb) => ciphertext.c0[limb * n]!),
  };
}

/** Σ factor·sample, residue by residue. */
function combined(terms: readonly (readonly [number, LweSample])[]): LweSample {
  const add = (of: (sample: LweSample) => Uint32Array, each: number): Uint32Array =>
    of(terms[0]![1]).map((_, i) => {
      const prime = BigInt(dataPrimes[Math.floor(i / each)]!);
      const sum = terms.reduce((all, [by, one]) => all + BigInt(by) * BigInt(of(one)[i]!), 0n);
      return Number(((sum % prime) + prime) % prime);
    });
  return { limbs: dataPrimes.length, a: add(({ a }) => a, n), b: add(({ b }) => b, 1) };
}

describe('the engine of check columns', () => {
  test('gives residues back, of one ciphertext and of sums, under the secret of sums', async () => {
    using engine = await createSealCheckEngine(verifyingParameters(), key);
    const residues = [0, 1, CHECK_PRIME - 1, 2 ** 47, 123_456_789_012_345];
    const samples: LweSample[] = [];
    for (const residue of residues) {
      const sample = await sampleOf(engine.encrypt(Float64Array.of(residue)));
      expect(engine.decrypt(sample)).toBe(BigInt(residue));
      samples.push(sample);
    }
    const weighted = samples.map((sample, i) => [[1, 1000, 7, 3, 99][i]!, sample] as const);
    const sum = weighted.reduce((all, [by], i) => all + BigInt(by) * BigInt(residues[i]!), 0n);
    expect(engine.decrypt(combined(weighted))).toBe(sum % BigInt(CHECK_PRIME));
  });

  test('reads something else than a residue where it was a sum’s ciphertext', async () => {
    using engine = await createSealCheckEngine(verifyingParameters(), key);
    using sums = await createSealSecretEngine(sumParameters(48), key);
    const value = 2 ** 46 + 12_345;
    const sample = await sampleOf(sums.encrypt(Float64Array.of(value)));
    expect(sums.decrypt(sample)).toBe(BigInt(value));
    // round(p·v/2^48): what a store can make of data is a multiple of data still.
    const exact = (BigInt(CHECK_PRIME) * BigInt(value) * 2n + (1n << 48n)) >> 49n;
    expect(engine.decrypt(sample)).toBe(exact);
  });

  test('refuses what is no residue, and samples of another shape', async () => {
    using engine = await createSealCheckEngine(verifyingParameters(), key);
    for (const wrong of [CHECK_PRIME, -1, 0.5, Number.NaN]) {
      expect(() => engine.encrypt(Float64Array.of(wrong))).toThrow(/not a residue/);
    }
    expect(() => engine.encrypt(new Float64Array(n + 1))).toThrow(/INTERNAL|not a residue/);
    const sample = await sampleOf(engine.encrypt(Float64Array.of(5)));
    const invalid = expect.objectContaining({ code: 'BYTES_INVALID' });
    const shapes = [
      { ...sample, limbs: 0 },
      { ...sample, limbs: 4 },
      { ...sample, b: sample.b.subarray(1) },
      { ...sample, a: sample.a.subarray(1) },
      { ...sample, b: sample.b.with(0, dataPrimes[0]!) },
      { ...sample, a: sample.a.with(n, dataPrimes[1]!) },
    ];
    for (const shape of shapes) expect(() => engine.decrypt(shape)).toThrow(invalid);
  });
});
