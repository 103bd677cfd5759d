/** The functions of modulus.ts on four 32-bit lanes at once. */

/** Upper halves of the four 64-bit products. */
export function multiplyHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(
    i64x2.extmul_low_i32x4_u(a, b),
    i64x2.extmul_high_i32x4_u(a, b),
    1,
    3,
    5,
    7,
  );
}

/** w·x mod q in [0, 2q), for any 32-bit x and ws = ⌊w·2^32 / q⌋ (Harvey 2014, algorithm 3). */
export function multiplyShoup4(x: v128, w: v128, ws: v128, q: v128): v128 {
  return i32x4.sub(i32x4.mul(x, w), i32x4.mul(multiplyHigh(x, ws), q));
}

/** Barrett: any 32-bit x -> [0, 2q). */
export function reduce4(x: v128, q: v128, ratio: v128): v128 {
  return i32x4.sub(x, i32x4.mul(multiplyHigh(x, ratio), q));
}

/** [0, 2q) -> [0, q). */
export function correct4(x: v128, q: v128): v128 {
  return i32x4.min_u(x, i32x4.sub(x, q));
}
