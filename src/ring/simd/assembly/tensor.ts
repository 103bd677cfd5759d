/** Bytes of one polynomial handled at once: six times as much of accumulators stay in L2. */
const BLOCK: usize = 16_384;

/**
 * Sums of products of two runs of ciphertexts (a0, a1), (b0, b1): wide0 += a0·b0,
 * wide1 += a0·b1 + a1·b0, wide2 += a1·b1. Polynomials have `lanes` words, `stride` bytes from one
 * ciphertext to the next. A block of the accumulators stays in cache for the whole run; a block is
 * long enough for the hardware to prefetch the sources.
 *
 * Three products instead of four (Karatsuba): inside a block wide1 holds itself plus the other two,
 * so that it takes (a0 + a1)·(b0 + b1). That may wrap, and unwraps when they are subtracted again:
 * 64-bit lanes are exact modulo 2^64, and the caller counts what the true sum needs.
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
    const size = min<usize>(BLOCK, bytes - start);
    const to0 = wide0 + 2 * start;
    const to1 = wide1 + 2 * start;
    const to2 = wide2 + 2 * start;
    for (let at: usize = 0; at < 2 * size; at += 16) {
      const others = i64x2.add(v128.load(to0 + at), v128.load(to2 + at));
      v128.store(to1 + at, i64x2.add(v128.load(to1 + at), others));
    }
    let x = a + start;
    let y = b + start;
    let left = count;
    for (; left >= 2; left -= 2, x += 2 * stride, y += 2 * stride) {
      two(to0, to1, to2, x, y, bytes, stride, size);
    }
    if (left > 0) one(to0, to1, to2, x, y, bytes, size);
    for (let at: usize = 0; at < 2 * size; at += 16) {
      const others = i64x2.add(v128.load(to0 + at), v128.load(to2 + at));
      v128.store(to1 + at, i64x2.sub(v128.load(to1 + at), others));
    }
  }
}

function multiplyAdd(to: usize, x: v128, y: v128): void {
  v128.store(to, i64x2.add(v128.load(to), i64x2.extmul_low_i32x4_u(x, y)));
  v128.store(to, i64x2.add(v128.load(to, 16), i64x2.extmul_high_i32x4_u(x, y)), 16);
}

/** One ciphertext: `bytes` is the length of a polynomial, `size` what of it is handled. */
function one(
  to0: usize,
  to1: usize,
  to2: usize,
  x: usize,
  y: usize,
  bytes: usize,
  size: usize,
): void {
  for (let at: usize = 0; at < size; at += 16) {
    const x0 = v128.load(x + at);
    const y0 = v128.load(y + at);
    const x1 = v128.load(x + bytes + at);
    const y1 = v128.load(y + bytes + at);
    multiplyAdd(to0 + 2 * at, x0, y0);
    multiplyAdd(to1 + 2 * at, i32x4.add(x0, x1), i32x4.add(y0, y1));
    multiplyAdd(to2 + 2 * at, x1, y1);
  }
}

function multiplyAddTwo(to: usize, x: v128, y: v128, u: v128, v: v128): void {
  const low = i64x2.add(i64x2.extmul_low_i32x4_u(x, y), i64x2.extmul_low_i32x4_u(u, v));
  const high = i64x2.add(i64x2.extmul_high_i32x4_u(x, y), i64x2.extmul_high_i32x4_u(u, v));
  v128.store(to, i64x2.add(v128.load(to), low));
  v128.store(to, i64x2.add(v128.load(to, 16), high), 16);
}

/** Two ciphertexts, so that accumulators are read and written half as often. */
function two(
  to0: usize,
  to1: usize,
  to2: usize,
  x: usize,
  y: usize,
  bytes: usize,
  stride: usize,
  size: usize,
): void {
  const u = x + stride;
  const v = y + stride;
  for (let at: usize = 0; at < size; at += 16) {
    const x0 = v128.load(x + at);
    const y0 = v128.load(y + at);
    const u0 = v128.load(u + at);
    const v0 = v128.load(v + at);
    multiplyAddTwo(to0 + 2 * at, x0, y0, u0, v0);
    const x1 = v128.load(x + bytes + at);
    const y1 = v128.load(y + bytes + at);
    const u1 = v128.load(u + bytes + at);
    const v1 = v128.load(v + bytes + at);
    multiplyAddTwo(to2 + 2 * at, x1, y1, u1, v1);
    const xs = i32x4.add(x0, x1);
    const ys = i32x4.add(y0, y1);
    multiplyAddTwo(to1 + 2 * at, xs, ys, i32x4.add(u0, u1), i32x4.add(v0, v1));
  }
}
