import { modulusAt, Modulus } from './modulus';
import { correct4, multiplyShoup4 } from './vector';

/**
 * Inverse transform in place, Gentleman-Sande, two levels a pass; the last pass also scales by n^-1
 * and brings every value into [0, q).
 *
 * Between passes values are below 4q. Inside a pass sums grow to 8q and 16q < 2^31; only the one
 * output of four that is a sum of four inputs has to be brought down again, the others are below
 * 4q as they are: a sum of two products (each below 2q), and products.
 */
export function inverseNtt(poly: usize, limbs: u32, n: u32, moduli: usize): void {
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    const base = poly + ((<usize>limb * n) << 2);
    const q = i32x4.splat(m.q);
    const roots = m.inverseRoots;
    head(base, n, roots + ((<usize>n) << 1), q);
    // Blocks of a pass's second level, and bytes between the inputs of its first.
    let blocks: u32 = n >> 4;
    let gap: usize = 16;
    for (; blocks > 1; blocks >>= 2, gap <<= 2) {
      double(base, blocks, gap, roots, q);
    }
    if (blocks == 1) lastDouble(base, gap, roots, m, q);
    else lastSingle(base, gap, m, q);
  }
}

/** The first two levels, gaps of 1 word and 2, inside two vectors. Inputs below q, outputs below 4q. */
function head(base: usize, n: u32, twiddles: usize, q: v128): void {
  const twoQ = i32x4.shl(q, 1);
  let w = twiddles;
  for (let at = base, end = base + ((<usize>n) << 2); at < end; at += 32, w += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const low = v128.shuffle<i64>(a, b, 0, 2);
    const high = v128.shuffle<i64>(a, b, 1, 3);
    // low = a0 a1 b0 b1, high = a2 a3 b2 b3; even places: a0 b0 a2 b2.
    const e = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
    const o = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
    const s = i32x4.add(e, o);
    const d = multiplyShoup4(i32x4.sub(i32x4.add(e, q), o), v128.load(w, 32), v128.load(w, 48), q);
    // Back to a0 a1 b0 b1 and a2 a3 b2 b3; sums and products are both below 2q.
    const x = v128.shuffle<i32>(s, d, 0, 4, 1, 5);
    const y = v128.shuffle<i32>(s, d, 2, 6, 3, 7);
    const z0 = i32x4.add(x, y);
    const z1 = multiplyShoup4(i32x4.sub(i32x4.add(x, twoQ), y), v128.load(w), v128.load(w, 16), q);
    v128.store(at, v128.shuffle<i64>(z0, z1, 0, 2));
    v128.store(at, v128.shuffle<i64>(z0, z1, 1, 3), 16);
  }
}

/** Two levels: gaps h and 2h bytes; the second has `blocks` blocks. Inputs and outputs below 4q. */
function double(base: usize, blocks: u32, h: usize, roots: usize, q: v128): void {
  const twoQ = i32x4.shl(q, 1);
  const fourQ = i32x4.shl(q, 2);
  const eightQ = i32x4.shl(q, 3);
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
      const x1 = v128.load(at + h);
      const x2 = v128.load(at2);
      const x3 = v128.load(at2 + h);
      const s0 = i32x4.add(x0, x1);
      const d0 = multiplyShoup4(i32x4.sub(i32x4.add(x0, fourQ), x1), w2, w2s, q);
      const s1 = i32x4.add(x2, x3);
      const d1 = multiplyShoup4(i32x4.sub(i32x4.add(x2, fourQ), x3), w3, w3s, q);
      v128.store(at, correct4(correct4(i32x4.add(s0, s1), eightQ), fourQ));
      v128.store(at + h, i32x4.add(d0, d1));
      v128.store(at2, multiplyShoup4(i32x4.sub(i32x4.add(s0, eightQ), s1), w1, w1s, q));
      v128.store(at2 + h, multiplyShoup4(i32x4.sub(i32x4.add(d0, twoQ), d1), w1, w1s, q));
    }
    at += 3 * h;
  }
}

/** The last two levels of an even number of them, scaled by n^-1. Inputs below 4q, outputs below q. */
function lastDouble(base: usize, h: usize, roots: usize, m: Modulus, q: v128): void {
  const twoQ = i32x4.shl(q, 1);
  const fourQ = i32x4.shl(q, 2);
  const eightQ = i32x4.shl(q, 3);
  const w0 = i32x4.splat(m.nInverse);
  const w0s = i32x4.splat(m.nInverseShoup);
  const w1 = i32x4.splat(m.last1);
  const w1s = i32x4.splat(m.last1Shoup);
  const w2 = i32x4.splat(m.last2);
  const w2s = i32x4.splat(m.last2Shoup);
  const w3 = i32x4.splat(m.last3);
  const w3s = i32x4.splat(m.last3Shoup);
  const v1 = v128.load32_splat(roots, 8);
  const v1s = v128.load32_splat(roots, 12);
  for (let at = base, end = base + h; at < end; at += 16) {
    const at2 = at + 2 * h;
    const x0 = v128.load(at);
    const x1 = v128.load(at + h);
    const x2 = v128.load(at2);
    const x3 = v128.load(at2 + h);
    const s0 = i32x4.add(x0, x1);
    const d0 = multiplyShoup4(i32x4.sub(i32x4.add(x0, fourQ), x1), w2, w2s, q);
    const s1 = i32x4.add(x2, x3);
    const d1 = multiplyShoup4(i32x4.sub(i32x4.add(x2, fourQ), x3), w3, w3s, q);
    // d0 and d1 carry n^-1 already.
    const y0 = multiplyShoup4(i32x4.add(s0, s1), w0, w0s, q);
    const y2 = multiplyShoup4(i32x4.sub(i32x4.add(s0, eightQ), s1), w1, w1s, q);
    const y3 = multiplyShoup4(i32x4.sub(i32x4.add(d0, twoQ), d1), v1, v1s, q);
    v128.store(at, correct4(y0, q));
    v128.store(at + h, correct4(correct4(i32x4.add(d0, d1), twoQ), q));
    v128.store(at2, correct4(y2, q));
    v128.store(at2 + h, correct4(y3, q));
  }
}

/** The last level of an odd number of them, scaled by n^-1. Inputs below 4q, outputs below q. */
function lastSingle(base: usize, gap: usize, m: Modulus, q: v128): void {
  const fourQ = i32x4.shl(q, 2);
  const w0 = i32x4.splat(m.nInverse);
  const w0s = i32x4.splat(m.nInverseShoup);
  const w1 = i32x4.splat(m.last1);
  const w1s = i32x4.splat(m.last1Shoup);
  for (let at = base, end = base + gap; at < end; at += 16) {
    const x = v128.load(at);
    const y = v128.load(at + gap);
    v128.store(at, correct4(multiplyShoup4(i32x4.add(x, y), w0, w0s, q), q));
    const d = i32x4.sub(i32x4.add(x, fourQ), y);
    v128.store(at + gap, correct4(multiplyShoup4(d, w1, w1s, q), q));
  }
}
