import { sumParameters } from '../../src/params/presets.ts';
import type { Ring, Span } from '../../src/ring/ring.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';
import { generator } from './generator.ts';
import type { Case } from './measure.ts';

/** Polynomials of the resident column: with 3 limbs of 4,096 words 100 MB, more than any cache. */
const RESIDENT = 2048;

/** Our kernels at the `sum` preset: n = 4096, three limbs of 27 bits. */
export function ringCases(): Case[] {
  const { n, dataPrimes } = sumParameters(48);
  const ring = createWasmRing(n, dataPrimes);
  const limbs = dataPrimes.length;
  const words = limbs * n;
  const random = generator(1);
  const poly = (): Span => filled(ring, ring.allocate(words), random);

  const [a, b, to] = [poly(), poly(), poly()];
  const [sums, products, shifts] = [1, 2, 3].map(() => ring.accumulator(limbs));
  if (sums === undefined || products === undefined || shifts === undefined) {
    throw new Error('no accumulators');
  }
  const many = Array.from({ length: 64 }, () => ring.accumulator(limbs));
  const masks = ring.allocate(4 * words);
  const column = ring.allocate(RESIDENT * words);
  const cells = ring.view(column);
  for (let i = 0; i < cells.length; i += 1) cells[i] = i & 0x3ffffff;
  const chunk = (i: number): Span => ring.slice(column, (i % RESIDENT) * words, words);
  let next = 0;

  const exponents = (count: number): Uint16Array => {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(random() & (n - 1));
    return Uint16Array.from(chosen).sort();
  };
  const tenth = exponents(410);
  const shiftCase = (count: number): Case => {
    const chosen = exponents(count);
    return {
      name: `shiftAdd, ${count} exponents, per exponent`,
      units: count,
      call: () => ring.shiftAdd(shifts, a, chosen),
    };
  };

  return [
    { name: 'forwardNtt, per limb', units: limbs, call: () => ring.forwardNtt(a) },
    { name: 'inverseNtt, per limb', units: limbs, call: () => ring.inverseNtt(a) },
    {
      name: 'addPolynomials, resident column in one call, per polynomial',
      units: RESIDENT,
      bytes: RESIDENT * words * 4,
      rows: (RESIDENT / 2) * n,
      call: () => ring.addPolynomials(sums, column, RESIDENT, words),
    },
    {
      name: 'addPolynomials, resident column one by one, per polynomial',
      units: RESIDENT,
      bytes: RESIDENT * words * 4,
      rows: (RESIDENT / 2) * n,
      call: () => {
        for (let i = 0; i < RESIDENT; i += 1) ring.addPolynomials(sums, chunk(i), 1, 0);
      },
    },
    { name: 'multiplyAccumulate, in cache', call: () => ring.multiplyAccumulate(products, a, b) },
    {
      name: 'multiplyAccumulate, streamed from the resident column',
      rows: n,
      call: () => ring.multiplyAccumulate(products, chunk((next += 1)), b),
    },
    ...[1, 4].map((pairs) => ({
      name: `multiplyAccumulateRun into 64 accumulators in turn, ${pairs} pairs a call, per pair`,
      units: pairs,
      call: () => {
        const first = ((next += pairs) * 2) % (RESIDENT - 16);
        const source = ring.slice(column, first * words, 8 * words);
        ring.multiplyAccumulateRun(many[next % 64]!, source, masks, pairs, 2 * words, words);
      },
    })),
    ...[1, 3, 8, 32, 410].map(shiftCase),
    { name: 'reduce', call: () => ring.reduce(products, to) },
    { name: 'maskPolynomial, 410 exponents', call: () => ring.maskPolynomial(to, tenth) },
    ...[1, 64, 410].map((count) => {
      const chosen = exponents(count);
      const name = `maskEvaluation, ${count} exponents, three limbs`;
      return { name, call: () => ring.maskEvaluation(to, chosen) };
    }),
    {
      name: 'maskPolynomial and forwardNtt, three limbs',
      call: () => {
        ring.maskPolynomial(to, tenth);
        ring.forwardNtt(to);
      },
    },
    { name: 'gather, 410 exponents', call: () => void ring.gather(a, tenth) },
    { name: 'add', call: () => ring.add(to, b, a) },
    { name: 'subtract', call: () => ring.subtract(to, b, a) },
    { name: 'modulusSwitch, 3 limbs to 2', call: () => ring.modulusSwitch(b, limbs) },
    {
      name: 'filtered sum of a chunk: mask, NTT, multiply-accumulate, gather; 410 of 4,096 rows',
      rows: n,
      call: () => {
        const at = (next += 1);
        ring.maskEvaluation(to, tenth);
        ring.multiplyAccumulate(products, chunk(at), to);
        ring.gather(chunk(at + 1), tenth);
      },
    },
  ];
}

function filled(ring: Ring, span: Span, random: () => number): Span {
  const view = ring.view(span);
  for (let i = 0; i < view.length; i += 1) {
    view[i] = (random() * 8 + (random() & 7)) % (ring.moduli[Math.floor(i / ring.n)] ?? 1);
  }
  return span;
}
