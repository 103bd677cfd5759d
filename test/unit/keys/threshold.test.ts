import { describe, expect, it } from 'vitest';
import type { LweSample } from '../../../src/engine/engine.ts';
import { dealKey } from '../../../src/keys/threshold/deal.ts';
import { fuse } from '../../../src/keys/threshold/fuse.ts';
import { contribute, joinPublic } from '../../../src/keys/threshold/joint-key.ts';
import { partialDecryption, type SecretShare } from '../../../src/keys/threshold/partial.ts';
import {
  decodeDividedKey,
  type DividedKey,
  encodeDividedKey,
  openDividedEngine,
} from '../../../src/keys/threshold/public-key.ts';
import { floodBound, sumNoise } from '../../../src/params/threshold-noise.ts';
import { thresholdParameters } from '../../../src/params/presets.ts';
import { product } from '../../../src/ring/residues.ts';
import * as divided from '../../support/divided-samples.ts';
import * as twin from '../../support/threshold-twin.ts';

async function samplesOf(
  key: DividedKey,
  values: readonly bigint[],
): Promise<ReturnType<typeof divided.samplesOf>> {
  using engine = await openDividedEngine(encodeDividedKey(key));
  return divided.samplesOf(engine.parameters, engine.encrypt(values));
}

const values = Array.from({ length: 8192 }, (_, i) => BigInt((i * 7919) % 100_003) - 50_000n);
const sumOf = values.reduce((all, one) => all + one, 0n);

describe('a dealt key', async () => {
  const { key, shares } = await dealKey(3, 5);
  const parameters = thresholdParameters(key.division);
  const { total, first } = await samplesOf(key, values);
  const rows = parameters.n;
  const decrypt = (quorum: readonly SecretShare[], sample: LweSample, of = rows): bigint => {
    const indexes = quorum.map(({ index }) => index);
    const partials = quorum.map((share) =>
      partialDecryption(parameters, share, sample, indexes, of),
    );
    return fuse(parameters, sample.b, partials, of);
  };

  it('decrypts a sum over coefficients, which is one coefficient of a product, by every three of five', () => {
    const quorums = twin.subsets(shares, 3);
    expect(quorums).toHaveLength(10);
    for (const quorum of quorums) expect(decrypt(quorum, total)).toBe(sumOf);
    expect(decrypt(shares.slice(0, 3), first, 1)).toBe(values[0]);
  });

  it('is not decrypted by any two', () => {
    const pair = thresholdParameters({ parties: 1, quorum: 2 });
    for (const quorum of twin.subsets(shares, 2)) {
      const indexes = quorum.map(({ index }) => index);
      const partials = quorum.map((share) => partialDecryption(pair, share, total, indexes, rows));
      // Not even where the check of the error is left out.
      const primes = parameters.dataPrimes;
      const q = product(primes);
      const x = twin.modulo(
        twin.centred(total.b, primes) +
          partials.reduce((all, one) => all + twin.centred(one, primes), 0n),
        q,
      );
      const t = 2n ** 48n;
      expect(((2n * t * x + q) / (2n * q)) % t).not.toBe(twin.modulo(sumOf, t));
      expect(() => fuse(pair, total.b, partials, rows)).toThrow(
        expect.objectContaining({ code: 'PARTIALS_INVALID' }),
      );
      expect(() => fuse(parameters, total.b, partials, rows)).toThrow(
        expect.objectContaining({ code: 'BYTES_INVALID' }),
      );
    }
  });

  it('floods each partial with fresh noise within its bound, and as large as that', () => {
    const quorum = shares.slice(1, 4);
    const indexes = quorum.map(({ index }) => index);
    const [share] = quorum as [SecretShare];
    const { n, dataPrimes: primes } = parameters;
    const exact = primes.map((prime, limb) => {
      const q = BigInt(prime);
      const of = (words: Uint32Array): Uint32Array => words.subarray(limb * n, (limb + 1) * n);
      const inner = twin.constantOfProduct(of(total.a), of(share.residues), q);
      // λ as what a point of value 1 among zeros adds at 0.
      const points = indexes.map((x) => ({ x, y: x === share.index ? 1n : 0n }));
      return twin.modulo(twin.interpolateAtZero(points, q) * inner, q);
    });
    const bound = floodBound(parameters, rows, 7);
    const draws = 1600;
    const noises = Array.from({ length: draws }, () => {
      const partial = partialDecryption(parameters, share, total, indexes, rows);
      return twin.centred(
        Array.from(partial, (residue, i) =>
          Number(twin.modulo(BigInt(residue) - exact[i]!, BigInt(primes[i]!))),
        ),
        primes,
      );
    });
    const sizes = noises.map((noise) => (noise < 0n ? -noise : noise));
    expect(new Set(noises).size).toBe(noises.length);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(bound);
    // Uniform: of chi-square with 15 degrees of freedom 80 is exceeded with a chance below 10^-9.
    const bins = Array.from({ length: 16 }, () => 0);
    for (const noise of noises) bins[Number((16n * (noise + bound)) / (2n * bound + 1n))]! += 1;
    const expected = draws / bins.length;
    const chiSquare = bins.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(80);
    expect(bound).toBeGreaterThanOrEqual(2n ** 65n * BigInt(n) * sumNoise(parameters, rows, 7));
  });

  it('drowns what the noise of the sum itself is measured to be', () => {
    const { n, dataPrimes: primes } = parameters;
    const of = (words: Uint32Array, limb: number): Uint32Array =>
      words.subarray(limb * n, (limb + 1) * n);
    // The secret as three shares have it: what nobody puts together but this test.
    const secret = primes.map((prime, limb) =>
      Uint32Array.from({ length: n }, (_, i) => {
        const points = shares.slice(2).map(({ index, residues }) => {
          return { x: index, y: BigInt(of(residues, limb)[i]!) };
        });
        return Number(twin.interpolateAtZero(points, BigInt(prime)));
      }),
    );
    for (const [limb, prime] of primes.entries()) {
      expect(secret[limb]!.every((s) => s < 2 || s === prime - 1)).toBe(true);
    }
    const q = product(primes);
    const t = 2n ** 48n;
    for (const [sample, value, counted] of [
      [total, sumOf, rows],
      [first, values[0]!, 1],
    ] as const) {
      const x = twin.centred(
        primes.map((prime, limb) => {
          const inner = twin.constantOfProduct(of(sample.a, limb), secret[limb]!, BigInt(prime));
          return Number((BigInt(sample.b[limb]!) + inner) % BigInt(prime));
        }),
        primes,
      );
      // t times the noise.
      const scaled = t * x - q * value;
      const noise = scaled < 0n ? -scaled : scaled;
      expect(noise).toBeGreaterThan(0n);
      expect(noise).toBeLessThanOrEqual(t * sumNoise(parameters, counted, 7));
      const drowned = 2n ** 65n * BigInt(n) * noise;
      expect(t * floodBound(parameters, counted, 7)).toBeGreaterThanOrEqual(drowned);
    }
  });

  it('shows a wrong partial, of another sample, of another share or altered', () => {
    const quorum = shares.slice(0, 3);
    const indexes = quorum.map(({ index }) => index);
    const partials = quorum.map((share) =>
      partialDecryption(parameters, share, total, indexes, rows),
    );
    const [one, two] = partials as [Uint32Array, Uint32Array];
    const altered = one.slice();
    altered[3] = (altered[3]! + 1) % parameters.dataPrimes[3]!;
    const other = partialDecryption(parameters, quorum[0]!, first, indexes, rows);
    for (const wrong of [altered, other, two]) {
      expect(() => fuse(parameters, total.b, [wrong, ...partials.slice(1)], rows)).toThrow(
        expect.objectContaining({ code: 'PARTIALS_INVALID' }),
      );
    }
    const large = one.slice();
    large[0] = parameters.dataPrimes[0]!;
    expect(() => fuse(parameters, total.b, [large, ...partials.slice(1)], rows)).toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
  });

  it('answers for its own quorum and for samples of its parameters alone', () => {
    const [share] = shares as [SecretShare];
    expect(() => partialDecryption(parameters, share, total, [2, 3, 4], rows)).toThrow('quorum');
    expect(() => partialDecryption(parameters, share, total, [1, 2], rows)).toThrow('quorum');
    const bad = { ...total, a: total.a.slice() };
    bad.a[5] = 2 ** 28;
    for (const sample of [bad, { ...total, limbs: 6 }, { ...total, limbs: 8 }]) {
      expect(() => partialDecryption(parameters, share, sample, [1, 2, 3], rows)).toThrow(
        expect.objectContaining({ code: 'BYTES_INVALID' }),
      );
    }
  });

  it('has a public key that reads back, and no other', () => {
    const bytes = encodeDividedKey(key);
    expect(decodeDividedKey(bytes)).toEqual(key);
    expect(() => decodeDividedKey(bytes.subarray(0, -1))).toThrow();
    const full = bytes.slice();
    full.fill(0xff, 60);
    expect(() => decodeDividedKey(full)).toThrow(
      expect.objectContaining({ code: 'BYTES_INVALID' }),
    );
  });
});

