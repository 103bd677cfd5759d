/**
 * The preset `real` on SEAL itself: linear and cubic scores by the kernels, switched down and decrypted,
 * are within the proved error, at the bounds too, and wrong just beyond them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalNorm } from '../../src/engine/canonical-norm.ts';
import type { PublicEngine, RealEngine } from '../../src/engine/engine.ts';
import { createSealPublicEngine } from '../../src/engine/seal/expand.ts';
import { liveHandles } from '../../src/engine/seal/handles.ts';
import { unpackDigits } from '../../src/engine/seal/secret-key.ts';
import { deriveProductSecret } from '../../src/keys/product-secret.ts';
import { deriveRealSecret } from '../../src/keys/real-secret.ts';
import { openRealEngine } from '../../src/keys/secret.ts';
import { productParameters, realParameters } from '../../src/params/presets.ts';
import { cubicPhase, linearPhase, realNoise, SECRET_NORM } from '../../src/params/real-noise.ts';
import { product, toResidues } from '../../src/ring/residues.ts';
import type { Span } from '../../src/ring/ring.ts';
import { Rings } from '../../src/run/evaluate/rings.ts';
import { scoreRows } from '../../src/run/evaluate/scores.ts';
import { unpackPolynomials } from '../../src/table/column-part.ts';

const parameters = realParameters();
const { n, dataPrimes, scaleBits } = parameters;
const SLOTS = n / 2;
const WORDS = dataPrimes.length * n;
const SCALE = 2 ** scaleBits;
const q = product(dataPrimes);
const INVALID = expect.objectContaining({ code: 'BYTES_INVALID' });

const ring = new Rings().product;
const master = new Uint8Array(32).fill(7);
let before: number;
let engine: RealEngine;
let store: PublicEngine;

beforeAll(async () => {
  before = liveHandles();
  engine = await openRealEngine(deriveRealSecret(master, n));
  // The store knows no preset `real`: what it expands might be a column of products.
  store = await createSealPublicEngine(productParameters());
});
afterAll(() => {
  engine[Symbol.dispose]();
  expect(liveHandles()).toBe(before);
});

function encrypt(values: Float64Array): Span {
  const ciphertext = engine.encrypt(values);
  const span = ring.allocate(2 * WORDS);
  ring.view(span).set(ciphertext.c0);
  ring.view(span).set(store.expand(ciphertext), WORDS);
  return span;
}

/** Slots of Σ W_j·x_j, or of the cubic of that and C, in units of the phase at full modulus. */
async function score(
  columns: readonly Span[],
  constants: readonly bigint[],
  degree: 1 | 3,
  limbs: number,
): Promise<Float64Array> {
  const { chunks } = await scoreRows(
    ring,
    '00'.repeat(16),
    Uint32Array.of(0),
    { kind: 'scores', degree, limbs },
    {
      columns: columns.map((_, i) => i),
      constants: Uint32Array.from(constants.flatMap((c) => toResidues(c, dataPrimes))),
    },
    // Two leases where there are three columns.
    2,
    (numbers) =>
      Promise.resolve({
        columns: numbers.map((number) => ({ chunks: 1, at: () => columns[number]! })),
        release: () => {},
      }),
  );
  const primes = dataPrimes.slice(0, limbs);
  const count = degree === 1 ? 2 : 4;
  const polynomials = unpackPolynomials({ n, primes }, chunks[0]!, count, 'a test');
  const scale = 1 / Number(product(dataPrimes.slice(limbs)));
  return engine.decrypt({ limbs, scale, polynomials });
}

const ends = (i: number): number => (i % 3 === 0 ? 1 : i % 3 === 1 ? -1 : Math.sin(i));
const patterns: readonly (readonly [string, (i: number) => number])[] = [
  ['all of the largest value', () => 1],
  ['of alternating sign', (i) => (i % 2 === 0 ? 1 : -1)],
  ['of one value in a slot alone', (i) => (i === SLOTS - 1 ? 1 : 0)],
  ['at both ends and between', ends],
];
const valuesOf = (of: (i: number) => number): Float64Array =>
  Float64Array.from({ length: SLOTS }, (_, i) => of(i));

describe('linear scores', () => {
  test.each(patterns)('are within the bound for values %s', async (_, of) => {
    const values = [valuesOf(of), valuesOf((i) => of(i + 1)), valuesOf((i) => -of(i))];
    const columns = values.map(encrypt);
    const room = (q / 8n) >> BigInt(scaleBits);
    const weights = [room, -room / 3n, -room / 5n];
    const phase = linearPhase(parameters, weights, 0n);
    for (const limbs of [7, 4, 3, 2]) {
      const found = await score(columns, weights, 1, limbs);
      const { error, holds } = realNoise(parameters, phase, 2, limbs);
      expect(holds).toBe(true);
      const bound = Number(error.numerator) / Number(error.denominator);
      for (let i = 0; i < SLOTS; i += 1) {
        const expected = weights.reduce((sum, w, j) => sum + Number(w) * SCALE * values[j]![i]!, 0);
        const rounding = Number(phase.signal) * 2 ** -50;
        expect(Math.abs(found[i]! - expected)).toBeLessThanOrEqual(bound + rounding);
      }
    }
  });

  test('decrypt up to half the modulus, and wrap beyond it, as the bound says', async () => {
    const ones = encrypt(valuesOf(() => 1));
    const half = (q / 2n) >> BigInt(scaleBits);
    const holds = (weight: bigint): boolean =>
      realNoise(parameters, linearPhase(parameters, [weight], 0n), 2, 7).holds;
    // As large as is proved, and the least that is more than half of q whatever the noise.
    const most = half - half / (1n << 25n);
    expect(holds(most)).toBe(true);
    expect(holds(half + half / (1n << 25n))).toBe(false);
    expect((await score([ones], [most], 1, 7))[5]! / Number(most) / SCALE).toBeCloseTo(1, 6);
    const beyond = await score([ones], [half + half / (1n << 25n)], 1, 7);
    expect(beyond[5]!).toBeLessThan(0);
  });
});

