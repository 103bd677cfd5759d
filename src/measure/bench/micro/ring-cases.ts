import { productParameters, sumParameters } from '../../../params/presets.ts';
import { createReferenceRing } from '../../../ring/reference.ts';
import type { Ring, Span } from '../../../ring/ring.ts';
import { createWasmRing } from '../../../ring/simd/wasm-ring.ts';
import { SeededRandom } from '../../attacks/seeded-random.ts';
import type { MicroCase } from './micro-case.ts';

/** Polynomials of a column that is more than a cache holds. */
const COLUMN = 256;
/** Share of a chunk's rows that a mask picks. */
const PICKED = 0.1;

/** The store's kernels at the presets of sums and of products, and the same arithmetic written plainly. */
export function ringCases(): MicroCase[] {
  const [sums, products] = [sumParameters(48), productParameters()];
  return [
    ...casesOf('opaline-kernels', createWasmRing(sums.n, sums.dataPrimes), COLUMN),
    ...casesOf('opaline-kernels', createWasmRing(products.n, products.dataPrimes), COLUMN / 4),
    ...casesOf('plain-kernels', createReferenceRing(sums.n, sums.dataPrimes), 2),
  ];
}

function casesOf(scheme: string, ring: Ring, polynomials: number): MicroCase[] {
  const { n, moduli } = ring;
  const limbs = moduli.length;
  const words = limbs * n;
  const random = new SeededRandom(n + limbs);
  const fill = (span: Span): Span => {
    const view = ring.view(span);
    for (let i = 0; i < view.length; i++) {
      view[i] = random.below(moduli[Math.floor(i / n) % limbs]!);
    }
    return span;
  };
  const [column, a, b, to] = [
    fill(ring.allocate(polynomials * words)),
    fill(ring.allocate(words)),
    fill(ring.allocate(words)),
    ring.allocate(words),
  ];
  const [sum, products, shifted] = [
    ring.accumulator(limbs),
    ring.accumulator(limbs),
    ring.accumulator(limbs),
  ];
  const rows = Uint16Array.from(random.permutation(n).slice(0, Math.round(PICKED * n))).sort();
  const few = rows.slice(0, 8);
  const parameters = `n = ${n}, ${limbs} primes of 27 bits`;
  const made = (): { bytes: number } => ({ bytes: 4 * words });
  const of = (operation: string, values: number, call: () => void): MicroCase => ({
    operation,
    scheme,
    parameters,
    values,
    call,
    made,
  });
  return [
    of('forward NTT', n, () => ring.forwardNtt(a)),
    of('inverse NTT', n, () => ring.inverseNtt(a)),
    of(`sum of ${polynomials} polynomials`, polynomials * n, () =>
      ring.addPolynomials(sum, column, polynomials, words),
    ),
    of('multiply-accumulate', n, () => ring.multiplyAccumulate(products, a, b)),
    of(`shift-add of ${few.length} rows`, few.length, () => ring.shiftAdd(shifted, a, few)),
    of(`mask of ${rows.length} rows`, rows.length, () => ring.maskEvaluation(to, rows)),
    of(`gather of ${rows.length} rows`, rows.length, () => void ring.gather(a, rows)),
    of('reduce', n, () => ring.reduce(products, to)),
    of('modulus switch', n, () => ring.modulusSwitch(b, limbs)),
  ];
}
