import { correct, modulusAt, multiplyShoup, reduce32 } from './modulus';

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
    const q = modulusAt(moduli, limb).q;
    for (const end = at + ((<usize>n) << 2); at < end; at += 4) {
      store<u32>(destination + at, correct(load<u32>(a + at) + load<u32>(b + at), q));
    }
  }
}

/** destination = a − b mod q, limb by limb. */
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
    const q = modulusAt(moduli, limb).q;
    for (const end = at + ((<usize>n) << 2); at < end; at += 4) {
      store<u32>(destination + at, correct(load<u32>(a + at) + q - load<u32>(b + at), q));
    }
  }
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
  memory.fill(mask, 0, (<usize>limbs * n) << 2);
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const minusOne = modulusAt(moduli, limb).q - 1;
    const words = mask + ((<usize>limb * n) << 2);
    for (let k: u32 = 0; k < count; k++) {
      const e = <u32>load<u16>(exponents + ((<usize>k) << 1));
      const at = words + ((<usize>((n - e) & (n - 1))) << 2);
      if (load<u32>(at) != 0) return 0;
      store<u32>(at, e == 0 ? 1 : minusOne);
    }
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
  const p = modulusAt(moduli, limbs - 1).q;
  const half = p >> 1;
  const last = poly + (<usize>limbs - 1) * bytes;
  for (let at: usize = 0; at < bytes; at += 4) {
    store<u32>(last + at, correct(load<u32>(last + at) + half, p));
  }
  for (let limb: u32 = 0; limb < limbs - 1; limb++) {
    const m = modulusAt(moduli, limb);
    const q = m.q;
    const ratio = m.ratio;
    const lift = q + correct(reduce32(half, q, ratio), q);
    const inverse = load<u32>(inverses + ((<usize>limb) << 3));
    const inverseShoup = load<u32>(inverses + ((<usize>limb) << 3), 4);
    const to = poly + <usize>limb * bytes;
    for (let at: usize = 0; at < bytes; at += 4) {
      const r = correct(reduce32(load<u32>(last + at), q, ratio), q);
      const difference = load<u32>(to + at) + lift - r;
      store<u32>(to + at, correct(multiplyShoup(difference, inverse, inverseShoup, q), q));
    }
  }
}
