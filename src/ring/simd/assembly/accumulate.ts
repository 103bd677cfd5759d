import { modulusAt, reduce64 } from './modulus';

/** Polynomials summed in 32 bits before one 64-bit addition: 8·2^27 < 2^32. */
const GROUP: u32 = 8;

/** acc[i] += Σ source[p·stride + i] for p < count; `stride` in bytes, `lanes` = limbs·n. */
export function addPolynomials(
  acc: usize,
  source: usize,
  count: u32,
  stride: usize,
  lanes: u32,
): void {
  const bytes = (<usize>lanes) << 2;
  let left = count;
  let first = source;
  for (; left >= GROUP; left -= GROUP, first += GROUP * stride) {
    const s1 = first + stride;
    const s2 = s1 + stride;
    const s3 = s2 + stride;
    const s4 = s3 + stride;
    const s5 = s4 + stride;
    const s6 = s5 + stride;
    const s7 = s6 + stride;
    for (let at: usize = 0; at < bytes; at += 4) {
      const sum: u32 =
        load<u32>(first + at) +
        load<u32>(s1 + at) +
        load<u32>(s2 + at) +
        load<u32>(s3 + at) +
        load<u32>(s4 + at) +
        load<u32>(s5 + at) +
        load<u32>(s6 + at) +
        load<u32>(s7 + at);
      const lane = acc + 2 * at;
      store<u64>(lane, load<u64>(lane) + <u64>sum);
    }
  }
  for (; left > 0; left--, first += stride) {
    for (let at: usize = 0; at < bytes; at += 4) {
      const lane = acc + 2 * at;
      store<u64>(lane, load<u64>(lane) + <u64>load<u32>(first + at));
    }
  }
}

/** acc[i] += a[i]·b[i]. The caller counts: 1,024 products of 54 bits fill a lane. */
export function multiplyAccumulate(acc: usize, a: usize, b: usize, lanes: u32): void {
  const bytes = (<usize>lanes) << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    const lane = acc + 2 * at;
    store<u64>(lane, load<u64>(lane) + <u64>load<u32>(a + at) * <u64>load<u32>(b + at));
  }
}

/** acc += Σ X^-e · source over the 16-bit exponents, negacyclic: what leaves at the bottom returns negated on top. */
export function shiftAdd(
  acc: usize,
  source: usize,
  limbs: u32,
  n: u32,
  exponents: usize,
  count: u32,
  moduli: usize,
): void {
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const q = modulusAt(moduli, limb).q;
    const lanes = acc + ((<usize>limb * n) << 3);
    const words = source + ((<usize>limb * n) << 2);
    for (let k: u32 = 0; k < count; k++) {
      const e = <usize>load<u16>(exponents + ((<usize>k) << 1));
      const kept = (<usize>n - e) << 2;
      const from = words + (e << 2);
      for (let at: usize = 0; at < kept; at += 4) {
        const lane = lanes + 2 * at;
        store<u64>(lane, load<u64>(lane) + <u64>load<u32>(from + at));
      }
      const wrapped = lanes + 2 * kept;
      for (let at: usize = 0; at < e << 2; at += 4) {
        const lane = wrapped + 2 * at;
        store<u64>(lane, load<u64>(lane) + <u64>(q - load<u32>(words + at)));
      }
    }
  }
}

/** sums[limb] += Σ source[limb][e] over the exponents; `sums` are 64-bit lanes, one a limb. */
export function gather(
  sums: usize,
  source: usize,
  limbs: u32,
  n: u32,
  exponents: usize,
  count: u32,
): void {
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const words = source + ((<usize>limb * n) << 2);
    let sum: u64 = 0;
    for (let k: u32 = 0; k < count; k++) {
      sum += <u64>load<u32>(words + ((<usize>load<u16>(exponents + ((<usize>k) << 1))) << 2));
    }
    const lane = sums + ((<usize>limb) << 3);
    store<u64>(lane, load<u64>(lane) + sum);
  }
}

/** destination[limb][i] = acc[limb][i] mod q. */
export function reduce(acc: usize, destination: usize, limbs: u32, n: u32, moduli: usize): void {
  let lane = acc;
  let to = destination;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    for (const end = to + ((<usize>n) << 2); to < end; to += 4, lane += 8) {
      store<u32>(to, reduce64(load<u64>(lane), m));
    }
  }
}

/** acc[limb][i] = acc[limb][i] mod q: makes room in every lane. */
export function reduceLanes(acc: usize, limbs: u32, n: u32, moduli: usize): void {
  let lane = acc;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    for (const end = lane + ((<usize>n) << 3); lane < end; lane += 8) {
      store<u64>(lane, <u64>reduce64(load<u64>(lane), m));
    }
  }
}
