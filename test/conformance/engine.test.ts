/**
 * One suite, two engines (SEAL, and the plain twin), on both rings: encrypted, masked, summed,
 * switched and decrypted, an exact signed sum comes back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LweSample, PublicEngine, SecretEngine } from '../../src/engine/engine.ts';
import {
  createPlainPublicEngine,
  createPlainSecretEngine,
} from '../../src/engine/plain/plain-engine.ts';
import { createSealSecretEngine } from '../../src/engine/seal/decrypt.ts';
import { generateSecretKey } from '../../src/engine/seal/encrypt.ts';
import { createSealPublicEngine } from '../../src/engine/seal/expand.ts';
import { liveHandles } from '../../src/engine/seal/handles.ts';
import { fewestLimbs, maxRows, noiseBound } from '../../src/params/noise.ts';
import type { Parameters } from '../../src/params/parameters.ts';
import { sumParameters } from '../../src/params/presets.ts';
import { createReferenceRing } from '../../src/ring/reference.ts';
import { product, toResidues } from '../../src/ring/residues.ts';
import type { Ring, Span } from '../../src/ring/ring.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';

const N = 4096;
const LIMBS = 3;
const INVALID = expect.objectContaining({ code: 'BYTES_INVALID' });

interface Engines {
  secret: SecretEngine;
  store: PublicEngine;
}

let key: Uint8Array;
let before: number;
const opened: Disposable[] = [];

async function open(kind: 'seal' | 'plain', parameters: Parameters): Promise<Engines> {
  const engines =
    kind === 'seal'
      ? {
          secret: await createSealSecretEngine(parameters, key),
          store: await createSealPublicEngine(parameters),
        }
      : {
          secret: createPlainSecretEngine(parameters),
          store: createPlainPublicEngine(parameters),
        };
  opened.push(engines.secret, engines.store);
  return engines;
}

beforeAll(async () => {
  before = liveHandles();
  key = await generateSecretKey(sumParameters(48));
});

afterAll(() => {
  for (const engine of opened) engine[Symbol.dispose]();
  expect(liveHandles()).toBe(before);
});

/** A deterministic generator: the vectors must not change from run to run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const sumOf = (values: Float64Array, rows: Uint16Array): bigint =>
  rows.reduce((sum, row) => sum + BigInt(values[row] ?? 0), 0n);

/** A stored chunk: c0 in coefficient form, c1 in both. */
class Chunk {
  readonly c0: Span;
  readonly c1: Span;
  readonly c1Ntt: Span;

  constructor(ring: Ring, { secret, store }: Engines, values: ArrayLike<bigint> | Float64Array) {
    const ciphertext = secret.encrypt(values);
    const c1 = store.expand(ciphertext);
    [this.c0, this.c1, this.c1Ntt] = [ciphertext.c0, c1, c1].map((words) => {
      const span = ring.allocate(words.length);
      ring.view(span).set(words);
      return span;
    }) as [Span, Span, Span];
    ring.forwardNtt(this.c1Ntt);
  }
}

/** b and a of the rows' sum, a by mask and transform, or by shifted copies. */
function maskedSum(
  ring: Ring,
  chunks: readonly Chunk[],
  rows: readonly Uint16Array[],
  path: 'dense' | 'sparse',
): LweSample {
  const acc = ring.accumulator(LIMBS);
  const mask = ring.allocate(LIMBS * N);
  const a = ring.allocate(LIMBS * N);
  const b = new Uint32Array(LIMBS);
  for (const [i, chunk] of chunks.entries()) {
    const selected = rows[i] ?? new Uint16Array();
    if (path === 'dense') {
      ring.maskPolynomial(mask, selected);
      ring.forwardNtt(mask);
      ring.multiplyAccumulate(acc, mask, chunk.c1Ntt);
    } else {
      ring.shiftAdd(acc, chunk.c1, selected);
    }
    for (const [limb, part] of ring.gather(chunk.c0, selected).entries()) {
      b[limb] = ((b[limb] ?? 0) + part) % (ring.moduli[limb] ?? 1);
    }
  }
  ring.reduce(acc, a);
  if (path === 'dense') ring.inverseNtt(a);
  const sample = { limbs: LIMBS, b, a: ring.view(a).slice() };
  ring.release(mask);
  ring.release(a);
  ring.releaseAccumulator(acc);
  return sample;
}

