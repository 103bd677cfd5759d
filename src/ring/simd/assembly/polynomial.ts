import { correct, modulusAt, multiplyShoup, reduce32 } from './modulus';
import { correct4, multiplyShoup4, reduce4 } from './vector';

/** destination = a + b mod q, limb by limb. */
export function add(
  destination: usize,
  a: usize,
  b: usize,
  limbs: u32,
  n: u32,
  moduli: usize,
): void {
  let at: usize = 0;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const q = i32x4.splat(modulusAt(moduli, limb).q);
    for (const end = at + ((<usize>n) << 2); at < end; at += 16) {
      const sum = i32x4.add(v128.load(a + at), v128.load(b + at));
      v128.store(destination + at, correct4(sum, q));
    }
  }
}

/** destination = a − b mod q, limb by limb: a difference that wraps is the larger one. */
export function subtract(
  destination: usize,
  a: usize,
  b: usize,
  limbs: u32,
  n: u32,
  moduli: usize,
): void {
  let at: usize = 0;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const q = i32x4.splat(modulusAt(moduli, limb).q);
    for (const end = at + ((<usize>n) << 2); at < end; at += 16) {
      const difference = i32x4.sub(v128.load(a + at), v128.load(b + at));
      v128.store(destination + at, i32x4.min_u(difference, i32x4.add(difference, q)));
    }
  }
}

/** The largest of `count` 16-bit exponents, 0 if there are none. */
export function largestExponent(exponents: usize, count: u32): u32 {
  const end = exponents + ((<usize>count) << 1);
  let at = exponents;
  let lanes = i16x8.splat(0);
  for (; at + 16 <= end; at += 16) lanes = i16x8.max_u(lanes, v128.load(at));
  lanes = i16x8.max_u(lanes, v128.shuffle<i64>(lanes, lanes, 1, 0));
  lanes = i16x8.max_u(lanes, v128.shuffle<i32>(lanes, lanes, 1, 0, 3, 2));
  let largest = max<u32>(i16x8.extract_lane_u(lanes, 0), i16x8.extract_lane_u(lanes, 1));
  for (; at < end; at += 2) largest = max<u32>(largest, load<u16>(at));
  return largest;
}

/**
 * mask = Σ X^-e over `count` 16-bit exponents, in every limb (X^-e = −X^(n−e), X^0 = 1).
 * Returns 0, and leaves the mask unfinished, when an exponent repeats.
 */
export function maskPolynomial(
  mask: usize,
  limbs: u32,
  n: u32,
  exponents: usize,
  count: u32,
  moduli: usize,
): u32 {
  // The places in limb 0, as lanes of ones; then each limb's −1 there, limb 0 last.
  const bytes = (<usize>n) << 2;
  memory.fill(mask, 0, bytes);
  for (let e = exponents, end = exponents + ((<usize>count) << 1); e < end; e += 2) {
    const at = mask + ((<usize>((n - load<u16>(e)) & (n - 1))) << 2);
    if (load<u32>(at) != 0) return 0;
    store<u32>(at, u32.MAX_VALUE);
  }
  for (let limb = limbs; limb-- > 0;) {
    const minusOne = i32x4.splat(modulusAt(moduli, limb).q - 1);
    const words = mask + limb * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(words + at, v128.and(v128.load(mask + at), minusOne));
    }
    if (load<u32>(words) != 0) store<u32>(words, 1);
  }
  return 1;
}

/**
 * Drop limb `limbs − 1` of `words` words a limb with rounding, ⌊(x + ⌊p/2⌋) / p⌋ for p the last
 * prime: SEAL's RNSTool::divide_and_round_q_last_inplace (native/src/seal/util/rns.cpp).
 * `inverses` holds p^-1 mod q_i and its Shoup constant for each limb i left.
 */
export function modulusSwitch(
  poly: usize,
  limbs: u32,
  words: u32,
  moduli: usize,
  inverses: usize,
): void {
  const bytes = (<usize>words) << 2;
  const whole = bytes & ~15;
  const p = modulusAt(moduli, limbs - 1).q;
  const half = p >> 1;
  const last = poly + (<usize>limbs - 1) * bytes;
  const halves = i32x4.splat(half);
  const ps = i32x4.splat(p);
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(last + at, correct4(i32x4.add(v128.load(last + at), halves), ps));
  }
  for (let at = whole; at < bytes; at += 4) {
    store<u32>(last + at, correct(load<u32>(last + at) + half, p));
  }
  for (let limb: u32 = 0; limb < limbs - 1; limb++) {
    const m = modulusAt(moduli, limb);
    const q = m.q;
    const ratio = m.ratio;
    // Keeps x + (half mod q) − r above zero for r in [0, 2q).
    const lift = 2 * q + correct(reduce32(half, q, ratio), q);
    const inverse = load<u32>(inverses + ((<usize>limb) << 3));
    const inverseShoup = load<u32>(inverses + ((<usize>limb) << 3), 4);
    const to = poly + <usize>limb * bytes;
    const qs = i32x4.splat(q);
    const ratios = i32x4.splat(ratio);
    const lifts = i32x4.splat(lift);
    const w = i32x4.splat(inverse);
    const ws = i32x4.splat(inverseShoup);
    for (let at: usize = 0; at < whole; at += 16) {
      const r = reduce4(v128.load(last + at), qs, ratios);
      const difference = i32x4.sub(i32x4.add(v128.load(to + at), lifts), r);
      v128.store(to + at, correct4(multiplyShoup4(difference, w, ws, qs), qs));
    }
    for (let at = whole; at < bytes; at += 4) {
      const r = reduce32(load<u32>(last + at), q, ratio);
      const difference = load<u32>(to + at) + lift - r;
      store<u32>(to + at, correct(multiplyShoup(difference, inverse, inverseShoup, q), q));
    }
  }
}
