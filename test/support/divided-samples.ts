import type { LweSample, WholeCiphertext } from '../../src/engine/engine.ts';
import type { DividedParameters } from '../../src/params/threshold-noise.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';

/** The LWE sample of the sum of all n coefficients of a fresh ciphertext, as a store makes it, and its first one's. */
export function samplesOf(
  { n, dataPrimes }: DividedParameters,
  { c0, c1 }: WholeCiphertext,
): { total: LweSample; first: LweSample } {
  const ring = createWasmRing(n, dataPrimes);
  const limbs = dataPrimes.length;
  const [poly, mask] = [ring.allocate(n * limbs), ring.allocate(n * limbs)];
  const every = Uint16Array.from({ length: n }, (_, i) => i);
  const sum = ring.accumulator(limbs);
  ring.view(poly).set(c1);
  ring.maskEvaluation(mask, every);
  ring.clear(sum);
  ring.multiplyAccumulate(sum, poly, mask);
  ring.reduce(sum, mask);
  ring.inverseNtt(mask);
  ring.inverseNtt(poly);
  const c0Span = ring.allocate(n * limbs);
  ring.view(c0Span).set(c0);
  const total = { limbs, b: ring.gather(c0Span, every), a: ring.view(mask).slice() };
  const first = {
    limbs,
    b: ring.gather(c0Span, Uint16Array.of(0)),
    a: ring.view(poly).slice(),
  };
  return { total, first };
}
