/** One suite, two rings: every operation of ring.ts on random and extreme inputs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReferenceRing } from '../../src/ring/reference.ts';
import type { Accumulator, Ring, Span } from '../../src/ring/ring.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';

const LARGE = [133963777, 134012929, 134111233, 134176769];
/** The smallest primes ≡ 1 mod 2n beside the preset's, which are 1 modulo every smaller 2n too. */
const RINGS: { n: number; moduli: number[]; runs: number }[] = [
  { n: 8, moduli: [17, ...LARGE], runs: 40 },
  { n: 8, moduli: [17], runs: 20 },
  { n: 16, moduli: [LARGE[0] ?? 0, 97], runs: 40 },
  { n: 32, moduli: [...LARGE, 193], runs: 20 },
  { n: 64, moduli: [257, 133963777, 641], runs: 20 },
  { n: 4096, moduli: LARGE, runs: 2 },
];

const MAKERS = { reference: createReferenceRing, wasm: createWasmRing };
type Words = Uint32Array<ArrayBuffer>;
type Sums = [Accumulator, Accumulator, Accumulator];

/** Residues of a polynomial: all zero, all q − 1, all one, or random with extremes mixed in. */
function polynomial(n: number, moduli: readonly number[], limbs: number): fc.Arbitrary<Words> {
  const used = moduli.slice(0, limbs);
  const constant = (value: (q: number) => number): Words =>
    Uint32Array.from(used.flatMap((q) => Array.from({ length: n }, () => value(q))));
  const seeded = fc.integer().map((seed) => {
    let state = seed >>> 0;
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
    return Uint32Array.from(
      used.flatMap((q) =>
        Array.from({ length: n }, () => {
          const kind = next() >>> 29;
          return kind === 0 ? 0 : kind === 1 ? q - 1 : Math.floor((next() / 2 ** 32) * q);
        }),
      ),
    );
  });
  return fc.oneof(
    { weight: 4, arbitrary: seeded },
    { weight: 1, arbitrary: fc.constant(constant((q) => q - 1)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        constant(() => 0),
        constant(() => 1),
      ),
    },
  );
}

const exponentSet = (n: number): fc.Arbitrary<Uint16Array> =>
  fc
    .uniqueArray(fc.nat(n - 1), { maxLength: Math.min(n, 200) })
    .map((exponents) => Uint16Array.from(exponents));

function put(ring: Ring, words: Uint32Array): Span {
  const span = ring.allocate(words.length);
  ring.view(span).set(words);
  return span;
}

/** Run on both rings; every result must be equal word for word, and nothing may stay allocated. */
function agree(n: number, moduli: number[], run: (ring: Ring) => Uint32Array[]): Uint32Array[] {
  const results = Object.values(MAKERS).map((make) => run(make(n, moduli)));
  const [reference = [], wasm = []] = results;
  expect(wasm).toEqual(reference);
  return reference;
}

const copy = (ring: Ring, span: Span): Uint32Array => ring.view(span).slice();

describe('lifted from two primes', () => {
  const PAIRS: [number, number][] = [
    [16_760_833, 16_580_609],
    [16_580_609, 16_760_833],
    [3, 5],
    [5, 3],
  ];
  test.each(PAIRS)('modulo %i and %i', (a, b) => {
    const n = 16;
    const word = (q: number): fc.Arbitrary<number> =>
      fc.oneof(fc.nat(q - 1), fc.constantFrom(0, 1, q - 1, (q - 1) / 2, (q + 1) / 2));
    const residues = fc.tuple(
      fc.array(word(a), { minLength: n, maxLength: n }),
      fc.array(word(b), { minLength: n, maxLength: n }),
    );
    fc.assert(
      fc.property(residues, fc.integer({ min: 1, max: 4 }), ([x, y], limbs) => {
        agree(n, LARGE, (ring) => {
          const poly = ring.allocate(limbs * n);
          ring.liftResidues(poly, put(ring, Uint32Array.from([...x, ...y])), [a, b]);
          return [copy(ring, poly)];
        });
      }),
    );
  });

  test.each(Object.entries(MAKERS))('%s ring refuses others', (_, make) => {
    const ring = make(16, LARGE);
    const [poly, two, three] = [ring.allocate(16), ring.allocate(32), ring.allocate(48)];
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    for (const pair of [
      [3, 3],
      [7, 3],
      [9, 5],
      [2, 5],
      [LARGE[0] ?? 0, 5],
    ] as [number, number][]) {
      expect(() => ring.liftResidues(poly, two, pair)).toThrow(internal);
    }
    expect(() => ring.liftResidues(poly, three, [3, 5])).toThrow(internal);
    expect(() => ring.liftResidues(ring.slice(poly, 0, 8), two, [3, 5])).toThrow(internal);
  });
});

