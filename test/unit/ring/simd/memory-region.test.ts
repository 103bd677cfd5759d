import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { Ring, Span } from '../../../../src/ring/ring.ts';
import { createWasmRing, type MemoryRegion } from '../../../../src/ring/simd/wasm-ring.ts';

const PAGE = 65_536;
const N = 64;
const MODULI = [257, 641];

const shared = (pages: number): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
const inRegion = (memory: MemoryRegion): Ring => createWasmRing(N, MODULI, { memory });

function fill(ring: Ring, words: number, value: number): Span {
  const span = ring.allocate(words);
  ring.view(span).fill(value);
  return span;
}

describe.each([
  ['shared', shared],
  ['unshared', (pages: number) => new WebAssembly.Memory({ initial: pages, maximum: pages + 4 })],
])('a ring in %s memory of the caller', (_, make) => {
  test('computes what it computes in its own', () => {
    const rings = [inRegion({ memory: make(8) }), createWasmRing(N, MODULI)];
    const [given, own] = rings.map((ring) => {
      const a = fill(ring, 2 * N, 200);
      ring.forwardNtt(a);
      const acc = ring.accumulator(2);
      ring.multiplyAccumulate(acc, a, a);
      ring.shiftAdd(acc, a, Uint16Array.of(1, 5, 6, 7, 63));
      ring.reduce(acc, a);
      return [...ring.view(a), ...ring.gather(a, Uint16Array.of(0, 3))];
    });
    expect(given).toEqual(own);
    expect(new Set(given).size).toBeGreaterThan(10);
  });

  test('hands out bytes of its region only, to the last, and never grows the memory', () => {
    const memory = make(8);
    const region = { memory, offset: 3 * PAGE, length: 2 * PAGE };
    const ring = inRegion(region);
    const spans: Span[] = [];
    const takeAll = (words: number): void => {
      for (;;) spans.push(ring.allocate(words));
    };
    const full = expect.objectContaining({ code: 'REQUEST_TOO_LARGE' });
    expect(() => takeAll(1024)).toThrow(full);
    expect(() => takeAll(16)).toThrow(full);
    expect(memory.buffer.byteLength).toBe(8 * PAGE);
    for (const { offset, length } of spans) {
      expect(4 * offset).toBeGreaterThanOrEqual(region.offset);
      expect(4 * (offset + length)).toBeLessThanOrEqual(region.offset + region.length);
    }
    // Everything but tables and scratch (under 8 KB here) was handed out.
    expect(ring.allocatedBytes).toBeGreaterThan(2 * PAGE - 8192);
    for (const span of spans) ring.release(span);
    expect(ring.allocatedBytes).toBe(0);
  });

  test('reads spans of another ring of the same memory', () => {
    const memory = make(8);
    const one = inRegion({ memory, length: 4 * PAGE });
    const other = inRegion({ memory, offset: 4 * PAGE });
    const theirs = fill(one, 2 * N, 100);
    const ours = other.allocate(2 * N);
    other.add(ours, theirs, theirs);
    expect([...other.view(ours)]).toEqual(Array.from({ length: 2 * N }, () => 200));
    expect([...one.view(theirs)]).toEqual(Array.from({ length: 2 * N }, () => 100));
    expect(() => other.release(theirs)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

describe('a region that cannot be', () => {
  test('outside the memory, or of no size', () => {
    const memory = shared(4);
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    for (const region of [
      { memory, offset: -64 },
      { memory, offset: 5 * PAGE },
      { memory, offset: 2 * PAGE, length: 2 * PAGE + 1 },
      { memory, offset: 0.5 },
      { memory: new WebAssembly.Memory({ initial: 4 }) },
    ]) {
      expect(() => inRegion(region)).toThrow(internal);
    }
    expect(() => inRegion({ memory, length: PAGE })).toThrow(
      expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }),
    );
  });
});

test('two threads share a column, each with a region of its own', async () => {
  const memory = shared(16);
  const main = inRegion({ memory, length: 8 * PAGE });
  const words = MODULI.length * N;
  const column = main.allocate(100 * words);
  main.view(column).forEach((_value, i, view) => {
    view[i] = (i * i) % 257;
  });
  const workers = [0, 1].map(
    (half) =>
      new Worker(new URL('./reader.worker.ts', import.meta.url), {
        workerData: {
          n: N,
          moduli: MODULI,
          region: { memory, offset: (8 + 4 * half) * PAGE, length: 4 * PAGE },
          column: main.slice(column, half * 50 * words, 50 * words),
          count: 50,
        },
      }),
  );
  const halves = await Promise.all(
    workers.map(async (worker) => {
      const [span] = (await once(worker, 'message')) as [Span];
      await worker.terminate();
      return span;
    }),
  );
  const [first, second] = halves;
  if (first === undefined || second === undefined) throw new Error('a worker did not answer');
  const total = main.allocate(words);
  main.add(total, first, second);

  const acc = main.accumulator(MODULI.length);
  main.addPolynomials(acc, column, 100, words);
  const alone = main.allocate(words);
  main.reduce(acc, alone);
  expect([...main.view(total)]).toEqual([...main.view(alone)]);
  expect(new Set(main.view(total)).size).toBeGreaterThan(10);
});
