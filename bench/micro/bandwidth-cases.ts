import asc from 'assemblyscript/asc';
import type { Case } from './measure.ts';

const BYTES = 96 << 20;
const BASE = 65_536;

/**
 * Eight running sums of two doubles each: bound by memory, not by the latency of an addition. One
 * walks the memory from end to end, the other walks eight eighths of it at once, as addPolynomials
 * walks eight polynomials: the prefetchers keep more lines in flight.
 */
const SOURCE = `
export function streams(at: usize, bytes: usize): f64 {
  const zero = f64x2.splat(0);
  let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero;
  const eighth = bytes >> 3;
  for (const end = at + eighth; at < end; at += 16) {
    a = f64x2.add(a, v128.load(at));
    b = f64x2.add(b, v128.load(at + eighth));
    c = f64x2.add(c, v128.load(at + 2 * eighth));
    d = f64x2.add(d, v128.load(at + 3 * eighth));
    e = f64x2.add(e, v128.load(at + 4 * eighth));
    f = f64x2.add(f, v128.load(at + 5 * eighth));
    g = f64x2.add(g, v128.load(at + 6 * eighth));
    h = f64x2.add(h, v128.load(at + 7 * eighth));
  }
  return total(a, b, c, d, e, f, g, h);
}

export function sum(at: usize, bytes: usize): f64 {
  const zero = f64x2.splat(0);
  let a = zero, b = zero, c = zero, d = zero, e = zero, f = zero, g = zero, h = zero;
  for (const end = at + bytes; at < end; at += 128) {
    a = f64x2.add(a, v128.load(at));
    b = f64x2.add(b, v128.load(at, 16));
    c = f64x2.add(c, v128.load(at, 32));
    d = f64x2.add(d, v128.load(at, 48));
    e = f64x2.add(e, v128.load(at, 64));
    f = f64x2.add(f, v128.load(at, 80));
    g = f64x2.add(g, v128.load(at, 96));
    h = f64x2.add(h, v128.load(at, 112));
  }
  return total(a, b, c, d, e, f, g, h);
}

function total(
  a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128, h: v128,
): f64 {
  const s = f64x2.add(
    f64x2.add(f64x2.add(a, b), f64x2.add(c, d)),
    f64x2.add(f64x2.add(e, f), f64x2.add(g, h)),
  );
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}
`;

/** What one thread can read: plain sums of doubles, in WebAssembly as the kernels are. */
export async function bandwidthCases(): Promise<Case[]> {
  const { binary, error } = await asc.compileString(SOURCE, {
    optimizeLevel: 3,
    noAssert: true,
    runtime: 'stub',
    importMemory: true,
    enable: ['simd'],
  });
  if (error || binary === null) throw error ?? new Error('the bandwidth kernel did not compile');
  const memory = new WebAssembly.Memory({ initial: (BASE + BYTES) / 65_536 });
  new Float64Array(memory.buffer, BASE).fill(1.5);
  const module = new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>);
  const abort = (): void => {
    throw new Error('the bandwidth kernel aborted');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  const cases = { sum: 'plain f64 sum', streams: 'f64 sum of eight streams' };
  return Object.entries(cases).map(([name, title]) => {
    const sum = exports[name] as (at: number, bytes: number) => number;
    if (sum(BASE, BYTES) !== (1.5 * BYTES) / 8) throw new Error('a bandwidth kernel is wrong');
    return { name: title, bytes: BYTES, call: () => void sum(BASE, BYTES) };
  });
}
