import { correct, modulusAt, multiplyShoup, reduce32 } from './modulus';

/**
 * Forward negacyclic transform in place, Cooley-Tukey with Shoup twiddles; the output is in
 * bit-reversed order, as SEAL's.
 *
 * No reduction between levels: a level adds at most 2q, so after log2 n <= 15 levels a value is
 * below 31q < 2^32, and Shoup's product takes any 32-bit factor.
 */
export function forwardNtt(poly: usize, limbs: u32, n: u32, moduli: usize): void {
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    const q = m.q;
    const base = poly + ((<usize>limb * n) << 2);
    const end = base + ((<usize>n) << 2);

    let root = m.roots + 4;
    let rootShoup = m.rootsShoup + 4;
    for (let half = (<usize>n) << 1; half >= 4; half >>= 1) {
      for (let block = base; block < end; block += 2 * half) {
        const w = load<u32>(root);
        const ws = load<u32>(rootShoup);
        root += 4;
        rootShoup += 4;
        for (let at = block; at < block + half; at += 4) {
          const x = load<u32>(at);
          const t = multiplyShoup(load<u32>(at + half), w, ws, q);
          store<u32>(at, x + t);
          store<u32>(at + half, x - t + 2 * q);
        }
      }
    }

    const ratio = m.ratio;
    for (let at = base; at < end; at += 4) {
      store<u32>(at, correct(reduce32(load<u32>(at), q, ratio), q));
    }
  }
}

/**
 * Inverse transform in place, Gentleman-Sande, values kept in [0, 2q); the last level also scales
 * by n^-1 and brings every value into [0, q).
 */
export function inverseNtt(poly: usize, limbs: u32, n: u32, moduli: usize): void {
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    const q = m.q;
    const base = poly + ((<usize>limb * n) << 2);
    const half = (<usize>n) << 1;
    const end = base + 2 * half;

    for (let gap: usize = 4; gap < half; gap <<= 1) {
      // A level of b blocks uses the roots b .. 2b − 1; b = 4n / (2·gap).
      let root = m.inverseRoots + ((2 * half) / (2 * gap)) * 4;
      let rootShoup = m.inverseRootsShoup + ((2 * half) / (2 * gap)) * 4;
      for (let block = base; block < end; block += 2 * gap) {
        const w = load<u32>(root);
        const ws = load<u32>(rootShoup);
        root += 4;
        rootShoup += 4;
        for (let at = block; at < block + gap; at += 4) {
          const x = load<u32>(at);
          const y = load<u32>(at + gap);
          store<u32>(at, correct(x + y, 2 * q));
          store<u32>(at + gap, multiplyShoup(x - y + 2 * q, w, ws, q));
        }
      }
    }

    const scale = m.nInverse;
    const scaleShoup = m.nInverseShoup;
    const last = m.last;
    const lastShoup = m.lastShoup;
    for (let at = base; at < base + half; at += 4) {
      const x = load<u32>(at);
      const y = load<u32>(at + half);
      store<u32>(at, correct(multiplyShoup(x + y, scale, scaleShoup, q), q));
      store<u32>(at + half, correct(multiplyShoup(x - y + 2 * q, last, lastShoup, q), q));
    }
  }
}
