/**
 * Splitting a column's values into signed limbs in base 2^width, one ciphertext column each, so
 * that the sum of every limb over a segment stays below t/2 and the sums recombine exactly.
 *
 * v = Σ_{i<count−1} d_i·2^(i·width) + d_top·2^((count−1)·width), 0 ≤ d_i < 2^width, d_top = the
 * floored quotient, which carries the sign. Splitting is linear over the integers, so the sum of
 * the values is the same combination of the sums of the limbs.
 */
import { OpalineError } from '../errors/index.ts';

/** Most rows of a segment, the unit that is always summed whole. */
export const SEGMENT_ROWS: number = 2 ** 18;
/** The least t under which a segment's sum of single bits stays below t/2. */
const LEAST_PLAIN_BITS = 20;

export interface SplitPlan {
  /** Limbs a value. */
  readonly count: number;
  /** Bits of every limb but the top one. */
  readonly width: number;
}

/**
 * One limb where the values are small enough, else limbs of a width that depends on t alone: limbs
 * of the same weight of different segments then add up in one sum, whatever each segment's values
 * are. k = 48 gives limbs of 24 bits, which leave 2^23 rows before a sum is taken in batches.
 *
 * @param maxAbs largest |value| of the column
 * @param plainBits k of t = 2^k, at least 20
 * @throws PARAMETERS_INVALID for a negative bound or a smaller t
 */
export function splitPlan(maxAbs: bigint, plainBits: number): SplitPlan {
  if (maxAbs < 0n || !Number.isInteger(plainBits) || plainBits < LEAST_PLAIN_BITS) {
    throw new OpalineError('PARAMETERS_INVALID', {
      reason: `a column is split for a bound of at least 0 and a t of at least 2^${LEAST_PLAIN_BITS}`,
    });
  }
  const width = Math.min(Math.floor(plainBits / 2), plainBits - LEAST_PLAIN_BITS + 1);
  const rows = Math.max(SEGMENT_ROWS, 2 ** (plainBits - 1 - width) - 1);
  // Ends: a top limb of 1 fits, since limbs of `width` bits do, and each limb takes `width` off.
  for (let count = 1; ; count += 1) {
    const plan = { count, width };
    if (maxRowsPerBatch(limbBounds(maxAbs, plan), plainBits) >= rows) return plan;
  }
}

/** Bits of a limb of a column that is multiplied, and of a value that needs no split. */
const FACTOR_BITS = 18;
const WHOLE_FACTOR_BITS = 20;

/**
 * The split of a column whose ciphertexts are multiplied, for t of 48 bits. A product of two limbs is
 * at most 2^36, so that 2,047 of them stay below t/2: a slot's sum over more chunks than the noise
 * allows. Values of 20 bits are left whole, for half of the room and a quarter of the work: products of
 * two such columns fill a slot with 127 chunks, a million rows.
 */
export function factorPlan(maxAbs: bigint): SplitPlan {
  const bits = maxAbs.toString(2).length;
  const count = bits <= WHOLE_FACTOR_BITS ? 1 : Math.ceil(bits / FACTOR_BITS);
  return { count, width: FACTOR_BITS };
}

/**
 * The largest |limb| of each limb for values up to maxAbs: 2^width − 1 below, and on top the
 * rounded-up quotient, which a negative value can reach.
 */
export function limbBounds(maxAbs: bigint, plan: SplitPlan): bigint[] {
  const base = 1n << BigInt(plan.width);
  const top = base ** BigInt(plan.count - 1);
  const bounds = Array.from({ length: plan.count - 1 }, () => base - 1n);
  return [...bounds, (maxAbs + top - 1n) / top];
}

/**
 * Most rows whose sum keeps every limb below t/2 = 2^(plainBits − 1); sums of more rows are taken
 * in batches. Number.MAX_SAFE_INTEGER where nothing limits it.
 */
export function maxRowsPerBatch(bounds: readonly bigint[], plainBits: number): number {
  const largest = bounds.reduce((most, bound) => (bound > most ? bound : most), 0n);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  if (largest === 0n) return Number(most);
  const rows = ((1n << BigInt(plainBits - 1)) - 1n) / largest;
  return Number(rows < most ? rows : most);
}

/** The limbs of a value, lowest first; any value, its excess going to the top limb. */
export function splitValue(value: bigint, plan: SplitPlan): bigint[] {
  const width = BigInt(plan.width);
  const limbs: bigint[] = [];
  let rest = value;
  for (let i = 1; i < plan.count; i += 1) {
    limbs.push(BigInt.asUintN(plan.width, rest));
    rest >>= width;
  }
  return [...limbs, rest];
}

/**
 * `splitValue` for a whole column of safe integers, exact in doubles: one array for each limb; the
 * values themselves where one limb holds them.
 *
 * @throws INTERNAL for a value that is not a safe integer
 */
export function splitColumn(values: Float64Array, plan: SplitPlan): Float64Array[] {
  if (plan.count === 1) {
    requireSafe(values);
    return [values];
  }
  const base = 2 ** plan.width;
  const limbs = Array.from({ length: plan.count }, () => new Float64Array(values.length));
  requireSafe(values);
  for (let row = 0; row < values.length; row += 1) {
    let rest = values[row] ?? Number.NaN;
    for (let i = 1; i < plan.count; i += 1) {
      const quotient = Math.floor(rest / base);
      const limb = limbs[i - 1];
      if (limb !== undefined) limb[row] = rest - quotient * base;
      rest = quotient;
    }
    const top = limbs[plan.count - 1];
    if (top !== undefined) top[row] = rest;
  }
  return limbs;
}

function requireSafe(values: Float64Array): void {
  let safe = true;
  for (const value of values) safe = safe && Number.isSafeInteger(value);
  if (!safe) throw new OpalineError('INTERNAL', { reason: 'a value is not a safe integer' });
}

/** The sum of the values from the sums of their limbs. @throws INTERNAL unless one for each limb */
export function joinSums(sums: readonly bigint[], plan: SplitPlan): bigint {
  if (sums.length !== plan.count) {
    throw new OpalineError('INTERNAL', { reason: `${sums.length} sums of ${plan.count} limbs` });
  }
  return sums.reduceRight((total, sum) => (total << BigInt(plan.width)) + sum, 0n);
}
