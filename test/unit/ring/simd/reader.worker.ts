/** Sums polynomials of another thread's span with a ring in a region of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Span } from '../../../../src/ring/ring.ts';
import { createWasmRing, type MemoryRegion } from '../../../../src/ring/simd/wasm-ring.ts';

interface Task {
  readonly n: number;
  readonly moduli: readonly number[];
  readonly region: MemoryRegion;
  readonly column: Span;
  readonly count: number;
}

const { n, moduli, region, column, count } = workerData as Task;
const ring = createWasmRing(n, moduli, { memory: region });
const words = n * moduli.length;
const acc = ring.accumulator(moduli.length);
ring.addPolynomials(acc, column, count, words);
const total = ring.allocate(words);
ring.reduce(acc, total);
// A port of worker_threads takes no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(total);