describe('a joint key', async () => {
  const ceremony = { name: 'a test, 2026-11', parties: 3 };
  const parties = await Promise.all([1, 2, 3].map((index) => contribute(ceremony, index)));
  const key = joinPublic(ceremony, parties);
  const parameters = thresholdParameters(key.division);

  it('needs no dealer, and all of its parties', async () => {
    const { total } = await samplesOf(key, values);
    const rows = parameters.n;
    const partials = parties.map(({ share }) =>
      partialDecryption(parameters, share, total, [1, 2, 3], rows),
    );
    expect(fuse(parameters, total.b, partials, rows)).toBe(sumOf);
    const zero = new Uint32Array(total.limbs);
    for (const missing of [0, 1, 2]) {
      const some = partials.map((partial, i) => (i === missing ? zero : partial));
      expect(() => fuse(parameters, total.b, some, rows)).toThrow(
        expect.objectContaining({ code: 'PARTIALS_INVALID' }),
      );
    }
  });

  it('is of what was committed to before anything was shown', () => {
    const altered = parties[2]!.b.slice();
    altered[9] = (altered[9]! + 1) % 1000;
    for (const revealed of [
      [parties[0]!, parties[1]!],
      [parties[1]!, parties[0]!, parties[2]!],
      [parties[0]!, parties[0]!, parties[2]!],
      [parties[0]!, parties[1]!, { ...parties[2]!, b: altered }],
      [parties[0]!, parties[1]!, { ...parties[2]!, b: new Uint32Array(8) }],
    ]) {
      expect(() => joinPublic(ceremony, revealed)).toThrow(
        expect.objectContaining({ code: 'SHARES_INVALID' }),
      );
    }
    expect(() => joinPublic({ ...ceremony, name: 'another' }, parties)).toThrow(
      expect.objectContaining({ code: 'SHARES_INVALID' }),
    );
  });

  it('is the same for everybody, whatever the order in which they compute it', () => {
    expect(joinPublic(ceremony, parties)).toEqual(key);
    expect(decodeDividedKey(encodeDividedKey(key))).toEqual(key);
  });
});