describe.each(RINGS)('both rings, n = $n, moduli $moduli', ({ n, moduli, runs }) => {
  const all = moduli.length;
  const limbsArb = fc.integer({ min: 1, max: all });
  const withPolys = (count: number): fc.Arbitrary<{ limbs: number; polys: Words[] }> =>
    limbsArb.chain((limbs) =>
      fc
        .array(polynomial(n, moduli, limbs), { minLength: count, maxLength: count })
        .map((polys) => ({ limbs, polys })),
    );
  const check = <T>(arbitrary: fc.Arbitrary<T>, body: (value: T) => void): void => {
    fc.assert(fc.property(arbitrary, body), { numRuns: runs });
  };

  test('transforms agree and invert each other', () => {
    check(withPolys(1), ({ polys: [p = new Uint32Array()] }) => {
      const [forward, back] = agree(n, moduli, (ring) => {
        const span = put(ring, p);
        ring.forwardNtt(span);
        const transformed = copy(ring, span);
        ring.inverseNtt(span);
        return [transformed, copy(ring, span)];
      });
      expect(back).toEqual(p);
      expect(forward).toHaveLength(p.length);
    });
  });

  test('add and subtract, also in place', () => {
    check(withPolys(2), ({ polys: [p = new Uint32Array(), r = new Uint32Array()] }) => {
      agree(n, moduli, (ring) => {
        const [a, b, to] = [put(ring, p), put(ring, r), ring.allocate(p.length)];
        ring.add(to, a, b);
        const sum = copy(ring, to);
        ring.subtract(to, a, b);
        const difference = copy(ring, to);
        ring.subtract(to, to, to);
        const zero = copy(ring, to);
        ring.add(a, a, b);
        expect(copy(ring, a)).toEqual(sum);
        ring.subtract(a, a, b);
        expect(copy(ring, a)).toEqual(p);
        return [sum, difference, zero];
      });
    });
  });

  test('lazy sums of 0, 1, 2, many polynomials at any stride', () => {
    const shape = fc.record({
      limbs: limbsArb,
      count: fc.constantFrom(0, 1, 2, 3, 7, 8, 9, 31, 33),
      gap: fc.constantFrom(0, 1, 5, 16),
      seed: fc.integer(),
    });
    check(
      shape.chain((s) => polynomial(n, moduli, s.limbs).map((p) => ({ ...s, p }))),
      ({ limbs, count, gap, p }) => {
        agree(n, moduli, (ring) => {
          const stride = limbs * n + gap;
          const source = ring.allocate(Math.max(count * stride, limbs * n));
          const view = ring.view(source);
          for (let i = 0; i < count; i += 1) {
            view.set(i % 3 === 2 ? p.slice().fill(1) : p, i * stride);
          }
          const acc = ring.accumulator(limbs);
          const to = ring.allocate(limbs * n);
          ring.addPolynomials(acc, source, count, stride);
          ring.reduce(acc, to);
          const once = copy(ring, to);
          ring.addPolynomials(acc, source, count, stride);
          ring.reduce(acc, to);
          const twice = copy(ring, to);
          ring.clear(acc);
          ring.reduce(acc, to);
          return [once, twice, copy(ring, to)];
        });
      },
    );
  });

  test('multiply-accumulate, shift-add, masks and gathers', () => {
    const input = withPolys(2).chain((w) => exponentSet(n).map((s) => ({ ...w, s })));
    check(input, ({ limbs, polys: [p = new Uint32Array(), r = new Uint32Array()], s }) => {
      agree(n, moduli, (ring) => {
        const [a, b, to] = [put(ring, p), put(ring, r), ring.allocate(p.length)];
        const acc = ring.accumulator(limbs);
        ring.multiplyAccumulate(acc, a, b);
        ring.shiftAdd(acc, a, s);
        ring.multiplyAccumulate(acc, a, a);
        const [left, right] = [
          put(ring, Uint32Array.from([...p, ...r])),
          put(ring, Uint32Array.from([...r, ...p])),
        ];
        ring.multiplyAccumulateRun(acc, left, right, 2, p.length, p.length);
        // One polynomial seven times, and none.
        ring.multiplyAccumulateRun(
          acc,
          put(ring, Uint32Array.from(Array.from({ length: 7 }, () => [...p]).flat())),
          put(ring, Uint32Array.from(Array.from({ length: 7 }, () => [...r]).flat())),
          7,
          p.length,
          p.length,
        );
        ring.multiplyAccumulateRun(acc, a, b, 0, p.length, p.length);
        ring.reduce(acc, to);
        const accumulated = copy(ring, to);
        ring.maskPolynomial(to, s);
        return [accumulated, copy(ring, to), ring.gather(a, s), ring.gather(b, new Uint16Array())];
      });
    });
  });

  test('sums of products of runs of ciphertexts', () => {
    const shape = fc.record({
      limbs: limbsArb,
      count: fc.constantFrom(0, 1, 2, 5),
      gap: fc.constantFrom(0, 3, 16),
    });
    check(
      shape.chain((s) =>
        fc
          .array(polynomial(n, moduli, s.limbs), { minLength: 4, maxLength: 4 })
          .map((polys) => ({ ...s, polys })),
      ),
      ({ limbs, count, gap, polys }) => {
        agree(n, moduli, (ring) => {
          const words = limbs * n;
          const stride = 2 * words + gap;
          const run = (from: number): Span => {
            const span = ring.allocate(Math.max(count, 1) * stride);
            const view = ring.view(span);
            for (let i = 0; i < 2 * count; i += 1) {
              view.set(polys[(from + i) % 4] ?? [], (i >> 1) * stride + (i & 1) * words);
            }
            return span;
          };
          const [a, b] = [run(0), run(1)];
          const sums = [0, 1, 2].map(() => ring.accumulator(limbs)) as Sums;
          ring.tensorAccumulate(sums, a, b, count, stride);
          ring.tensorAccumulate(sums, b, b, count, stride);
          return sums.map((sum) => {
            const to = ring.allocate(words);
            ring.reduce(sum, to);
            return copy(ring, to);
          });
        });
      },
    );
  });

  test('additions in any order and number, cleared between', () => {
    // Around 32, where narrow lanes are full, and 4, where shifts change their method.
    const step = fc.record({
      adds: fc.constantFrom(0, 1, 2, 15, 31, 32, 33),
      shifts: fc.constantFrom(0, 1, 3, 4, 5, 29, 32, 33),
      products: fc.constantFrom(0, 1),
      clear: fc.constantFrom(false, false, true),
    });
    const input = withPolys(1).chain((w) =>
      fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => ({ ...w, steps })),
    );
    check(input, ({ limbs, polys: [p = new Uint32Array()], steps }) => {
      agree(n, moduli, (ring) => {
        const [a, to] = [put(ring, p), ring.allocate(p.length)];
        const acc = ring.accumulator(limbs);
        return steps.map(({ adds, shifts, products, clear }) => {
          if (clear) ring.clear(acc);
          for (let i = 0; i < adds; i += 1) ring.addPolynomials(acc, a, 1, 0);
          ring.shiftAdd(
            acc,
            a,
            Uint16Array.from({ length: shifts }, (_, i) => (i * 5 + 3) % n),
          );
          for (let i = 0; i < products; i += 1) ring.multiplyAccumulate(acc, a, a);
          ring.reduce(acc, to);
          return copy(ring, to);
        });
      });
    });
  });

  test('a mask times a polynomial is the shift-add of the same set', () => {
    const input = withPolys(1).chain((w) => exponentSet(n).map((s) => ({ ...w, s })));
    check(input, ({ limbs, polys: [p = new Uint32Array()], s }) => {
      for (const make of Object.values(MAKERS)) {
        const ring = make(n, moduli);
        const [a, mask] = [put(ring, p), ring.allocate(p.length)];
        const [dense, sparse] = [ring.allocate(p.length), ring.allocate(p.length)];
        const [products, shifts] = [ring.accumulator(limbs), ring.accumulator(limbs)];
        ring.shiftAdd(shifts, a, s);
        ring.reduce(shifts, sparse);
        ring.maskPolynomial(mask, s);
        ring.forwardNtt(mask);
        ring.forwardNtt(a);
        ring.multiplyAccumulate(products, mask, a);
        ring.reduce(products, dense);
        ring.inverseNtt(dense);
        expect(copy(ring, dense)).toEqual(copy(ring, sparse));
        // Its constant coefficient is the gathered sum.
        ring.inverseNtt(a);
        const constants = Array.from({ length: limbs }, (_, limb) => copy(ring, sparse)[limb * n]);
        expect([...ring.gather(a, s)]).toEqual(constants);
      }
    });
  });

  // A chain of one prime has nothing to drop.
  const switching = all > 1 ? test : undefined;
  switching?.('modulus switching, of polynomials and of constants', () => {
    const input = fc
      .integer({ min: 2, max: all })
      .chain((limbs) => polynomial(n, moduli, limbs).map((p) => ({ limbs, p })));
    check(input, ({ limbs, p }) => {
      agree(n, moduli, (ring) => {
        const whole = put(ring, p);
        const constant = put(
          ring,
          Uint32Array.from({ length: limbs }, (_, limb) => p[limb * n] ?? 0),
        );
        for (let left = limbs; left > 1; left -= 1) {
          ring.modulusSwitch(ring.slice(whole, 0, left * n), left);
          ring.modulusSwitch(ring.slice(constant, 0, left), left);
          const words = copy(ring, whole);
          const expected = Array.from({ length: left - 1 }, (_, limb) => words[limb * n]);
          expect([...copy(ring, constant).subarray(0, left - 1)]).toEqual(expected);
        }
        return [copy(ring, whole).subarray(0, n)];
      });
    });
  });
});

