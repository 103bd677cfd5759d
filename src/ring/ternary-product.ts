import { shapeError } from './shapes.ts';

/** Terms below 2^27 whose sum is exact in 32 bits. */
const TERMS = 8;

/**
 * A polynomial s of coefficients 0, 1 and −1, and the constant coefficient of its product with any other: what an LWE
 * sample's first part and a secret have in common. As `constantOfProduct`, of which it is a case: without a
 * multiplication, and with no branch, index or division that depends on s.
 *
 * Dispose it: what it holds is as secret as s is, and is overwritten then.
 */
export class TernaryProduct implements Disposable {
  readonly n: number;
  /** All bits of a word set where a coefficient of a counts: in the order of a, so s_0, −s_{n−1}, …, −s_1. */
  private readonly taken: Int32Array;
  /** The same where it is subtracted. */
  private readonly negated: Int32Array;

  /** @param digits 0, 1 and 2 (for −1), as many as the degree, which is a multiple of 8 */
  constructor(digits: Uint8Array) {
    this.n = digits.length;
    if (this.n % TERMS !== 0) throw shapeError('ternary product', `degree ${this.n}`);
    this.taken = new Int32Array(this.n);
    this.negated = new Int32Array(this.n);
    for (let j = 0; j < this.n; j += 1) {
      const digit = digits[j === 0 ? 0 : this.n - j]!;
      const sign = j === 0 ? digit >>> 1 : digit & 1;
      this.taken[j] = -((digit & 1) | (digit >>> 1));
      this.negated[j] = -sign;
    }
  }

  /**
   * The constant coefficient of a·s in Z_q[X]/(X^n + 1), limb by limb.
   *
   * @param a `moduli.length·n` residues below 2^27, coefficient form
   * @returns a residue a limb
   * @throws INTERNAL for another length
   */
  constant(a: Uint32Array, moduli: readonly number[]): Uint32Array {
    const { n, taken, negated } = this;
    if (a.length !== moduli.length * n) {
      throw shapeError('ternary product', `${a.length} words of ${moduli.length} limbs`);
    }
    return Uint32Array.from(moduli, (q, limb) => {
      const words = a.subarray(limb * n, limb * n + n);
      // At most n·2^27 in absolute value: exact in a double.
      let sum = 0;
      for (let from = 0; from < n; from += TERMS) {
        let part = 0;
        for (let j = from; j < from + TERMS; j += 1) {
          const sign = negated[j]!;
          // −x is the complement of x, and 1.
          part = (part + (((words[j]! ^ sign) - sign) & taken[j]!)) | 0;
        }
        sum += part;
      }
      return ((sum % q) + q) % q;
    });
  }

  [Symbol.dispose](): void {
    this.taken.fill(0);
    this.negated.fill(0);
  }
}
