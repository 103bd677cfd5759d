import { sumParameters } from '../../../params/presets.ts';
import { createReferenceRing } from '../../../ring/reference.ts';
import type { Ring } from '../../../ring/ring.ts';
import { createWasmRing } from '../../../ring/simd/wasm-ring.ts';
import { type AblationRun, bothSides, timesOnly } from './ablation.ts';

const CIPHERTEXTS = 4;

/** The kernels against the same arithmetic written plainly: a sum of ciphertexts of the preset of sums. */
export const kernelAblations: AblationRun = async (tools) => {
  const { n, dataPrimes } = sumParameters(48);
  const summing = (ring: Ring): (() => Promise<void>) => {
    const words = dataPrimes.length * n;
    const column = ring.allocate(2 * CIPHERTEXTS * words);
    const cells = ring.view(column);
    for (let i = 0; i < cells.length; i++) cells[i] = i & 0x3ffffff;
    const [sum, to] = [ring.accumulator(dataPrimes.length), ring.allocate(words)];
    return () => {
      ring.clear(sum);
      ring.addPolynomials(sum, column, 2 * CIPHERTEXTS, words);
      ring.reduce(sum, to);
      return Promise.resolve();
    };
  };
  const [having, lacking] = await bothSides(
    tools,
    summing(createWasmRing(n, dataPrimes)),
    summing(createReferenceRing(n, dataPrimes)),
  );
  return [
    {
      workload: 'sum',
      what: `kernels in WebAssembly with SIMD, ${CIPHERTEXTS} ciphertexts of ${n} rows`,
      kind: 'speed',
      with: timesOnly(having),
      without: timesOnly(lacking),
    },
  ];
};