describe('lanes at their limit', () => {
  const n = 8;
  const full = (ring: Ring): Span =>
    put(ring, Uint32Array.from(LARGE.flatMap((q) => Array.from({ length: n }, () => q - 1))));

  /** Σ as the exact integer, reduced: every product is (q − 1)² ≡ 1, every addend ≡ −1. */
  const expected = (products: number, addends: number): number[] =>
    LARGE.flatMap((q) => Array.from({ length: n }, () => (((products - addends) % q) + q) % q));

  test.each([
    [1024, 0],
    [1025, 0],
    [1024, 1],
    [1, 0],
    [3000, 5000],
    [2047, 2],
  ])('%i products of (q − 1)² and %i addends of q − 1', (products, addends) => {
    const ring = createWasmRing(n, LARGE);
    const p = full(ring);
    const to = ring.allocate(p.length);
    for (const productsFirst of [true, false]) {
      const acc: Accumulator = ring.accumulator(LARGE.length);
      const multiply = (): void => {
        for (let i = 0; i < products; i += 1) ring.multiplyAccumulate(acc, p, p);
      };
      if (productsFirst) multiply();
      for (let i = 0; i < addends; i += 1) ring.addPolynomials(acc, p, 1, 0);
      if (!productsFirst) multiply();
      ring.reduce(acc, to);
      expect([...ring.view(to)]).toEqual(expected(products, addends));
      ring.releaseAccumulator(acc);
    }
  });

  test.each([511, 512, 513, 1100])('%i ciphertext products of q − 1 in one call', (count) => {
    const ring = createWasmRing(n, LARGE);
    const words = LARGE.length * n;
    const run = ring.allocate(count * 2 * words);
    const view = ring.view(run);
    const p = ring.view(full(ring));
    for (let at = 0; at < view.length; at += words) view.set(p, at);
    const sums = [0, 1, 2].map(() => ring.accumulator(LARGE.length)) as Sums;
    const to = ring.allocate(words);
    ring.tensorAccumulate(sums, run, run, count, 2 * words);
    for (const [i, sum] of sums.entries()) {
      ring.reduce(sum, to);
      expect([...ring.view(to)]).toEqual(expected(i === 1 ? 2 * count : count, 0));
    }
  });

  test('a source of zeros, shifted: what is negated is q, not zero', () => {
    const exponents = Uint16Array.from({ length: 96 }, () => n - 1);
    agree(n, LARGE, (ring) => {
      const acc = ring.accumulator(LARGE.length);
      const to = ring.allocate(LARGE.length * n);
      ring.shiftAdd(acc, ring.allocate(LARGE.length * n), exponents);
      ring.reduce(acc, to);
      expect(ring.view(to).every((word) => word === 0)).toBe(true);
      return [copy(ring, to)];
    });
  });

  test('shift-add of more exponents than coefficients', () => {
    const exponents = Uint16Array.from({ length: 5 * n + 3 }, (_, i) => i % n);
    agree(n, LARGE, (ring) => {
      const acc = ring.accumulator(LARGE.length);
      const to = ring.allocate(LARGE.length * n);
      ring.shiftAdd(acc, full(ring), exponents);
      ring.reduce(acc, to);
      return [copy(ring, to), ring.gather(full(ring), exponents)];
    });
  });
});

