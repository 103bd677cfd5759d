import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LweSample, SumDecryptor } from '../../../../src/engine/engine.ts';
import { primesOf } from '../../../../src/engine/check-sample.ts';
import { createSumDecryptor } from '../../../../src/engine/seal/decrypt-sums.ts';
import { generateSecretKey } from '../../../../src/engine/seal/encrypt.ts';
import { secretKeyBytes } from '../../../../src/engine/seal/secret-key.ts';
import { plainModulus } from '../../../../src/params/plain-modulus.ts';
import {
  sumParameters,
  thresholdParameters,
  verifyingParameters,
} from '../../../../src/params/presets.ts';
import { openSealSums } from '../../../support/seal-sums.ts';

const PRESETS = [
  ['sums modulo 2^32', sumParameters(32)],
  ['sums modulo 2^48', sumParameters(48)],
  ['sums under a divided key', thresholdParameters({ parties: 1, quorum: 3 })],
  ['checks', verifyingParameters()],
] as const;

describe.each(PRESETS)('%s', (_, parameters) => {
  const { n, dataPrimes } = parameters;
  const t = plainModulus(parameters);
  const levels = dataPrimes.map((_p, i) => i + 1).filter((limbs) => primesOf(parameters, limbs));
  let ours: SumDecryptor;
  let seal: Awaited<ReturnType<typeof openSealSums>>;
  beforeAll(async () => {
    const secret = await generateSecretKey(parameters as ReturnType<typeof sumParameters>);
    ours = createSumDecryptor(parameters, secret);
    seal = await openSealSums(parameters, secret);
  });
  afterAll(() => {
    ours[Symbol.dispose]();
    seal[Symbol.dispose]();
  });
  const residue = (sample: LweSample): bigint => ((ours.decrypt(sample) % t) + t) % t;

  test.each(levels)(
    'are opened as SEAL opens them, with %i limbs, whatever the sample',
    (limbs) => {
      const primes = primesOf(parameters, limbs)!;
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 16, maxLength: 16 }),
          fc.array(fc.nat(2 ** 27), { minLength: limbs, maxLength: limbs }),
          (seeds, constants) => {
            const a = new Uint32Array(limbs * n);
            primes.forEach((prime, limb) => {
              for (let i = 0; i < n; i += 1) {
                const word = Math.imul(seeds[i % 16]! + i, 0x9e37_79b1) ^ seeds[(i + limb) % 16]!;
                a[limb * n + i] = (word >>> 0) % prime;
              }
            });
            const b = Uint32Array.from(primes, (prime, limb) => constants[limb]! % prime);
            expect(residue({ limbs, a, b })).toBe(seal.decrypt({ limbs, a, b }));
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  test('at the ends of every residue', () => {
    const limbs = dataPrimes.length;
    const top = Uint32Array.from({ length: limbs * n }, (_w, i) => dataPrimes[(i / n) | 0]! - 1);
    const zero = new Uint32Array(limbs * n);
    for (const a of [zero, top]) {
      for (const b of [new Uint32Array(limbs), Uint32Array.from(dataPrimes, (p) => p - 1)]) {
        expect(residue({ limbs, a, b })).toBe(seal.decrypt({ limbs, a, b }));
      }
    }
  });
});

describe('what is no secret of the degree', () => {
  const parameters = sumParameters(48);
  const bytes = secretKeyBytes(parameters.n);
  const header = Uint8Array.of(0x4f, 0x50, 0x73, 0x6b, 1, 12);
  const packed = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const all = new Uint8Array(bytes);
    all.set(header);
    change(all);
    return all;
  };

  test('is refused', () => {
    expect(() =>
      createSumDecryptor(
        parameters,
        packed(() => undefined),
      ),
    ).not.toThrow();
    for (const wrong of [
      new Uint8Array(bytes - 1),
      packed((all) => (all[0] = 0)),
      packed((all) => (all[5] = 11)),
      packed((all) => (all[6] = 1)),
      packed((all) => (all[bytes - 1] = 0b1100_0000)),
    ]) {
      expect(() => createSumDecryptor(parameters, wrong)).toThrow(
        expect.objectContaining({ code: 'BYTES_INVALID' }),
      );
    }
  });
});
