/**
 * The preset `product` on SEAL itself: products of ciphertexts, masked, summed, switched down and
 * decrypted, are exact up to the proved bounds, and wrong just beyond them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProductEngine, PublicEngine } from '../../src/engine/engine.ts';
import { createSealPublicEngine } from '../../src/engine/seal/expand.ts';
import { liveHandles } from '../../src/engine/seal/handles.ts';
import { deriveProductSecret } from '../../src/keys/product-secret.ts';
import { openProductEngine } from '../../src/keys/secret.ts';
import { plainModulus } from '../../src/params/plain-modulus.ts';
import { productParameters } from '../../src/params/presets.ts';
import { fewestProductLimbs, productNoise } from '../../src/params/product-noise.ts';
import { createReferenceRing } from '../../src/ring/reference.ts';
import { product, toResidues } from '../../src/ring/residues.ts';
import type { Accumulator, Span } from '../../src/ring/ring.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';
import { Rings } from '../../src/run/evaluate/rings.ts';
import { SlotMasks } from '../../src/run/evaluate/slot-masks.ts';
import { switchProduct } from '../../src/run/evaluate/switch-product.ts';

const parameters = productParameters();
const { n, dataPrimes, plainPrimes } = parameters;
const ALL = dataPrimes.length;
const WORDS = ALL * n;
const T = plainModulus(parameters);
const HALF = (T - 1n) / 2n;
const INVALID = expect.objectContaining({ code: 'BYTES_INVALID' });

const rings = new Rings();
const ring = rings.product;
const secret = deriveProductSecret(new Uint8Array(32).fill(7), n);
let before: number;
let engine: ProductEngine;
let store: PublicEngine;

beforeAll(async () => {
  before = liveHandles();
  engine = await openProductEngine(secret.slice());
  store = await createSealPublicEngine(parameters);
});
afterAll(() => {
  engine[Symbol.dispose]();
  expect(liveHandles()).toBe(before);
});

function encrypt(values: ArrayLike<bigint> | Float64Array): Span {
  const ciphertext = engine.encrypt(values);
  const span = ring.allocate(2 * WORDS);
  ring.view(span).set(ciphertext.c0);
  ring.view(span).set(store.expand(ciphertext), WORDS);
  return span;
}

/** Σ of the products of pairs, each times a mask if one is given. */
function sumOf(pairs: readonly { x: Span; y: Span; rows?: Uint16Array }[]): Uint32Array {
  using masks = new SlotMasks(rings);
  const accumulators = (): [Accumulator, Accumulator, Accumulator] => [
    ring.accumulator(ALL),
    ring.accumulator(ALL),
    ring.accumulator(ALL),
  ];
  const sums = accumulators();
  const part = ring.allocate(WORDS);
  for (const { x, y, rows } of pairs) {
    if (rows === undefined) {
      ring.tensorAccumulate(sums, x, y, 1, 0);
      continue;
    }
    const lanes = accumulators();
    ring.tensorAccumulate(lanes, x, y, 1, 0);
    const mask = masks.of(rows);
    lanes.forEach((lane, j) => {
      ring.reduce(lane, part);
      ring.multiplyAccumulate(sums[j]!, part, mask);
      ring.releaseAccumulator(lane);
    });
  }
  const out = new Uint32Array(3 * WORDS);
  sums.forEach((sum, j) => {
    ring.reduce(sum, part);
    out.set(ring.view(part), j * WORDS);
    ring.releaseAccumulator(sum);
  });
  ring.release(part);
  return out;
}

function switched(polynomials: Uint32Array, limbs: number): Uint32Array {
  const out = new Uint32Array(3 * limbs * n);
  for (let j = 0; j < 3; j += 1) {
    const polynomial = polynomials.subarray(j * WORDS, (j + 1) * WORDS);
    out.set(switchProduct(ring, plainPrimes, polynomial, limbs), j * limbs * n);
  }
  return out;
}

const spread = (size: number, seed: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => ((i * seed) % (2 * size + 1)) - size);
const dot = (x: Float64Array, y: Float64Array, rows?: Uint16Array): bigint =>
  [...(rows ?? x.keys())].reduce((sum, i) => sum + BigInt(x[i]!) * BigInt(y[i]!), 0n);

