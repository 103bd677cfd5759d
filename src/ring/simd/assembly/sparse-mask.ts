import { modulusAt } from './modulus';
import { correct4, multiplyShoup4, reduce4 } from './vector';

/** log2 of the blocks whose levels are not computed but looked up. */
const LEVELS: u32 = 6;
const LANES: u32 = 1 << LEVELS;
/** Bytes of a row: one word a block. */
const ROW: usize = (<usize>LANES) << 2;
/** Bytes of the twiddles of one vector of blocks in a pass: three roots with their constants. */
const TWIDDLES: usize = 96;

export const REPEATED: u32 = 0;
export const DONE: u32 = 1;
export const CROWDED: u32 = 2;

/**
 * mask = Σ X^-e in evaluation form, in every limb, for few exponents: what maskPolynomial and then
 * forwardNtt give, for which see there.
 *
 * After six levels the transform of a polynomial holds it modulo X^B − ζ_j for 64 blocks j, B = n/64.
 * Of X^-e, e = aB − r, that is ζ_j^-a·X^r: a row of a table, over all blocks, added to row r. So the
 * first six levels cost 16 vector additions an exponent. The other levels work on rows, a vector being
 * four blocks, each with roots of its own: no shuffles but for the transposition at the end.
 *
 * A lane takes as many residues as exponents agree modulo B. With 2q a level to come it may hold
 * (31 − 2·log2 B)q; CROWDED when it would have to hold more, and REPEATED for an exponent that was
 * there before. Needs log2 B even. `scratch` has room for 2n words.
 */
export function sparseMask(
  mask: usize,
  limbs: u32,
  n: u32,
  exponents: usize,
  count: u32,
  moduli: usize,
  scratch: usize,
): u32 {
  const rows = n >> LEVELS;
  const verdict = crowding(n, rows, exponents, count, scratch);
  if (verdict != DONE) return verdict;
  const bytes = (<usize>n) << 2;
  for (let limb: u32 = 0; limb < limbs; limb++) {
    const m = modulusAt(moduli, limb);
    memory.fill(scratch, 0, bytes);
    addPowers(scratch, rows, exponents, count, m.maskPowers);
    const q = i32x4.splat(m.q);
    let twiddles = m.maskRoots;
    let groups: u32 = 1;
    for (let quarter = rows >> 2; quarter > 1; quarter >>= 2, groups <<= 2) {
      pass(scratch, groups, quarter, twiddles, q);
      twiddles += <usize>groups * (LANES >> 2) * TWIDDLES;
    }
    last(mask + <usize>limb * bytes, scratch, groups, twiddles, q, i32x4.splat(m.ratio));
  }
  return DONE;
}

/** Whether the exponents are distinct, and no more of them in one row than a lane can take. */
function crowding(n: u32, rows: u32, exponents: usize, count: u32, scratch: usize): u32 {
  const most: u32 = 31 - 2 * ctz(rows);
  const seen = scratch + rows;
  memory.fill(scratch, 0, <usize>rows + (n >> 3));
  let crowded = false;
  for (let e = exponents, end = exponents + ((<usize>count) << 1); e < end; e += 2) {
    const exponent: u32 = load<u16>(e);
    const byte = seen + (exponent >> 3);
    const bit: u32 = 1 << (exponent & 7);
    const bits: u32 = load<u8>(byte);
    if ((bits & bit) != 0) return REPEATED;
    store<u8>(byte, bits | bit);
    const row = scratch + (exponent & (rows - 1));
    const members: u32 = <u32>load<u8>(row) + 1;
    store<u8>(row, members);
    if (members > most) crowded = true;
  }
  return crowded ? CROWDED : DONE;
}

