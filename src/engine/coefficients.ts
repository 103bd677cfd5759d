/** Values as residues modulo t, the coefficients of a plaintext, and back. */
import { OpalineError } from '../errors/index.ts';

const TWO_32 = 2 ** 32;

/**
 * Write values as 64-bit words mod 2^plainBits, low and high half each, zero past the last value.
 *
 * @param halves two words a coefficient @param values integers, |v| < 2^(plainBits − 1), at most as
 *   many as there are coefficients
 * @throws INTERNAL for too many values or one out of range: the caller has bounded them
 */
export function writeCoefficients(
  halves: Uint32Array,
  values: ArrayLike<bigint> | Float64Array,
  plainBits: number,
): void {
  if (2 * values.length > halves.length) {
    throw new OpalineError('INTERNAL', { reason: 'more values than coefficients' });
  }
  const inRange =
    values instanceof Float64Array
      ? writeDoubles(halves, values, plainBits)
      : writeIntegers(halves, values, plainBits);
  if (!inRange) {
    halves.fill(0);
    throw new OpalineError('INTERNAL', {
      reason: 'a value is not an integer below half the plaintext modulus',
    });
  }
  halves.fill(0, 2 * values.length);
}

/** Two's complement without BigInt: the floored quotient by 2^32 is the (signed) upper half. */
function writeDoubles(halves: Uint32Array, values: Float64Array, plainBits: number): boolean {
  const limit = 2 ** (plainBits - 1);
  const lowMask = plainBits >= 32 ? 0xffff_ffff : 2 ** plainBits - 1;
  const highMask = plainBits > 32 ? 2 ** (plainBits - 32) - 1 : 0;
  let inRange = true;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    inRange = inRange && Number.isInteger(value) && Math.abs(value) < limit;
    const high = Math.floor(value / TWO_32);
    halves[2 * i] = (value - high * TWO_32) & lowMask;
    halves[2 * i + 1] = high & highMask;
  }
  return inRange;
}

function writeIntegers(halves: Uint32Array, values: ArrayLike<bigint>, plainBits: number): boolean {
  const limit = 1n << BigInt(plainBits - 1);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value !== 'bigint' || value >= limit || value <= -limit) return false;
    const residue = BigInt.asUintN(plainBits, value);
    halves[2 * i] = Number(residue & 0xffff_ffffn);
    halves[2 * i + 1] = Number(residue >> 32n);
  }
  return true;
}

/** The representative in (−t/2, t/2] of a residue below t = 2^plainBits, given as two halves. */
export function signedCoefficient(low: number, high: number, plainBits: number): bigint {
  const t = 1n << BigInt(plainBits);
  const residue = (BigInt(high) << 32n) | BigInt(low);
  return residue > t / 2n ? residue - t : residue;
}

/** The same for all n coefficients, as doubles; those past the halves' end are 0. For plainBits up to 53. */
export function signedCoefficients(
  halves: Uint32Array,
  n: number,
  plainBits: number,
): Float64Array {
  const t = 2 ** plainBits;
  const values = new Float64Array(n);
  for (let i = 0; 2 * i < halves.length; i += 1) {
    const residue = (halves[2 * i + 1] ?? 0) * TWO_32 + (halves[2 * i] ?? 0);
    values[i] = residue > t / 2 ? residue - t : residue;
  }
  return values;
}

/**
 * Write residues modulo a prime as 64-bit words, zero past the last.
 *
 * @param residues whole, in [0, prime), at most as many as there are coefficients
 * @throws INTERNAL for too many, or one that is no residue
 */
export function writeResidues(halves: Uint32Array, residues: Float64Array, prime: number): void {
  let inRange = 2 * residues.length <= halves.length;
  for (let i = 0; i < residues.length && inRange; i += 1) {
    const residue = residues[i]!;
    inRange = Number.isInteger(residue) && residue >= 0 && residue < prime;
    const high = Math.floor(residue / TWO_32);
    halves[2 * i] = residue - high * TWO_32;
    halves[2 * i + 1] = high;
  }
  if (inRange) {
    halves.fill(0, 2 * residues.length);
    return;
  }
  halves.fill(0);
  throw new OpalineError('INTERNAL', { reason: 'a check is not a residue of its modulus' });
}