describe('cubics', () => {
  test.each(patterns)('are within the bound for values %s', async (_, of) => {
    const values = [valuesOf(of), valuesOf((i) => of(i + 1))];
    const columns = values.map(encrypt);
    const bits = 60;
    const unit = 2 ** bits;
    const w = [0.75, -0.5].map((x) => BigInt(Math.round(x * 2 ** (bits - scaleBits))));
    const [c, b2, b1] = [0.25, -0.5, 1.25];
    const constants = [
      ...w,
      BigInt(c * unit),
      BigInt(b2 * unit),
      BigInt(b1 * unit) << BigInt(bits),
    ] as const;
    const y = linearPhase(parameters, w, constants[2]!);
    const phase = cubicPhase(y, constants[3]!, constants[4]!);
    for (const limbs of [7, 3, 2]) {
      const found = await score(columns, constants, 3, limbs);
      const { error, holds } = realNoise(parameters, phase, 4, limbs);
      expect(holds).toBe(true);
      const bound = Number(error.numerator) / Number(error.denominator) / unit ** 3;
      // Two limbs of a cubic leave 2^-12 of the largest value where the modulus is full, which it is not here.
      expect(bound).toBeLessThan(0.02);
      for (let i = 0; i < SLOTS; i += 1) {
        const at = 0.75 * values[0]![i]! - 0.5 * values[1]![i]! + c;
        const expected = at ** 3 + b2 * at ** 2 + b1 * at;
        expect(Math.abs(found[i]! / unit ** 3 - expected)).toBeLessThanOrEqual(bound + 1e-12);
      }
    }
  });
});

describe('what does not fit', () => {
  test('is refused: values, constants, ciphertexts', async () => {
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    for (const values of [
      [1.0000001],
      [NaN],
      [Infinity],
      Array.from({ length: SLOTS + 1 }, () => 0),
    ]) {
      expect(() => engine.encrypt(Float64Array.from(values))).toThrow(internal);
    }
    const one = encrypt(Float64Array.of(1));
    const share = (constants: number[], limbs: number): Promise<unknown> =>
      scoreRows(
        ring,
        '00'.repeat(16),
        Uint32Array.of(0),
        { kind: 'scores', degree: 1, limbs },
        { columns: [0], constants: Uint32Array.from(constants) },
        2,
        () => Promise.resolve({ columns: [{ chunks: 1, at: () => one }], release: () => {} }),
      );
    const good = dataPrimes.map(() => 1);
    await expect(share(good, 2)).resolves.toBeDefined();
    await expect(share(good.slice(1), 2)).rejects.toThrow(INVALID);
    await expect(share([...good, 1], 2)).rejects.toThrow(INVALID);
    await expect(share(good.with(3, dataPrimes[3]!), 2)).rejects.toThrow(INVALID);
    await expect(share(good, 0)).rejects.toThrow(INVALID);
    await expect(share(good, 8)).rejects.toThrow(INVALID);
    const polynomials = new Uint32Array(2 * WORDS);
    for (const ciphertext of [
      { limbs: 0, polynomials },
      { limbs: 8, polynomials },
      { limbs: 7, polynomials: polynomials.slice(1) },
      { limbs: 7, polynomials: polynomials.slice(0, WORDS) },
      { limbs: 2, polynomials: new Uint32Array(10 * n) },
      { limbs: 7, polynomials: polynomials.with(2 * n, dataPrimes[2]!) },
    ]) {
      expect(() => engine.decrypt({ scale: 1, ...ciphertext })).toThrow(INVALID);
    }
  });
});

describe('the secret', () => {
  test('follows from the master key, apart from that of products, and is as small as is counted on', () => {
    const secret = deriveRealSecret(master, n);
    expect(deriveRealSecret(master, n)).toEqual(secret);
    expect(deriveRealSecret(master.with(0, 8), n)).not.toEqual(secret);
    expect(deriveProductSecret(master, n)).not.toEqual(secret);
    const digits = Float64Array.from(unpackDigits(secret), (digit) => digit - 3 * (digit >>> 1));
    const norm = canonicalNorm(digits);
    expect(norm).toBeLessThanOrEqual(SECRET_NORM);
    // The mean of squares is 2n/3; the largest of 4,096 is some times that.
    expect(norm).toBeGreaterThan(Math.sqrt((2 * n) / 3));
  });

  test('has the canonical norm that its definition gives', () => {
    const a = Float64Array.from({ length: 16 }, (_, i) => ((i * 7) % 5) - 2);
    let most = 0;
    for (let root = 1; root < 32; root += 2) {
      let [x, y] = [0, 0];
      a.forEach((coefficient, k) => {
        x += coefficient * Math.cos((Math.PI * root * k) / 16);
        y += coefficient * Math.sin((Math.PI * root * k) / 16);
      });
      most = Math.max(most, Math.hypot(x, y));
    }
    expect(canonicalNorm(a)).toBeCloseTo(most, 6);
    expect(canonicalNorm(Float64Array.of(1, 0, 0, 0))).toBeCloseTo(1, 8);
  });
});