describe('the most levels, where unreduced values grow largest', () => {
  // The largest primes below 2^27 that are 1 modulo 2n.
  test.each([
    [8192, 133857281],
    [16384, 133857281],
    [32768, 132710401],
  ])('n = %i modulo %i', (n, q) => {
    const state = { value: 1 };
    const random = (): number => {
      state.value = (Math.imul(state.value, 1664525) + 1013904223) >>> 0;
      return Math.floor((state.value / 2 ** 32) * q);
    };
    const inputs = [() => q - 1, (i: number) => (i % 2 === 0 ? q - 1 : 0), random];
    for (const input of inputs) {
      const p = Uint32Array.from({ length: n }, (_, i) => input(i));
      agree(n, [q], (ring) => {
        const span = put(ring, p);
        ring.forwardNtt(span);
        const transformed = copy(ring, span);
        ring.inverseNtt(span);
        expect(copy(ring, span)).toEqual(p);
        ring.view(span).set(p);
        ring.inverseNtt(span);
        return [transformed, copy(ring, span)];
      });
    }
  });
});

describe.each(Object.entries(MAKERS))('the %s ring', (_, make) => {
  test('multiplies negacyclically: NTT product = schoolbook product', () => {
    const n = 16;
    const moduli = [97, 134176769];
    fc.assert(
      fc.property(polynomial(n, moduli, 2), polynomial(n, moduli, 2), (p, r) => {
        const ring = make(n, moduli);
        const [a, b, to] = [put(ring, p), put(ring, r), ring.allocate(2 * n)];
        const acc = ring.accumulator(2);
        ring.forwardNtt(a);
        ring.forwardNtt(b);
        ring.multiplyAccumulate(acc, a, b);
        ring.reduce(acc, to);
        ring.inverseNtt(to);
        expect([...ring.view(to)]).toEqual(
          moduli.flatMap((q, limb) =>
            schoolbook(
              p.subarray(limb * n, (limb + 1) * n),
              r.subarray(limb * n, (limb + 1) * n),
              q,
            ),
          ),
        );
      }),
    );
  });

  test('rounds to nearest when a prime is dropped', () => {
    const moduli = [97, 193, 257];
    const [q0 = 0n, q1 = 0n, p = 0n] = moduli.map(BigInt);
    const ring = make(8, moduli);
    for (let x = 0n; x < q0 * q1 * p; x += 997n) {
      const span = put(
        ring,
        Uint32Array.from(moduli, (q) => Number(x % BigInt(q))),
      );
      ring.modulusSwitch(span, 3);
      const rounded = (x + p / 2n) / p;
      const [r0, r1] = ring.view(span);
      expect([r0, r1]).toEqual([Number(rounded % q0), Number(rounded % q1)]);
      ring.release(span);
    }
  });

  test('frees what it is given back', () => {
    const ring = make(64, [257]);
    expect(ring.allocatedBytes).toBe(0);
    const spans = [1, 64, 1000].map((words) => ring.allocate(words));
    const acc = ring.accumulator(1);
    expect(ring.allocatedBytes).toBeGreaterThanOrEqual(4 * 1065 + 8 * 64);
    ring.addPolynomials(acc, spans[1] ?? ring.allocate(64), 1, 0);
    for (const span of spans) ring.release(span);
    ring.releaseAccumulator(acc);
    expect(ring.allocatedBytes).toBe(0);
  });

  test('hands out zeroed, 64-byte aligned spans', () => {
    const ring = make(64, [257]);
    const first = ring.allocate(100);
    ring.view(first).fill(7);
    ring.release(first);
    const spans = [100, 3, 5].map((words) => ring.allocate(words));
    for (const span of spans) {
      expect(span.offset % 16).toBe(0);
      expect(ring.view(span).every((word) => word === 0)).toBe(true);
    }
  });

  test('refuses wrong shapes, exponents and released memory', () => {
    const ring = make(8, [17, 113]);
    const two = ring.allocate(16);
    const odd = ring.allocate(12);
    const acc = ring.accumulator(2);
    const one = ring.accumulator(1);
    const ones: Sums = [one, ring.accumulator(1), ring.accumulator(1)];
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    const invalid = expect.objectContaining({ code: 'BYTES_INVALID' });
    for (const call of [
      () => ring.forwardNtt(odd),
      () => ring.inverseNtt(ring.slice(two, 0, 0)),
      () => ring.multiplyAccumulate(one, two, two),
      () => ring.multiplyAccumulate(acc, two, odd),
      () => ring.multiplyAccumulateRun(acc, two, two, 2, 16, 16),
      () => ring.multiplyAccumulateRun(one, two, two, 2, 4, 8),
      () => ring.addPolynomials(acc, two, 2, 16),
      () => ring.addPolynomials(acc, two, 1.5, 16),
      () => ring.addPolynomials(acc, two, 2, 8),
      () => ring.shiftAdd(one, two, Uint16Array.of(0)),
      () => ring.tensorAccumulate(ones, two, two, 2, 16),
      () => ring.tensorAccumulate(ones, two, two, 1, -1),
      () => ring.tensorAccumulate(ones, odd, two, 1, 16),
      () => ring.tensorAccumulate(ones, two, odd, 1, 16),
      () => ring.tensorAccumulate([ones[0], ones[1], acc], two, two, 1, 16),
      () => ring.tensorAccumulate([ones[0], ones[1], ones[0]], two, two, 1, 16),
      () => ring.reduce(acc, odd),
      () => ring.add(two, two, odd),
      () => ring.subtract(odd, odd, odd),
      () => ring.modulusSwitch(two, 1),
      () => ring.modulusSwitch(ring.slice(two, 0, 15), 2),
      () => ring.modulusSwitch(two, 3),
      () => ring.slice(two, 8, 9),
      () => ring.slice(two, -1, 2),
      () => ring.allocate(-1),
      () => ring.accumulator(3),
      () => ring.release({ offset: 5, length: 1 }),
      () => ring.view({ offset: 2 ** 29, length: 8 }),
      () => ring.reduce({ limbs: 2 }, two),
      () => ring.clear(make(8, [17, 113]).accumulator(2)),
    ]) {
      expect(call).toThrow(internal);
    }
    for (const call of [
      () => ring.maskPolynomial(two, Uint16Array.of(1, 1)),
      () => ring.maskPolynomial(two, Uint16Array.of(0, 3, 0)),
      () => ring.maskPolynomial(two, Uint16Array.of(8)),
      () => ring.gather(two, Uint16Array.of(65535)),
      () => ring.shiftAdd(acc, two, Uint16Array.of(3, 8)),
    ]) {
      expect(call).toThrow(invalid);
    }
    ring.releaseAccumulator(acc);
    ring.release(two);
    expect(() => ring.clear(acc)).toThrow(internal);
    expect(() => ring.release(two)).toThrow(internal);
  });

  test.each([
    [12, [17]],
    [4, [17]],
    [2 ** 16, [134176769]],
    [8, []],
    [8, [17, 17]],
    [8, [15]],
    [8, [19]],
    [8, [289]],
    [4096, [134217689]],
    [8, [2 ** 27 + 1]],
    [8, [Number.NaN]],
  ])('refuses n = %i with moduli %j', (n, moduli) => {
    expect(() => make(n, moduli)).toThrow(expect.objectContaining({ code: 'PARAMETERS_INVALID' }));
  });
});

