import { Modulus, modulusAt, reduce64 } from './modulus';
import { correct4, multiplyShoup4, reduce4 } from './vector';

/** Four 64-bit lanes -> [0, q): upper halves times 2^32 mod q, plus lower halves. */
function reduceWide4(at: usize, q: v128, ratio: v128, fold: v128, foldShoup: v128): v128 {
  const x = v128.load(at);
  const y = v128.load(at, 16);
  const upper = multiplyShoup4(v128.shuffle<i32>(x, y, 1, 3, 5, 7), fold, foldShoup, q);
  const lower = reduce4(v128.shuffle<i32>(x, y, 0, 2, 4, 6), q, ratio);
  return correct4(correct4(i32x4.add(upper, lower), i32x4.shl(q, 1)), q);
}

/** destination[limb][i] = acc[limb][i] mod q, for n words a limb, n a multiple of 4. */
export function reduce(acc: usize, destination: usize, limbs: u32, n: u32, moduli: usize): void {
  let lane = acc;
  let to = destination;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    const q = i32x4.splat(m.q);
    const ratio = i32x4.splat(m.ratio);
    const fold = i32x4.splat(m.fold);
    const foldShoup = i32x4.splat(m.foldShoup);
    for (const end = to + ((<usize>n) << 2); to < end; to += 16, lane += 32) {
      v128.store(to, reduceWide4(lane, q, ratio, fold, foldShoup));
    }
  }
}

/** acc[limb][i] = acc[limb][i] mod q: makes room in every lane. */
export function reduceLanes(acc: usize, limbs: u32, n: u32, moduli: usize): void {
  let lane = acc;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    const q = i32x4.splat(m.q);
    const ratio = i32x4.splat(m.ratio);
    const fold = i32x4.splat(m.fold);
    const foldShoup = i32x4.splat(m.foldShoup);
    for (const end = lane + ((<usize>n) << 3); lane < end; lane += 32) {
      const x = reduceWide4(lane, q, ratio, fold, foldShoup);
      v128.store(lane, i64x2.extend_low_i32x4_u(x));
      v128.store(lane, i64x2.extend_high_i32x4_u(x), 16);
    }
  }
}

/** sums[limb] = Σ source[limb][e] mod q over 16-bit exponents. Up to 2^32 of them fit in 64 bits. */
export function gather(
  sums: usize,
  source: usize,
  limbs: u32,
  n: u32,
  exponents: usize,
  count: u32,
  moduli: usize,
): void {
  const end = exponents + ((<usize>count) << 1);
  const paired = exponents + ((<usize>(count & ~3)) << 1);
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const words = source + ((<usize>limb * n) << 2);
    let a: u64 = 0;
    let b: u64 = 0;
    let e = exponents;
    for (; e < paired; e += 8) {
      a += <u64>wordAt(words, e) + <u64>wordAt(words, e + 2);
      b += <u64>wordAt(words, e + 4) + <u64>wordAt(words, e + 6);
    }
    for (; e < end; e += 2) a += <u64>wordAt(words, e);
    const at = sums + ((<usize>limb) << 2);
    const m: Modulus = modulusAt(moduli, limb);
    store<u32>(at, reduce64(<u64>load<u32>(at) + a + b, m));
  }
}

function wordAt(words: usize, exponent: usize): u32 {
  return load<u32>(words + ((<usize>load<u16>(exponent)) << 2));
}