describe('sums of products', () => {
  test('are exact, masked and not, at every number of limbs that the bound allows', () => {
    const [a, b] = [spread(2 ** 20, 7919), spread(2 ** 20, 104_729)];
    const [x, y] = [encrypt(a), encrypt(b)];
    const third = Uint16Array.from({ length: n / 3 }, (_, i) => 3 * i);
    const one = Uint16Array.of(n - 1);
    const sum = sumOf([
      { x, y },
      { x, y: x, rows: third },
      { x: y, y, rows: one },
    ]);
    const expected = dot(a, b) + dot(a, a, third) + dot(b, b, one);
    const fewest = fewestProductLimbs(parameters, 3);
    expect(fewest).toBe(3);
    for (let limbs = ALL; limbs >= fewest; limbs -= 1) {
      const polynomials = switched(sum, limbs);
      expect(engine.decryptTotal({ limbs, polynomials })).toBe(expected);
    }
  });

  test('hold slots up to t/2, and not one more', () => {
    const most = encrypt([HALF, -HALF, HALF]);
    const ones = encrypt([1n, 1n, 1n]);
    const only = (row: number): bigint => {
      const polynomials = sumOf([{ x: most, y: ones, rows: Uint16Array.of(row) }]);
      return engine.decryptTotal({ limbs: ALL, polynomials });
    };
    expect([only(0), only(1)]).toEqual([HALF, -HALF]);
    const twice = sumOf([
      { x: most, y: ones, rows: Uint16Array.of(0) },
      { x: ones, y: ones, rows: Uint16Array.of(0) },
    ]);
    expect(engine.decryptTotal({ limbs: ALL, polynomials: twice })).toBe(-HALF);
    for (const cell of [HALF + 1n, -HALF - 1n]) {
      expect(() => engine.encrypt([cell])).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    }
  });

  test.each([ALL, 4, 3])('decrypt at the noise limit and not just beyond it, %i limbs', (limbs) => {
    const primes = dataPrimes.slice(0, limbs);
    const { limit } = productNoise(parameters, 1, limbs);
    const total = (noise: bigint): bigint => {
      const polynomials = new Uint32Array(3 * limbs * n);
      // A constant polynomial has its value in every place of the evaluation form.
      for (const [limb, residue] of toResidues(noise, primes).entries()) {
        polynomials.fill(residue, limb * n, (limb + 1) * n);
      }
      return engine.decryptTotal({ limbs, polynomials });
    };
    const proven = (limit.numerator / limit.denominator / T) * T;
    expect([total(proven), total(-proven)]).toEqual([0n, 0n]);
    // SEAL finds the quotient in doubles: what is closer to q/2 may go either way.
    const q = product(primes);
    const beyond = ((q / 2n + (q >> 33n)) / T + 1n) * T;
    expect(total(beyond)).not.toBe(0n);
    expect(total(-beyond)).not.toBe(0n);
  });

  test('are switched as the definition says', () => {
    // Small rings, whose reference is quick: c' ≡ c/p mod t, and close to c/p.
    const moduli = [113, 193, 257];
    const plain = [17, 97];
    for (const make of [createReferenceRing, createWasmRing]) {
      const small = make(8, moduli);
      const span = small.allocate(24);
      const values = Array.from({ length: 8 }, (_, i) => BigInt(i * i * 54_321 + i) * 11n);
      values.forEach((value, i) => {
        toResidues(value, moduli).forEach((r, limb) => (small.view(span)[limb * 8 + i] = r));
      });
      small.forwardNtt(span);
      const out = switchProduct(small, plain, small.view(span).slice(), 2);
      const back = small.allocate(16);
      small.view(back).set(out);
      small.inverseNtt(back);
      const t = 17n * 97n;
      const p = 257n;
      values.forEach((value, i) => {
        // ρ ≡ value/t mod p, |ρ| ≤ p/2.
        let rho = 0n;
        for (let r = -128n; r <= 128n; r += 1n) if ((value - t * r) % p === 0n) rho = r;
        const expected = toResidues((value - t * rho) / p, moduli.slice(0, 2));
        expect([small.view(back)[i], small.view(back)[8 + i]]).toEqual(expected);
      });
    }
  });

  test('that are not of the parameters are refused', () => {
    const polynomials = sumOf([]);
    for (const sum of [
      { limbs: 0, polynomials },
      { limbs: 8, polynomials },
      { limbs: 6, polynomials },
      { limbs: 1, polynomials: polynomials.slice(0, 3 * n) },
      { limbs: ALL, polynomials: polynomials.slice(1) },
      { limbs: ALL, polynomials: polynomials.with(5, dataPrimes[0]!) },
      { limbs: ALL, polynomials: polynomials.with(3 * WORDS - 1, 0xffff_ffff) },
    ]) {
      expect(() => engine.decryptTotal(sum)).toThrow(INVALID);
    }
    const { c0, seed } = engine.encrypt([1n]);
    for (const ciphertext of [
      { c0, seed: seed.slice(1) },
      { c0: c0.slice(n), seed },
      { c0: c0.with(5, dataPrimes[0]!), seed },
    ]) {
      expect(() => store.expand(ciphertext)).toThrow(INVALID);
    }
  });
});

describe('the secret', () => {
  test('follows from the master key, and is ternary and balanced', () => {
    const master = new Uint8Array(32).fill(7);
    expect(deriveProductSecret(master, n)).toEqual(secret);
    expect(deriveProductSecret(master.with(0, 8), n)).not.toEqual(secret);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < n; i += 1) {
      const digit = (secret[8 + (i >>> 2)]! >>> (2 * (i & 3))) & 3;
      counts[digit]! += 1;
    }
    expect(counts[3]).toBe(0);
    // Five standard deviations of a third of 8,192 draws are 213.
    for (const count of counts.slice(0, 3)) expect(Math.abs(count - n / 3)).toBeLessThan(214);
  });

  test('of another key decrypts to something else', async () => {
    using other = await openProductEngine(deriveProductSecret(new Uint8Array(32).fill(8), n));
    const [x, y] = [encrypt([5n]), encrypt([6n])];
    const sum = { limbs: ALL, polynomials: sumOf([{ x, y }]) };
    expect(engine.decryptTotal(sum)).toBe(30n);
    expect(other.decryptTotal(sum)).not.toBe(30n);
  });
});
