import type { SecretEngine } from '../../engine/engine.ts';
import { plausibleSpeeds, type Speeds } from '../../gate/grouping/speeds.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import { maskedChunk } from '../../run/evaluate/cost.ts';

/** Each is the least of so many: what else the machine does only ever adds. */
const REPEATS = 15;
/** Kernels take microseconds: so many are timed at once. */
const KERNELS = 15;

/** Measures what the cost model of grouping needs, in about 40 ms. No value of a table takes part. */
export function measureSpeeds(engine: SecretEngine): Speeds {
  const { n, dataPrimes } = engine.parameters;
  const limbs = dataPrimes.length;
  const sample = { limbs, b: new Uint32Array(limbs), a: new Uint32Array(limbs * n).fill(1) };
  const chunk = engine.encrypt(new Float64Array(n));
  const ring = createWasmRing(n, dataPrimes);
  const [mask, column] = [ring.allocate(limbs * n), ring.allocate(limbs * n)];
  const sum = ring.accumulator(limbs);
  const kernels = least(() => {
    for (let i = 0; i < KERNELS; i++) {
      ring.forwardNtt(mask);
      ring.multiplyAccumulate(sum, mask, column);
    }
  });
  return plausibleSpeeds({
    decryptSum: least(() => engine.decrypt(sample)),
    decryptChunk: least(() => engine.decryptFresh(chunk)),
    kernels: (1000 * kernels) / KERNELS / maskedChunk(n / 2, n, 1),
  });
}

/** Milliseconds. */
function least(run: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const begun = performance.now();
    run();
    best = Math.min(best, performance.now() - begun);
  }
  return best;
}