function switched(ring: Ring, sample: LweSample, limbs: number): LweSample {
  const a = ring.allocate(sample.a.length);
  const b = ring.allocate(sample.b.length);
  ring.view(a).set(sample.a);
  ring.view(b).set(sample.b);
  for (let left = sample.limbs; left > limbs; left -= 1) {
    ring.modulusSwitch(ring.slice(a, 0, left * N), left);
    ring.modulusSwitch(ring.slice(b, 0, left), left);
  }
  return {
    limbs,
    a: ring.view(a).slice(0, limbs * N),
    b: ring.view(b).slice(0, limbs),
  };
}

const ALL = Uint16Array.from({ length: N }, (_, i) => i);
const randomRows = (share: number, seed: number): Uint16Array => {
  const next = random(seed);
  return ALL.filter(() => next() < share);
};
const complement = (rows: Uint16Array): Uint16Array => {
  const taken = new Set(rows);
  return ALL.filter((row) => !taken.has(row));
};

const ROW_SETS: [string, Uint16Array][] = [
  ['no row', new Uint16Array()],
  ['the first row', Uint16Array.of(0)],
  ['the last row', Uint16Array.of(N - 1)],
  ['a few rows', Uint16Array.of(0, 1, 17, 2048, 4095)],
  ['a tenth of the rows', randomRows(0.1, 1)],
  ['most rows', randomRows(0.9, 2)],
  ['every row', ALL],
];

