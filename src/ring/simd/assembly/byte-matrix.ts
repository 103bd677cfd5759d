/**
 * Bytes times words modulo 2^32, by 16-bit products. A word x is lo + 2^16·hi modulo 2^32 with lo its
 * lower half read as a signed number, hi the upper half of x + 2^15. So
 *
 *     Σ d_j·x_j = Σ d_j·lo_j + 2^16·Σ d_j·hi_j  (mod 2^32),
 *
 * and dot_i16x8_s multiplies eight bytes by eight halves and adds neighbours. A pair is at most
 * 2·255·2^15 < 2^31 in magnitude, so nothing but the sums modulo 2^32 wraps, as it may.
 */

/** Bytes that the halves of sixteen words take, as many as the words. */
const GROUP: usize = 64;

/**
 * Words as halves: of each eight, the lower halves in 16 bytes, then the upper ones. `count` is a
 * multiple of 16; `to` may be `words`.
 */
export function splitWords(to: usize, words: usize, count: u32): void {
  const round = i32x4.splat(0x8000);
  const end = words + ((<usize>count) << 2);
  for (let at = words, out = to; at < end; at += 32, out += 32) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const ar = i32x4.add(a, round);
    const br = i32x4.add(b, round);
    v128.store(out, v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
    v128.store(out, v128.shuffle<i16>(ar, br, 1, 3, 5, 7, 9, 11, 13, 15), 16);
  }
}

/**
 * answers[r] = Σ_j matrix[r·columns + j]·x[j] modulo 2^32 for r < rows, the x as splitWords leaves
 * them, with zeros up to a multiple of 16. Rows lie one after the other and need no alignment.
 */
export function multiplyBytes(
  answers: usize,
  matrix: usize,
  rows: u32,
  columns: u32,
  halves: usize,
): void {
  const stride = <usize>columns;
  let out = answers;
  let row = matrix;
  let left = rows;
  for (; left >= 4; left -= 4, row += stride << 2, out += 16) {
    fourRows(out, row, columns, halves);
  }
  for (; left > 0; left--, row += stride, out += 4) oneRow(out, row, columns, halves);
}

function fourRows(out: usize, row: usize, columns: u32, halves: usize): void {
  const stride = <usize>columns;
  let low0 = i32x4.splat(0);
  let low1 = low0;
  let low2 = low0;
  let low3 = low0;
  let high0 = low0;
  let high1 = low0;
  let high2 = low0;
  let high3 = low0;
  const r1 = row + stride;
  const r2 = r1 + stride;
  const r3 = r2 + stride;
  const whole = stride & ~15;
  let h = halves;
  for (let at: usize = 0; at < whole; at += 16, h += GROUP) {
    const l0 = v128.load(h);
    const h0 = v128.load(h, 16);
    const l1 = v128.load(h, 32);
    const h1 = v128.load(h, 48);
    let d = v128.load(row + at);
    let a = i16x8.extend_low_i8x16_u(d);
    let b = i16x8.extend_high_i8x16_u(d);
    low0 = i32x4.add(low0, i32x4.add(i32x4.dot_i16x8_s(a, l0), i32x4.dot_i16x8_s(b, l1)));
    high0 = i32x4.add(high0, i32x4.add(i32x4.dot_i16x8_s(a, h0), i32x4.dot_i16x8_s(b, h1)));
    d = v128.load(r1 + at);
    a = i16x8.extend_low_i8x16_u(d);
    b = i16x8.extend_high_i8x16_u(d);
    low1 = i32x4.add(low1, i32x4.add(i32x4.dot_i16x8_s(a, l0), i32x4.dot_i16x8_s(b, l1)));
    high1 = i32x4.add(high1, i32x4.add(i32x4.dot_i16x8_s(a, h0), i32x4.dot_i16x8_s(b, h1)));
    d = v128.load(r2 + at);
    a = i16x8.extend_low_i8x16_u(d);
    b = i16x8.extend_high_i8x16_u(d);
    low2 = i32x4.add(low2, i32x4.add(i32x4.dot_i16x8_s(a, l0), i32x4.dot_i16x8_s(b, l1)));
    high2 = i32x4.add(high2, i32x4.add(i32x4.dot_i16x8_s(a, h0), i32x4.dot_i16x8_s(b, h1)));
    d = v128.load(r3 + at);
    a = i16x8.extend_low_i8x16_u(d);
    b = i16x8.extend_high_i8x16_u(d);
    low3 = i32x4.add(low3, i32x4.add(i32x4.dot_i16x8_s(a, l0), i32x4.dot_i16x8_s(b, l1)));
    high3 = i32x4.add(high3, i32x4.add(i32x4.dot_i16x8_s(a, h0), i32x4.dot_i16x8_s(b, h1)));
  }
  store<u32>(out, total(low0, high0) + tail(row, whole, columns, halves));
  store<u32>(out, total(low1, high1) + tail(r1, whole, columns, halves), 4);
  store<u32>(out, total(low2, high2) + tail(r2, whole, columns, halves), 8);
  store<u32>(out, total(low3, high3) + tail(r3, whole, columns, halves), 12);
}

function oneRow(out: usize, row: usize, columns: u32, halves: usize): void {
  let low = i32x4.splat(0);
  let high = low;
  const whole = (<usize>columns) & ~15;
  let h = halves;
  for (let at: usize = 0; at < whole; at += 16, h += GROUP) {
    const d = v128.load(row + at);
    const a = i16x8.extend_low_i8x16_u(d);
    const b = i16x8.extend_high_i8x16_u(d);
    low = i32x4.add(low, i32x4.dot_i16x8_s(a, v128.load(h)));
    high = i32x4.add(high, i32x4.dot_i16x8_s(a, v128.load(h, 16)));
    low = i32x4.add(low, i32x4.dot_i16x8_s(b, v128.load(h, 32)));
    high = i32x4.add(high, i32x4.dot_i16x8_s(b, v128.load(h, 48)));
  }
  store<u32>(out, total(low, high) + tail(row, whole, columns, halves));
}

function total(low: v128, high: v128): u32 {
  const sum = i32x4.add(low, i32x4.shl(high, 16));
  return (
    i32x4.extract_lane(sum, 0) +
    i32x4.extract_lane(sum, 1) +
    i32x4.extract_lane(sum, 2) +
    i32x4.extract_lane(sum, 3)
  );
}

/** The columns past the last sixteen. */
function tail(row: usize, whole: usize, columns: u32, halves: usize): u32 {
  let sum: u32 = 0;
  for (let at = whole, end = <usize>columns; at < end; at++) {
    const h = halves + (at >> 3) * 32 + ((at & 7) << 1);
    sum +=
      <u32>load<u8>(row + at) * (<u32>load<u16>(h) + ((<u32>load<u16>(h, 16)) << 16) - carry(h));
  }
  return sum;
}

/** The upper half was rounded up where the lower one is negative. */
function carry(h: usize): u32 {
  return ((<u32>load<u16>(h)) & 0x8000) << 1;
}
