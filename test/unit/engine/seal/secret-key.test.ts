import { beforeAll, describe, expect, test } from 'vitest';
import { createSealSecretEngine } from '../../../../src/engine/seal/decrypt.ts';
import { generateSecretKey } from '../../../../src/engine/seal/encrypt.ts';
import { createSealPublicEngine } from '../../../../src/engine/seal/expand.ts';
import { liveHandles } from '../../../../src/engine/seal/handles.ts';
import {
  packSecret,
  secretKeyBytes,
  unpackSecret,
} from '../../../../src/engine/seal/secret-key.ts';
import { sumParameters } from '../../../../src/params/presets.ts';
import { fromResidues, product } from '../../../../src/ring/residues.ts';
import { createWasmRing } from '../../../../src/ring/simd/wasm-ring.ts';
import type { Span } from '../../../../src/ring/ring.ts';

const N = 4096;
const parameters = sumParameters(48);
const INVALID = expect.objectContaining({ code: 'BYTES_INVALID' });
let key: Uint8Array;

beforeAll(async () => {
  key = await generateSecretKey(parameters);
});

describe('the secret key', () => {
  test('is ternary, balanced, small, and new every time', async () => {
    expect(key).toHaveLength(secretKeyBytes(N));
    expect(key).toHaveLength(1032);
    const counts = [0, 0, 0, 0];
    for (const byte of key.subarray(8)) {
      for (let shift = 0; shift < 8; shift += 2) {
        const digit = (byte >>> shift) & 3;
        counts[digit] = (counts[digit] ?? 0) + 1;
      }
    }
    expect(counts[3]).toBe(0);
    // 1,365 each expected, standard deviation 30: ten of them.
    for (const count of counts.slice(0, 3)) expect(Math.abs(count - N / 3)).toBeLessThan(300);
    expect(await generateSecretKey(parameters)).not.toEqual(key);
  });

  test('survives SEAL’s form', () => {
    expect(packSecret(parameters, unpackSecret(parameters, key))).toEqual(key);
  });

  test('one key serves every t: a ciphertext of one set decrypts under the same secret', async () => {
    for (const bits of [32, 48] as const) {
      using engine = await createSealSecretEngine(sumParameters(bits), key);
      const { c0, seed } = engine.encrypt(Float64Array.of(-12345));
      using store = await createSealPublicEngine(sumParameters(bits));
      const a = store.expand({ c0, seed });
      const b = Uint32Array.from([0, 1, 2], (limb) => c0[limb * N] ?? 0);
      expect(engine.decrypt({ limbs: 3, a, b })).toBe(-12345n);
    }
  });

  test('another key decrypts to something else', async () => {
    using engine = await createSealSecretEngine(parameters, key);
    using stranger = await createSealSecretEngine(parameters, await generateSecretKey(parameters));
    using store = await createSealPublicEngine(parameters);
    const ciphertext = engine.encrypt(Float64Array.of(7));
    const a = store.expand(ciphertext);
    const b = Uint32Array.from([0, 1, 2], (limb) => ciphertext.c0[limb * N] ?? 0);
    expect(engine.decrypt({ limbs: 3, a, b })).toBe(7n);
    expect(stranger.decrypt({ limbs: 3, a, b })).not.toBe(7n);
  });

  test('refuses bytes that are no packed secret, and keeps no handle of the attempt', async () => {
    const before = liveHandles();
    const bad = [
      new Uint8Array(),
      key.slice(1),
      Uint8Array.from([...key, 0]),
      key.with(0, 0),
      key.with(4, 2),
      key.with(5, 11),
      key.with(6, 1),
      key.with(500, 0b11_00_00_00),
    ];
    for (const bytes of bad) {
      await expect(createSealSecretEngine(parameters, bytes)).rejects.toThrow(INVALID);
    }
    expect(liveHandles()).toBe(before);
  });

  test('refuses to pack what is not the same ternary polynomial under every prime', () => {
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    const residues = unpackSecret(parameters, key);
    for (const at of [0, N, 4 * N - 1]) {
      const changed = residues.with(at, (residues[at] ?? 0) === 0 ? 1 : 0);
      expect(() => packSecret(parameters, changed)).toThrow(internal);
    }
  });
});

describe('fresh noise, measured with the secret', () => {
  /** c0 + c1·s for every coefficient, as an integer in (−q/2, q/2]. */
  function phases(c0: Uint32Array, c1: Uint32Array, primes: readonly number[]): bigint[] {
    const limbs = primes.length;
    const ring = createWasmRing(N, primes);
    const put = (words: Uint32Array): Span => {
      const span = ring.allocate(words.length);
      ring.view(span).set(words);
      return span;
    };
    const [a, s, b] = [put(c1), put(unpackSecret(parameters, key).subarray(0, limbs * N)), put(c0)];
    ring.forwardNtt(a);
    const acc = ring.accumulator(limbs);
    ring.multiplyAccumulate(acc, a, s);
    ring.reduce(acc, a);
    ring.inverseNtt(a);
    ring.add(a, a, b);
    const words = ring.view(a);
    const q = product(primes);
    return Array.from({ length: N }, (_, i) => {
      const value = fromResidues(
        primes.map((_prime, limb) => words[limb * N + i] ?? 0),
        primes,
      );
      return value > q / 2n ? value - q : value;
    });
  }

  test.each([32, 48] as const)(
    't = 2^%i: within 21.5 of q·v/t, before and after a switch',
    async (k) => {
      const { dataPrimes } = sumParameters(k);
      using engine = await createSealSecretEngine(sumParameters(k), key);
      using store = await createSealPublicEngine(sumParameters(k));
      const half = 2 ** (k - 1);
      const values = Float64Array.from({ length: N }, (_, i) =>
        i % 2 === 0 ? -(half - 1 - i) : Math.trunc((half / N) * i) - 1,
      );
      const ciphertext = engine.encrypt(values);
      const c1 = store.expand(ciphertext);
      /** Largest 2·|t·phase − q·v| / t over the coefficients, rounded up: twice the noise. */
      const twiceNoise = (phase: bigint[], q: bigint): bigint => {
        const t = 1n << BigInt(k);
        return phase.reduce((most, x, i) => {
          const wide = (((t * x - q * BigInt(values[i] ?? 0)) % (t * q)) + t * q) % (t * q);
          const distance = wide > (t * q) / 2n ? t * q - wide : wide;
          const noise = (2n * distance + t - 1n) / t;
          return noise > most ? noise : most;
        }, 0n);
      };
      const fresh = twiceNoise(phases(ciphertext.c0, c1, dataPrimes), product(dataPrimes));
      expect(fresh).toBeLessThanOrEqual(43n);
      // The sampler's standard deviation is 3.2: 4,096 samples without a 7 would be a broken one.
      expect(fresh).toBeGreaterThan(14n);

      const ring = createWasmRing(N, dataPrimes);
      const parts = [ciphertext.c0, c1].map((words) => {
        const span = ring.allocate(words.length);
        ring.view(span).set(words);
        ring.modulusSwitch(span, 3);
        return ring.view(span).slice(0, 2 * N);
      });
      const two = dataPrimes.slice(0, 2);
      const [d0 = new Uint32Array(), d1 = new Uint32Array()] = parts;
      const left = twiceNoise(phases(d0, d1, two), product(two));
      expect(left).toBeLessThanOrEqual(BigInt(N + 2));
      expect(left).toBeGreaterThan(10n);
    },
  );
});
