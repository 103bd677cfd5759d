/**
 * Sums without reduction. An accumulator has wide lanes of 64 bits and, once it was added to, narrow
 * lanes of 32 bits that take up to 32 residues: 32·(2^27 − 1) < 2^32. The caller counts.
 */

/** narrow[i] += Σ source[p·stride + i] for p < count; `stride` in bytes, `lanes` a multiple of 4. */
export function addPolynomials(
  narrow: usize,
  source: usize,
  count: u32,
  stride: usize,
  lanes: u32,
): void {
  const bytes = (<usize>lanes) << 2;
  let left = count;
  let s0 = source;
  // Eight streams: every source word is read once, the narrow lanes once for eight of them.
  for (; left >= 8; left -= 8, s0 += stride << 3) {
    const s1 = s0 + stride;
    const s2 = s1 + stride;
    const s3 = s2 + stride;
    const s4 = s3 + stride;
    const s5 = s4 + stride;
    const s6 = s5 + stride;
    const s7 = s6 + stride;
    for (let at: usize = 0; at < bytes; at += 16) {
      const a = i32x4.add(v128.load(s0 + at), v128.load(s1 + at));
      const b = i32x4.add(v128.load(s2 + at), v128.load(s3 + at));
      const c = i32x4.add(v128.load(s4 + at), v128.load(s5 + at));
      const d = i32x4.add(v128.load(s6 + at), v128.load(s7 + at));
      const sum = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
      v128.store(narrow + at, i32x4.add(v128.load(narrow + at), sum));
    }
  }
  for (; left >= 2; left -= 2, s0 += stride << 1) {
    const s1 = s0 + stride;
    for (let at: usize = 0; at < bytes; at += 16) {
      const sum = i32x4.add(v128.load(s0 + at), v128.load(s1 + at));
      v128.store(narrow + at, i32x4.add(v128.load(narrow + at), sum));
    }
  }
  if (left > 0) {
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(narrow + at, i32x4.add(v128.load(narrow + at), v128.load(s0 + at)));
    }
  }
}

/** wide += narrow; narrow = 0. */
export function widen(wide: usize, narrow: usize, lanes: u32): void {
  const zero = i32x4.splat(0);
  let to = wide;
  for (let at = narrow, end = narrow + ((<usize>lanes) << 2); at < end; at += 16, to += 32) {
    const x = v128.load(at);
    v128.store(to, i64x2.add(v128.load(to), i64x2.extend_low_i32x4_u(x)));
    v128.store(to, i64x2.add(v128.load(to, 16), i64x2.extend_high_i32x4_u(x)), 16);
    v128.store(at, zero);
  }
}

/**
 * acc[i] += Σ a_p[i]·b_p[i] for p < count, the polynomials `strideA` and `strideB` bytes apart. The
 * caller counts: 1,024 products of 54 bits fill a lane. Four pairs a pass: the lanes, which are twice
 * as wide as what is read, are touched once for them.
 */
export function multiplyAccumulate(
  wide: usize,
  a: usize,
  b: usize,
  count: u32,
  strideA: usize,
  strideB: usize,
  lanes: u32,
): void {
  const bytes = (<usize>lanes) << 2;
  let left = count;
  let x = a;
  let y = b;
  for (; left >= 4; left -= 4, x += strideA << 2, y += strideB << 2) {
    let to = wide;
    const x1 = x + strideA;
    const x2 = x1 + strideA;
    const x3 = x2 + strideA;
    const y1 = y + strideB;
    const y2 = y1 + strideB;
    const y3 = y2 + strideB;
    for (let at: usize = 0; at < bytes; at += 16, to += 32) {
      let low = v128.load(to);
      let high = v128.load(to, 16);
      let u = v128.load(x + at);
      let v = v128.load(y + at);
      low = i64x2.add(low, i64x2.extmul_low_i32x4_u(u, v));
      high = i64x2.add(high, i64x2.extmul_high_i32x4_u(u, v));
      u = v128.load(x1 + at);
      v = v128.load(y1 + at);
      low = i64x2.add(low, i64x2.extmul_low_i32x4_u(u, v));
      high = i64x2.add(high, i64x2.extmul_high_i32x4_u(u, v));
      u = v128.load(x2 + at);
      v = v128.load(y2 + at);
      low = i64x2.add(low, i64x2.extmul_low_i32x4_u(u, v));
      high = i64x2.add(high, i64x2.extmul_high_i32x4_u(u, v));
      u = v128.load(x3 + at);
      v = v128.load(y3 + at);
      low = i64x2.add(low, i64x2.extmul_low_i32x4_u(u, v));
      high = i64x2.add(high, i64x2.extmul_high_i32x4_u(u, v));
      v128.store(to, low);
      v128.store(to, high, 16);
    }
  }
  for (; left > 0; left--, x += strideA, y += strideB) {
    let to = wide;
    for (let at: usize = 0; at < bytes; at += 16, to += 32) {
      const u = v128.load(x + at);
      const v = v128.load(y + at);
      v128.store(to, i64x2.add(v128.load(to), i64x2.extmul_low_i32x4_u(u, v)));
      v128.store(to, i64x2.add(v128.load(to, 16), i64x2.extmul_high_i32x4_u(u, v)), 16);
    }
  }
}
