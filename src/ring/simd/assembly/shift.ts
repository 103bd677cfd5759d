import { modulusAt } from './modulus';

/** Fewer exponents than this are added one by one, without a negacyclic copy of the source. */
const FEW: u32 = 4;

/**
 * narrow += Σ X^-e · source over at most 32 exponents of 16 bits, negacyclic: what leaves at the
 * bottom returns negated on top. Every addend is at most q. `scratch` has room for 2n words.
 */
export function shiftAdd(
  narrow: usize,
  source: usize,
  limbs: u32,
  n: u32,
  exponents: usize,
  count: u32,
  moduli: usize,
  scratch: usize,
): void {
  const bytes = (<usize>n) << 2;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const q = modulusAt(moduli, limb).q;
    const lanes = narrow + limb * bytes;
    const words = source + limb * bytes;
    if (count < FEW) {
      for (let k: u32 = 0; k < count; k++) {
        addShifted(lanes, words, bytes, (<usize>load<u16>(exponents + ((<usize>k) << 1))) << 2, q);
      }
    } else {
      unroll(scratch, words, bytes, q);
      addWindows(lanes, scratch, bytes, exponents, count);
    }
  }
}

/** lanes += X^-e · words, e = shift / 4. */
function addShifted(lanes: usize, words: usize, bytes: usize, shift: usize, q: u32): void {
  const kept = bytes - shift;
  const whole = kept & ~15;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(lanes + at, i32x4.add(v128.load(lanes + at), v128.load(words + shift + at)));
  }
  let at = whole;
  if (kept & 15) {
    // The vector in which the source wraps around.
    for (; at < kept; at += 4) {
      store<u32>(lanes + at, load<u32>(lanes + at) + load<u32>(words + shift + at));
    }
    for (const end = whole + 16; at < end; at += 4) {
      store<u32>(lanes + at, load<u32>(lanes + at) + q - load<u32>(words + at - kept));
    }
  }
  const qs = i32x4.splat(q);
  for (; at < bytes; at += 16) {
    const negated = i32x4.sub(qs, v128.load(words + at - kept));
    v128.store(lanes + at, i32x4.add(v128.load(lanes + at), negated));
  }
}

/** scratch = words, then q − words: X^-e · words is the window of n words from word e on. */
function unroll(scratch: usize, words: usize, bytes: usize, q: u32): void {
  const qs = i32x4.splat(q);
  for (let at: usize = 0; at < bytes; at += 16) {
    const x = v128.load(words + at);
    v128.store(scratch + at, x);
    v128.store(scratch + bytes + at, i32x4.sub(qs, x));
  }
}

/** lanes += Σ windows. Eight vectors of sums stay in registers while all exponents pass. */
function addWindows(
  lanes: usize,
  scratch: usize,
  bytes: usize,
  exponents: usize,
  count: u32,
): void {
  const end = exponents + ((<usize>count) << 1);
  let at: usize = 0;
  for (; at + 128 <= bytes; at += 128) {
    const to = lanes + at;
    const from = scratch + at;
    let s0 = v128.load(to);
    let s1 = v128.load(to, 16);
    let s2 = v128.load(to, 32);
    let s3 = v128.load(to, 48);
    let s4 = v128.load(to, 64);
    let s5 = v128.load(to, 80);
    let s6 = v128.load(to, 96);
    let s7 = v128.load(to, 112);
    for (let e = exponents; e < end; e += 2) {
      const window = from + ((<usize>load<u16>(e)) << 2);
      s0 = i32x4.add(s0, v128.load(window));
      s1 = i32x4.add(s1, v128.load(window, 16));
      s2 = i32x4.add(s2, v128.load(window, 32));
      s3 = i32x4.add(s3, v128.load(window, 48));
      s4 = i32x4.add(s4, v128.load(window, 64));
      s5 = i32x4.add(s5, v128.load(window, 80));
      s6 = i32x4.add(s6, v128.load(window, 96));
      s7 = i32x4.add(s7, v128.load(window, 112));
    }
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
    v128.store(to, s4, 64);
    v128.store(to, s5, 80);
    v128.store(to, s6, 96);
    v128.store(to, s7, 112);
  }
  for (; at < bytes; at += 16) {
    let sum = v128.load(lanes + at);
    for (let e = exponents; e < end; e += 2) {
      sum = i32x4.add(sum, v128.load(scratch + at + ((<usize>load<u16>(e)) << 2)));
    }
    v128.store(lanes + at, sum);
  }
}
