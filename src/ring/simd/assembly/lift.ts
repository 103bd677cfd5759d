import { modulusAt } from './modulus';
import { correct4, multiplyShoup4 } from './vector';

/**
 * From residues modulo a and b, two polynomials of n words one after the other, to residues modulo
 * each prime of the ring of the integer x + a·k in (−a·b/2, a·b/2), k = (y − x)/a mod b (Garner).
 *
 * `constants` are words: b; a^-1 mod b and its Shoup constant; (b − 1)/2; (a − 1)/2; then for each
 * limb a mod q and its Shoup constant, and −a·b mod q. a < 2b, both below 2^24, a ≤ q.
 */
export function liftResidues(
  destination: usize,
  residues: usize,
  limbs: u32,
  n: u32,
  moduli: usize,
  constants: usize,
): void {
  const b = v128.load32_splat(constants);
  const inverse = v128.load32_splat(constants, 4);
  const inverseShoup = v128.load32_splat(constants, 8);
  const middle = v128.load32_splat(constants, 12);
  const middleLow = v128.load32_splat(constants, 16);
  const twoB = i32x4.shl(b, 1);
  const bytes = (<usize>n) << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const x = v128.load(residues + at);
    const y = v128.load(residues + bytes + at);
    const difference = i32x4.sub(i32x4.add(y, twoB), x);
    const k = correct4(multiplyShoup4(difference, inverse, inverseShoup, b), b);
    // Past the middle of the integers modulo a·b.
    const negative = v128.or(
      i32x4.gt_u(k, middle),
      v128.and(i32x4.eq(k, middle), i32x4.gt_u(x, middleLow)),
    );
    let to = destination + at;
    let limbConstants = constants + 20;
    for (let limb: u32 = 0; limb < limbs; limb++, to += bytes, limbConstants += 12) {
      const q = i32x4.splat(modulusAt(moduli, limb).q);
      const a = v128.load32_splat(limbConstants);
      const aShoup = v128.load32_splat(limbConstants, 4);
      const wrap = v128.and(negative, v128.load32_splat(limbConstants, 8));
      const value = i32x4.add(i32x4.add(multiplyShoup4(k, a, aShoup, q), x), wrap);
      v128.store(to, correct4(correct4(value, i32x4.shl(q, 1)), q));
    }
  }
}