describe.each([8, 128, 256, 1024, 4096])('masks in evaluation form, n = %i', (n) => {
  const moduli = n === 4096 ? LARGE.slice(0, 2) : LARGE;
  const rows = Math.max(1, n / 64);
  /** Row residue r of several exponents: so many additions fall on the same lanes. */
  const crowd = (count: number, r: number): Uint16Array =>
    Uint16Array.from({ length: count }, (_, i) => (i * rows + r) % n);
  const most = 31 - 2 * Math.log2(rows);
  const extremes = [
    [],
    [0],
    [n - 1],
    [n / 2],
    [1, n - 1],
    [0, 1, 2, 3],
    Array.from({ length: n }, (_, i) => i),
    // One lane full to the last residue it can take, one more, and all of a row.
    ...[most, most + 1, 64].flatMap((count) => [
      crowd(Math.min(count, n), 0),
      crowd(Math.min(count, n), rows - 1),
    ]),
  ].map((exponents) => Uint16Array.from(new Set(exponents)));
  const ring = createWasmRing(n, moduli);
  const span = ring.allocate(moduli.length * n);
  const transformed = (exponents: Uint16Array): Uint32Array => {
    ring.maskPolynomial(span, exponents);
    ring.forwardNtt(span);
    return copy(ring, span);
  };
  const evaluated = (exponents: Uint16Array): Uint32Array => {
    ring.view(span).fill(12_345);
    ring.maskEvaluation(span, exponents);
    return copy(ring, span);
  };

  test('are the transforms of masks, however the exponents lie', () => {
    // The reference takes seconds where n is large; there the transform's own tests stand in.
    const reference = n <= 256 ? createReferenceRing(n, moduli) : undefined;
    const mask = reference?.allocate(moduli.length * n);
    for (const exponents of extremes) {
      expect(evaluated(exponents)).toEqual(transformed(exponents));
      if (reference === undefined || mask === undefined) continue;
      reference.maskEvaluation(mask, exponents);
      expect(evaluated(exponents)).toEqual(copy(reference, mask));
    }
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(n - 1), { maxLength: Math.ceil(n / 8) + 2 }), (list) => {
        const exponents = Uint16Array.from(list);
        expect(evaluated(exponents)).toEqual(transformed(exponents));
      }),
      { numRuns: 60 },
    );
  });

  test('refuse an exponent twice and one out of range, in few and in many', () => {
    const many = Uint16Array.from({ length: n }, (_, i) => (i === 5 ? 4 : i));
    for (const exponents of [[1, 1], [0, 3, 0], [n], [...many]]) {
      expect(() => ring.maskEvaluation(span, Uint16Array.from(exponents))).toThrow(
        expect.objectContaining({ code: 'BYTES_INVALID' }),
      );
    }
  });
});

function schoolbook(a: Uint32Array, b: Uint32Array, q: number): number[] {
  const n = a.length;
  const result = Array.from({ length: n }, () => 0n);
  for (const [i, x] of a.entries()) {
    for (const [j, y] of b.entries()) {
      const sign = i + j < n ? 1n : -1n;
      const at = (i + j) % n;
      result[at] = (result[at] ?? 0n) + sign * BigInt(x) * BigInt(y);
    }
  }
  return result.map((value) => Number(((value % BigInt(q)) + BigInt(q)) % BigInt(q)));
}
