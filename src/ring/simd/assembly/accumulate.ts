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

/** acc[i] += a[i]·b[i]. The caller counts: 1,024 products of 54 bits fill a lane. */
export function multiplyAccumulate(wide: usize, a: usize, b: usize, lanes: u32): void {
  const bytes = (<usize>lanes) << 2;
  let to = wide;
  for (let at: usize = 0; at < bytes; at += 16, to += 32) {
    const x = v128.load(a + at);
    const y = v128.load(b + at);
    v128.store(to, i64x2.add(v128.load(to), i64x2.extmul_low_i32x4_u(x, y)));
    v128.store(to, i64x2.add(v128.load(to, 16), i64x2.extmul_high_i32x4_u(x, y)), 16);
  }
}

/**
 * Sums of products of two runs of ciphertexts (a0, a1), (b0, b1): wide0 += a0·b0,
 * wide1 += a0·b1 + a1·b0, wide2 += a1·b1. Polynomials have `lanes` words, `stride` bytes from one
 * ciphertext to the next. A block of the accumulators stays in cache for the whole run; a block is
 * long enough for the hardware to prefetch the sources.
 */
export function tensorAccumulate(
  wide0: usize,
  wide1: usize,
  wide2: usize,
  a: usize,
  b: usize,
  count: u32,
  stride: usize,
  lanes: u32,
): void {
  const bytes = (<usize>lanes) << 2;
  for (let start: usize = 0; start < bytes; start += BLOCK) {
    const end = min<usize>(start + BLOCK, bytes);
    for (let k: u32 = 0, offset: usize = 0; k < count; k++, offset += stride) {
      tensorBlock(wide0, wide1, wide2, a + offset, b + offset, bytes, start, end);
    }
  }
}

/** Bytes of one polynomial handled at once: three times twice as much of accumulators stay in L2. */
const BLOCK: usize = 16_384;

function tensorBlock(
  wide0: usize,
  wide1: usize,
  wide2: usize,
  a: usize,
  b: usize,
  bytes: usize,
  start: usize,
  end: usize,
): void {
  for (let at = start; at < end; at += 16) {
    const a0 = v128.load(a + at);
    const a1 = v128.load(a + bytes + at);
    const b0 = v128.load(b + at);
    const b1 = v128.load(b + bytes + at);
    const to0 = wide0 + 2 * at;
    const to1 = wide1 + 2 * at;
    const to2 = wide2 + 2 * at;
    v128.store(to0, i64x2.add(v128.load(to0), i64x2.extmul_low_i32x4_u(a0, b0)));
    v128.store(to0, i64x2.add(v128.load(to0, 16), i64x2.extmul_high_i32x4_u(a0, b0)), 16);
    const low = i64x2.add(i64x2.extmul_low_i32x4_u(a0, b1), i64x2.extmul_low_i32x4_u(a1, b0));
    const high = i64x2.add(i64x2.extmul_high_i32x4_u(a0, b1), i64x2.extmul_high_i32x4_u(a1, b0));
    v128.store(to1, i64x2.add(v128.load(to1), low));
    v128.store(to1, i64x2.add(v128.load(to1, 16), high), 16);
    v128.store(to2, i64x2.add(v128.load(to2), i64x2.extmul_low_i32x4_u(a1, b1)));
    v128.store(to2, i64x2.add(v128.load(to2, 16), i64x2.extmul_high_i32x4_u(a1, b1)), 16);
  }
}
