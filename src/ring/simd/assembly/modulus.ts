/**
 * One prime q < 2^27 with everything a kernel needs about it. The host writes these records, 64
 * bytes apart; src/ring/simd/tables.ts is the other side of this layout.
 */
@unmanaged
export class Modulus {
  q: u32;
  /** ⌊2^32 / q⌋ */
  ratio: u32;
  /** 2^32 mod q, and its Shoup constant: folds the upper half of a 64-bit lane. */
  fold: u32;
  foldShoup: u32;
  /** Twiddles of the two outermost levels, forward and inverse; see ntt-tables.ts. */
  roots: usize;
  inverseRoots: usize;
  /** n^-1, and n^-1 times the inverse roots 1, 2 and 3, each with its Shoup constant. */
  nInverse: u32;
  nInverseShoup: u32;
  last1: u32;
  last1Shoup: u32;
  last2: u32;
  last2Shoup: u32;
  last3: u32;
  last3Shoup: u32;
  /** For sparse-mask.ts, 0 where the degree does not suit it. */
  maskPowers: usize;
  maskRoots: usize;
}

const STRIDE: usize = 64;

export function modulusAt(moduli: usize, limb: u32): Modulus {
  return changetype<Modulus>(moduli + <usize>limb * STRIDE);
}

/** x in [0, 2q) -> [0, q): below q the difference wraps and is the larger one. No branch. */
export function correct(x: u32, q: u32): u32 {
  return min<u32>(x, x - q);
}

/** Barrett: any 32-bit x -> a value in [0, 2q) congruent to it. */
export function reduce32(x: u32, q: u32, ratio: u32): u32 {
  return x - <u32>((<u64>x * <u64>ratio) >> 32) * q;
}

/**
 * Shoup's product w·x mod q in [0, 2q), for any 32-bit x and ws = ⌊w·2^32 / q⌋
 * (Harvey, "Faster arithmetic for number-theoretic transforms", 2014, algorithm 3).
 */
export function multiplyShoup(x: u32, w: u32, ws: u32, q: u32): u32 {
  return x * w - <u32>((<u64>x * <u64>ws) >> 32) * q;
}

/** A 64-bit lane -> [0, q): its upper half times 2^32 mod q, plus its lower half. */
export function reduce64(x: u64, m: Modulus): u32 {
  const q = m.q;
  const upper = multiplyShoup(<u32>(x >> 32), m.fold, m.foldShoup, q);
  const lower = reduce32(<u32>x, q, m.ratio);
  return correct(correct(upper + lower, 2 * q), q);
}