describe.each([
  ['seal', 32],
  ['seal', 48],
  ['plain', 32],
  ['plain', 48],
] as const)('%s engine, t = 2^%i', (kind, plainBits) => {
  const parameters = sumParameters(plainBits);
  const ring = createWasmRing(N, parameters.dataPrimes);
  const half = 2 ** (plainBits - 1);
  /** Sums over all 4,096 of these stay below t/2. */
  const next = random(plainBits);
  const values = Float64Array.from({ length: N }, () =>
    Math.floor((next() - 0.5) * (2 * (half / N - 1))),
  );
  let engines: Engines;
  let chunk: Chunk;

  beforeAll(async () => {
    engines = await open(kind, parameters);
    chunk = new Chunk(ring, engines, values);
  });

  test.each(ROW_SETS)('sums %s, dense, sparse and switched', (_, rows) => {
    const expected = sumOf(values, rows);
    const dense = maskedSum(ring, [chunk], [rows], 'dense');
    expect(engines.secret.decrypt(dense)).toBe(expected);
    expect(maskedSum(ring, [chunk], [rows], 'sparse')).toEqual(dense);
    const fewest = fewestLimbs(parameters, rows.length);
    expect(fewest).toBe(plainBits === 32 ? 2 : 3);
    expect(engines.secret.decrypt(switched(ring, dense, fewest))).toBe(expected);
  });

  test('the plain sum minus the complement is the masked sum', () => {
    const rows = randomRows(0.8, 3);
    const whole = maskedSum(ring, [chunk], [ALL], 'dense');
    const rest = maskedSum(ring, [chunk], [complement(rows)], 'sparse');
    const difference = {
      limbs: LIMBS,
      a: whole.a.map((word, i) => subtract(parameters, Math.floor(i / N), word, rest.a[i])),
      b: whole.b.map((word, limb) => subtract(parameters, limb, word, rest.b[limb])),
    };
    expect(difference).toEqual(maskedSum(ring, [chunk], [rows], 'dense'));
    expect(engines.secret.decrypt(difference)).toBe(sumOf(values, rows));
  });

  test('many chunks: lazily added, then one mask of ones', () => {
    const chunks = [3, -5, 7].map(
      (factor) =>
        new Chunk(
          ring,
          engines,
          values.map((v) => Math.trunc(v / factor / 3)),
        ),
    );
    const plain = [3, -5, 7].map((factor) => values.map((v) => Math.trunc(v / factor / 3)));
    const [c0, c1] = (['c0', 'c1'] as const).map((part) => {
      const acc = ring.accumulator(LIMBS);
      for (const item of chunks) ring.addPolynomials(acc, item[part], 1, LIMBS * N);
      const sum = ring.allocate(LIMBS * N);
      ring.reduce(acc, sum);
      ring.releaseAccumulator(acc);
      return sum;
    }) as [Span, Span];
    const acc = ring.accumulator(LIMBS);
    ring.shiftAdd(acc, c1, ALL);
    const a = ring.allocate(LIMBS * N);
    ring.reduce(acc, a);
    const sample = { limbs: LIMBS, b: ring.gather(c0, ALL), a: ring.view(a).slice() };
    const expected = plain.reduce((sum, column) => sum + sumOf(column, ALL), 0n);
    expect(engines.secret.decrypt(sample)).toBe(expected);
    expect(maskedSum(ring, chunks, [ALL, ALL, ALL], 'dense')).toEqual(sample);
    // Different rows of each chunk.
    const sets = [randomRows(0.3, 5), new Uint16Array(), randomRows(0.01, 6)];
    expect(engines.secret.decrypt(maskedSum(ring, chunks, sets, 'dense'))).toBe(
      plain.reduce((sum, column, i) => sum + sumOf(column, sets[i] ?? ALL), 0n),
    );
  });

  test('extreme values: one cell of ±(t/2 − 1), and sums that reach it', () => {
    const big = BigInt(half) - 1n;
    const cells = [big, -big, big - 1n, 1n, 0n, -1n, 1n - big];
    const extreme = new Chunk(ring, engines, cells);
    for (const rows of [[0], [1], [2, 3], [5, 6], [0, 1], [0, 1, 2, 3, 4, 5, 6]]) {
      const sample = maskedSum(ring, [extreme], [Uint16Array.from(rows)], 'sparse');
      const expected = rows.reduce((sum, row) => sum + (cells[row] ?? 0n), 0n);
      expect(engines.secret.decrypt(sample)).toBe(expected);
      const fewest = fewestLimbs(parameters, rows.length);
      expect(engines.secret.decrypt(switched(ring, sample, fewest))).toBe(expected);
    }
  });

  test('the reference ring gives the same sample', () => {
    const reference = createReferenceRing(N, parameters.dataPrimes);
    const ciphertext = engines.secret.encrypt(values);
    // The same ciphertext in both: encryption is randomised.
    const fixed: Engines = {
      store: engines.store,
      secret: { ...engines.secret, encrypt: () => ciphertext },
    };
    const rows = randomRows(0.02, 7);
    const expected = maskedSum(ring, [new Chunk(ring, fixed, values)], [rows], 'dense');
    const chunks = [new Chunk(reference, fixed, values)];
    const sample = maskedSum(reference, chunks, [rows], 'dense');
    expect(sample).toEqual(expected);
    expect(maskedSum(reference, chunks, [rows], 'sparse')).toEqual(expected);
    expect(engines.secret.decrypt(sample)).toBe(sumOf(values, rows));
    const limbs = fewestLimbs(parameters, rows.length);
    expect(switched(reference, sample, limbs)).toEqual(switched(ring, sample, limbs));
  });

  test('decrypts right at the noise limit and wrong just beyond it', () => {
    const levels = plainBits === 32 ? [3, 2] : [3];
    for (const limbs of levels) {
      const primes = parameters.dataPrimes.slice(0, limbs);
      const q = product(primes);
      const a = new Uint32Array(limbs * N);
      const at = (noise: bigint): bigint =>
        engines.secret.decrypt({ limbs, a, b: Uint32Array.from(toResidues(noise, primes)) });
      const most = noiseBound(parameters, maxRows(parameters, limbs), limbs).bound;
      const proven = most.numerator / most.denominator;
      const limit = q >> BigInt(plainBits + 1);
      expect(proven).toBeLessThanOrEqual(limit);
      expect([at(proven), at(-proven)]).toEqual([0n, 0n]);
      expect([at(limit + 2n), at(-limit - 2n)]).toEqual([1n, -1n]);
    }
  });

  test('takes BigInt and double columns, short ones padded with 0', () => {
    const short = Float64Array.of(5, -6, 7);
    const rows = ALL.subarray(0, 10);
    for (const column of [short, [5n, -6n, 7n], [] as bigint[]]) {
      const sample = maskedSum(ring, [new Chunk(ring, engines, column)], [rows], 'dense');
      expect(engines.secret.decrypt(sample)).toBe(column.length === 0 ? 0n : 6n);
    }
  });

  test('opens every value of a fresh ciphertext', () => {
    const extremes = values.with(0, half - 1).with(N - 1, 1 - half);
    for (const column of [extremes, Float64Array.of(-3), new Float64Array(0)]) {
      const padded = new Float64Array(N);
      padded.set(column);
      expect(engines.secret.decryptFresh(engines.secret.encrypt(column))).toEqual(padded);
    }
  });

  test('refuses values it cannot hold, without repeating them', () => {
    const internal = { code: 'INTERNAL' };
    for (const column of [
      Float64Array.of(half),
      Float64Array.of(-half),
      Float64Array.of(0.5),
      Float64Array.of(Number.NaN),
      Float64Array.of(Infinity),
      [BigInt(half)],
      [-BigInt(half)],
      new Float64Array(N + 1),
    ]) {
      expect(() => engines.secret.encrypt(column)).toThrow(expect.objectContaining(internal));
    }
    expect(() => engines.secret.encrypt(Float64Array.of(half + 12345))).not.toThrow(/12345/);
    // It still encrypts rightly afterwards.
    const sample = maskedSum(ring, [chunk], [ALL], 'dense');
    expect(engines.secret.decrypt(sample)).toBe(sumOf(values, ALL));
  });

  test('refuses samples and ciphertexts that are not of its parameters', () => {
    const good = maskedSum(ring, [chunk], [Uint16Array.of(1)], 'sparse');
    const [q0 = 0] = parameters.dataPrimes;
    const withWord = (words: Uint32Array, i: number, value: number): Uint32Array =>
      words.with(i, value);
    const samples: LweSample[] = [
      { ...good, limbs: 0 },
      { ...good, limbs: 4 },
      { ...good, limbs: 1.5 },
      { limbs: 1, a: good.a.slice(0, N), b: good.b.slice(0, 1) },
      { ...good, limbs: 2 },
      { ...good, a: good.a.slice(1) },
      { ...good, b: new Uint32Array(4) },
      { ...good, b: new Uint32Array() },
      { ...good, b: withWord(good.b, 0, q0) },
      { ...good, a: withWord(good.a, N - 1, q0) },
      { ...good, a: withWord(good.a, 0, 0xffff_ffff) },
    ];
    for (const sample of samples) expect(() => engines.secret.decrypt(sample)).toThrow(INVALID);

    const { c0, seed } = engines.secret.encrypt(values);
    for (const ciphertext of [
      { c0, seed: seed.slice(1) },
      { c0, seed: new Uint8Array(65) },
      { c0: c0.slice(N), seed },
      { c0: withWord(c0, 5, q0), seed },
    ]) {
      expect(() => engines.store.expand(ciphertext)).toThrow(INVALID);
      expect(() => engines.secret.decryptFresh(ciphertext)).toThrow(INVALID);
    }
    expect(engines.store.expand({ c0, seed })).toHaveLength(LIMBS * N);
  });
});

function subtract(parameters: Parameters, limb: number, x: number, y: number | undefined): number {
  const q = parameters.dataPrimes[limb] ?? 1;
  return (x - (y ?? 0) + q) % q;
}
