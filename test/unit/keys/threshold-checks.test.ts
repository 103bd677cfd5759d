import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomBytes } from '../../../src/bytes/random.ts';
import { createPublicCheckEngine } from '../../../src/engine/seal/public-encryptor.ts';
import { dealKey } from '../../../src/keys/threshold/deal.ts';
import { fuse } from '../../../src/keys/threshold/fuse.ts';
import { partialDecryption } from '../../../src/keys/threshold/partial.ts';
import {
  encodeDividedKey,
  openDividedCheckEngine,
} from '../../../src/keys/threshold/public-key.ts';
import {
  expandPublic,
  publicShare,
  secretResidues,
} from '../../../src/keys/threshold/public-share.ts';
import { generateRingSecret } from '../../../src/keys/secret.ts';
import { CHECK_PRIME } from '../../../src/params/check-field.ts';
import { thresholdParameters, verifyingParameters } from '../../../src/params/presets.ts';
import {
  fewestThresholdLimbs,
  sumNoise,
  thresholdNoise,
} from '../../../src/params/threshold-noise.ts';
import { product, toResidues } from '../../../src/ring/residues.ts';
import { samplesOf } from '../../support/divided-samples.ts';
import * as twin from '../../support/threshold-twin.ts';

const P = BigInt(CHECK_PRIME);
const dealt = thresholdParameters({ parties: 1, quorum: 3 });
const checks = verifyingParameters(dealt);
const { n, dataPrimes } = checks;

/** ⌊a/p⌋ */
const floor = (a: bigint): bigint => (a - twin.modulo(a, P)) / P;

/** Residues at both ends of the field, and some between. */
const residues = Float64Array.from({ length: n }, (_, i) =>
  i % 3 === 0 ? CHECK_PRIME - 1 - i : i % 3 === 1 ? i : (i * 34_359_738_421) % CHECK_PRIME,
);
const sumOf = residues.reduce((all, one) => all + BigInt(one), 0n) % P;

describe('a check column under a dealt key', async () => {
  const { key, shares } = await dealKey(3, 5);
  const engine = await openDividedCheckEngine(encodeDividedKey(key));
  afterAll(() => engine[Symbol.dispose]());
  const { total, first } = samplesOf(checks, engine.encrypt(residues));

  it('has the ring, primes and division of the sums that it is beside', () => {
    expect(engine.parameters).toBe(checks);
    expect(checks).toMatchObject({ preset: 'check', plainPrime: CHECK_PRIME });
    const { division, specialPrime, security } = dealt;
    expect(checks).toMatchObject({ n, dataPrimes, division, specialPrime, security });
  });

  it('is decrypted to its residues by every three of five', () => {
    for (const quorum of twin.subsets(shares, 3)) {
      const indexes = quorum.map(({ index }) => index);
      for (const [sample, rows, message] of [
        [total, n, sumOf],
        [first, 1, BigInt(residues[0]!)],
      ] as const) {
        // A custodian knows of no check: it answers as for a sum.
        const partials = quorum.map((share) =>
          partialDecryption(dealt, share, sample, indexes, rows),
        );
        expect(fuse(checks, sample.b, partials, rows)).toBe(message);
      }
    }
  });

  it('takes residues alone', () => {
    for (const wrong of [CHECK_PRIME, -1, 0.5]) {
      expect(() => engine.encrypt(Float64Array.of(wrong))).toThrow(/not a residue/);
    }
    expect(() => engine.encrypt(new Float64Array(n + 1))).toThrow(/not a residue/);
  });
});

describe('the noise of check columns', () => {
  it('is within the bound of sums, measured with the secret', async () => {
    const secret = await generateRingSecret(dealt);
    const seed = randomBytes(32);
    const halves = { b: publicShare(dealt, seed, secret), a: expandPublic(dealt, seed) };
    using engine = await createPublicCheckEngine(checks, halves);
    const s = secretResidues(dealt, secret);
    const q = product(dataPrimes);
    const { total, first } = samplesOf(checks, engine.encrypt(residues));
    for (const [sample, value, rows] of [
      [total, residues.reduce((all, one) => all + BigInt(one), 0n), n],
      [first, BigInt(residues[0]!), 1],
    ] as const) {
      const x = twin.centred(
        dataPrimes.map((prime, limb) => {
          const of = (words: Uint32Array): Uint32Array => words.subarray(limb * n, (limb + 1) * n);
          const inner = twin.constantOfProduct(of(sample.a), of(s), BigInt(prime));
          return Number((BigInt(sample.b[limb]!) + inner) % BigInt(prime));
        }),
        dataPrimes,
      );
      // p times the noise, of the sum as a whole number.
      const scaled = twin.modulo(P * x - q * value + (P * q) / 2n, P * q) - (P * q) / 2n;
      const noise = scaled < 0n ? -scaled : scaled;
      expect(noise).toBeGreaterThan(0n);
      expect(noise).toBeLessThanOrEqual(P * sumNoise(checks, rows, dataPrimes.length));
    }
  });

  it('is fused up to its bound, and refused beyond', () => {
    const scalar = (limbs: number): fc.Arbitrary<bigint> =>
      fc.bigInt({ min: 0n, max: product(dataPrimes.slice(0, limbs)) - 1n });
    const cases = fc.integer({ min: 1, max: 100_000_000 }).chain((rows) => {
      const limbs = fewestThresholdLimbs(dealt, rows);
      return fc.record({
        rows: fc.constant(rows),
        limbs: fc.integer({ min: limbs, max: dataPrimes.length }),
        message: fc.oneof(fc.constantFrom(0n, 1n, P - 1n), fc.bigInt({ min: 0n, max: P - 1n })),
        /** Where between the ends of what is allowed, in thousandths. */
        place: fc.oneof(fc.constantFrom(0n, 1000n), fc.bigInt({ min: 0n, max: 1000n })),
        partials: fc.tuple(scalar(limbs), scalar(limbs)),
      });
    });
    fc.assert(
      fc.property(cases, ({ rows, limbs, message, place, partials }) => {
        const primes = dataPrimes.slice(0, limbs);
        const q = product(primes);
        const { bound, holds } = thresholdNoise(checks, rows, limbs);
        expect(holds).toBe(true);
        expect(bound).toEqual(thresholdNoise(dealt, rows, limbs).bound);
        // All x with |p·x − q·message| at most p times the bound.
        const room = P * bound.numerator;
        const least = -floor(room - q * message);
        const most = floor(q * message + room);
        const fused = (x: bigint): bigint => {
          const of = (value: bigint): Uint32Array => Uint32Array.from(toResidues(value, primes));
          const [one, two] = partials;
          const last = 3n * q - one - two;
          return fuse(checks, of(x), [of(one), of(two), of(last)], rows);
        };
        expect(fused(least + ((most - least) * place) / 1000n)).toBe(message);
        for (const beyond of [least - 1n, most + 1n]) {
          expect(() => fused(beyond)).toThrow(
            expect.objectContaining({ code: 'PARTIALS_INVALID' }),
          );
        }
      }),
      { seed: 20_261_127, numRuns: 200 },
    );
  });
});