/** Row r += the powers ζ_j^-a, for every exponent aB − r. */
function addPowers(scratch: usize, rows: u32, exponents: usize, count: u32, powers: usize): void {
  const shift = ctz(rows);
  for (let e = exponents, end = exponents + ((<usize>count) << 1); e < end; e += 2) {
    const exponent: u32 = load<u16>(e);
    const r = (0 - exponent) & (rows - 1);
    let from = powers + <usize>((exponent + r) >> shift) * ROW;
    let to = scratch + <usize>r * ROW;
    for (const stop = to + ROW; to < stop; to += 64, from += 64) {
      v128.store(to, i32x4.add(v128.load(to), v128.load(from)));
      v128.store(to, i32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
      v128.store(to, i32x4.add(v128.load(to, 32), v128.load(from, 32)), 32);
      v128.store(to, i32x4.add(v128.load(to, 48), v128.load(from, 48)), 48);
    }
  }
}

/** Two levels of forward-ntt's `double`, down the rows: in each of `groups` four quarters of rows. */
function pass(base: usize, groups: u32, quarter: u32, twiddles: usize, q: v128): void {
  const twoQ = i32x4.shl(q, 1);
  const h = <usize>quarter * ROW;
  let w = twiddles;
  for (let group: u32 = 0; group < groups; group++) {
    const first = base + <usize>group * 4 * h;
    for (let lane: usize = 0; lane < ROW; lane += 16, w += TWIDDLES) {
      const w1 = v128.load(w);
      const w1s = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w2s = v128.load(w, 48);
      const w3 = v128.load(w, 64);
      const w3s = v128.load(w, 80);
      for (let at = first + lane, end = at + h; at < end; at += ROW) {
        const at2 = at + 2 * h;
        const x0 = v128.load(at);
        const t0 = multiplyShoup4(v128.load(at2), w1, w1s, q);
        const x1 = v128.load(at + h);
        const t1 = multiplyShoup4(v128.load(at2 + h), w1, w1s, q);
        const y0 = i32x4.add(x0, t0);
        const y2 = i32x4.sub(i32x4.add(x0, twoQ), t0);
        const u0 = multiplyShoup4(i32x4.add(x1, t1), w2, w2s, q);
        const u1 = multiplyShoup4(i32x4.sub(i32x4.add(x1, twoQ), t1), w3, w3s, q);
        v128.store(at, i32x4.add(y0, u0));
        v128.store(at + h, i32x4.sub(i32x4.add(y0, twoQ), u0));
        v128.store(at2, i32x4.add(y2, u1));
        v128.store(at2 + h, i32x4.sub(i32x4.add(y2, twoQ), u1));
      }
    }
  }
}

/** The last two levels, every value to [0, q), and each block's values next to each other. */
function last(to: usize, base: usize, groups: u32, twiddles: usize, q: v128, ratio: v128): void {
  const twoQ = i32x4.shl(q, 1);
  // Bytes of a block: four rows for each group.
  const block = (<usize>groups) << 4;
  let w = twiddles;
  for (let group: u32 = 0; group < groups; group++) {
    let out = to + ((<usize>group) << 4);
    const first = base + <usize>group * 4 * ROW;
    for (let at = first, end = first + ROW; at < end; at += 16, w += TWIDDLES, out += 4 * block) {
      const w1 = v128.load(w);
      const w1s = v128.load(w, 16);
      const x0 = v128.load(at);
      const t0 = multiplyShoup4(v128.load(at, 2 * ROW), w1, w1s, q);
      const x1 = v128.load(at, ROW);
      const t1 = multiplyShoup4(v128.load(at, 3 * ROW), w1, w1s, q);
      const y0 = i32x4.add(x0, t0);
      const y2 = i32x4.sub(i32x4.add(x0, twoQ), t0);
      const u0 = multiplyShoup4(i32x4.add(x1, t1), v128.load(w, 32), v128.load(w, 48), q);
      const s1 = i32x4.sub(i32x4.add(x1, twoQ), t1);
      const u1 = multiplyShoup4(s1, v128.load(w, 64), v128.load(w, 80), q);
      const z0 = canonical(i32x4.add(y0, u0), q, ratio);
      const z1 = canonical(i32x4.sub(i32x4.add(y0, twoQ), u0), q, ratio);
      const z2 = canonical(i32x4.add(y2, u1), q, ratio);
      const z3 = canonical(i32x4.sub(i32x4.add(y2, twoQ), u1), q, ratio);
      const a = v128.shuffle<i32>(z0, z1, 0, 4, 1, 5);
      const b = v128.shuffle<i32>(z2, z3, 0, 4, 1, 5);
      const c = v128.shuffle<i32>(z0, z1, 2, 6, 3, 7);
      const d = v128.shuffle<i32>(z2, z3, 2, 6, 3, 7);
      v128.store(out, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(out + block, v128.shuffle<i64>(a, b, 1, 3));
      v128.store(out + 2 * block, v128.shuffle<i64>(c, d, 0, 2));
      v128.store(out + 3 * block, v128.shuffle<i64>(c, d, 1, 3));
    }
  }
}

function canonical(x: v128, q: v128, ratio: v128): v128 {
  return correct4(reduce4(x, q, ratio), q);
}
