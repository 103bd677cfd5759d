import { modulusAt } from './modulus';
import { correct4, multiplyShoup4, reduce4 } from './vector';

/**
 * Forward negacyclic transform in place, Cooley-Tukey with Shoup twiddles, two levels a pass; the
 * output is in bit-reversed order, as SEAL's.
 *
 * No reduction between levels. Shoup's product takes any 32-bit factor and is below 2q, so a level
 * turns values below b into values below b + 2q (x + t, and x − t + 2q). Inputs are below q; after
 * log2 n <= 15 levels values are below 31q < 31·2^27 < 2^32: nothing wraps (at n = 4096, 25q).
 */
export function forwardNtt(poly: usize, limbs: u32, n: u32, moduli: usize): void {
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    const base = poly + ((<usize>limb * n) << 2);
    const q = i32x4.splat(m.q);
    const roots = m.roots;
    // Blocks of the level, and bytes between the two inputs of its butterflies.
    let blocks: u32 = 1;
    let gap = (<usize>n) << 1;
    if (ctz(n) & 1) {
      single(base, gap, roots, q);
      blocks = 2;
      gap >>= 1;
    }
    for (; gap > 16; blocks <<= 2, gap >>= 2) {
      double(base, blocks, gap >> 1, roots, q);
    }
    tail(base, n, roots + ((<usize>n) << 1), q, i32x4.splat(m.ratio));
  }
}

/** One level of one block. */
function single(base: usize, gap: usize, roots: usize, q: v128): void {
  const twoQ = i32x4.shl(q, 1);
  const w = v128.load32_splat(roots, 8);
  const ws = v128.load32_splat(roots, 12);
  for (let at = base, end = base + gap; at < end; at += 16) {
    const x = v128.load(at);
    const t = multiplyShoup4(v128.load(at + gap), w, ws, q);
    v128.store(at, i32x4.add(x, t));
    v128.store(at + gap, i32x4.sub(i32x4.add(x, twoQ), t));
  }
}

/** Two levels: gaps 2h and h bytes, h >= 16; the first has `blocks` blocks. */
function double(base: usize, blocks: u32, h: usize, roots: usize, q: v128): void {
  const twoQ = i32x4.shl(q, 1);
  let outer = roots + ((<usize>blocks) << 3);
  let inner = roots + ((<usize>blocks) << 4);
  let at = base;
  for (const last = outer + ((<usize>blocks) << 3); outer < last; outer += 8, inner += 16) {
    const w1 = v128.load32_splat(outer);
    const w1s = v128.load32_splat(outer, 4);
    const w2 = v128.load32_splat(inner);
    const w2s = v128.load32_splat(inner, 4);
    const w3 = v128.load32_splat(inner, 8);
    const w3s = v128.load32_splat(inner, 12);
    for (const end = at + h; at < end; at += 16) {
      const at2 = at + 2 * h;
      const x0 = v128.load(at);
      const t0 = multiplyShoup4(v128.load(at2), w1, w1s, q);
      const x1 = v128.load(at + h);
      const t1 = multiplyShoup4(v128.load(at2 + h), w1, w1s, q);
      const y0 = i32x4.add(x0, t0);
      const y2 = i32x4.sub(i32x4.add(x0, twoQ), t0);
      const u0 = multiplyShoup4(i32x4.add(x1, t1), w2, w2s, q);
      const u1 = multiplyShoup4(i32x4.sub(i32x4.add(x1, twoQ), t1), w3, w3s, q);
      v128.store(at, i32x4.add(y0, u0));
      v128.store(at + h, i32x4.sub(i32x4.add(y0, twoQ), u0));
      v128.store(at2, i32x4.add(y2, u1));
      v128.store(at2 + h, i32x4.sub(i32x4.add(y2, twoQ), u1));
    }
    at += 3 * h;
  }
}

/** The last two levels, gaps of 2 words and 1, inside two vectors a, b; then every value to [0, q). */
function tail(base: usize, n: u32, twiddles: usize, q: v128, ratio: v128): void {
  const twoQ = i32x4.shl(q, 1);
  let w = twiddles;
  for (let at = base, end = base + ((<usize>n) << 2); at < end; at += 32, w += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const x = v128.shuffle<i64>(a, b, 0, 2);
    const t = multiplyShoup4(v128.shuffle<i64>(a, b, 1, 3), v128.load(w), v128.load(w, 16), q);
    const y0 = i32x4.add(x, t);
    const y1 = i32x4.sub(i32x4.add(x, twoQ), t);
    // y0 = a0 a1 b0 b1, y1 = a2 a3 b2 b3; even places: a0 b0 a2 b2.
    const e = v128.shuffle<i32>(y0, y1, 0, 2, 4, 6);
    const u = multiplyShoup4(
      v128.shuffle<i32>(y0, y1, 1, 3, 5, 7),
      v128.load(w, 32),
      v128.load(w, 48),
      q,
    );
    const z0 = correct4(reduce4(i32x4.add(e, u), q, ratio), q);
    const z1 = correct4(reduce4(i32x4.sub(i32x4.add(e, twoQ), u), q, ratio), q);
    const low = v128.shuffle<i32>(z0, z1, 0, 4, 1, 5);
    const high = v128.shuffle<i32>(z0, z1, 2, 6, 3, 7);
    v128.store(at, v128.shuffle<i64>(low, high, 0, 2));
    v128.store(at, v128.shuffle<i64>(low, high, 1, 3), 16);
  }
}
