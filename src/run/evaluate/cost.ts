/**
 * What the kernels cost, in microseconds at n = 4096 and three 27-bit limbs (bench/micro/README.md).
 * Only ratios matter, and every choice gives the same residues. All but the picking of coefficients
 * is proportional to n, so that is what scales with 1/n.
 */

/** A mask in evaluation form; of at most n / 8 rows by sparse-mask.ts, which costs 115 µs times their share more than none. */
const MASK = 34;
const SPARSE_MASK = 18.4;
const SPARSE_MASK_ROWS = 115;
/** Multiply-accumulate of a column's chunk, four a call. */
const MULTIPLY = 4.5;
/** c1 of a chunk to coefficient form. */
const INVERSE = 31;
/** A chunk's two polynomials added in a run. */
const WHOLE = 5.6;
/** One coefficient of c0 picked, times n. */
const GATHER = 0.002 * 4096;

/** k negacyclic shifts added. */
function shifts(k: number): number {
  return k < 4 ? 2.1 * k : 3.5 + 0.85 * k;
}

function mask(k: number, n: number): number {
  return Math.min(MASK, SPARSE_MASK + (SPARSE_MASK_ROWS * k) / n);
}

function masked(k: number, n: number, columns: number): number {
  return mask(k, n) + columns * (MULTIPLY + (GATHER * k) / n);
}

/** What k rows of a chunk gain by shifts over a mask, once c1 is at hand in coefficient form. */
export function gainByShifts(k: number, n: number, columns: number): number {
  return mask(k, n) + columns * (MULTIPLY - shifts(k));
}

/** What the coefficient form of c1 of a chunk costs. */
export function coefficientForm(columns: number): number {
  return INVERSE * columns;
}

/** Whether to add a whole chunk and take `missing` rows away rather than add the `k` others. */
export function wholeIsCheaper(k: number, missing: number, n: number, columns: number): boolean {
  const takeAway = missing === 0 ? 0 : masked(missing, n, columns);
  return WHOLE * columns + takeAway < masked(k, n, columns);
}

/** k rows of a chunk added to one group's sums of `columns` columns, by masks or, of few rows, by shifts. */
export function groupOfChunk(k: number, n: number, columns: number): number {
  return Math.min(masked(k, n, columns), columns * (shifts(k) + (GATHER * k) / n));
}

/** A whole chunk of `columns` columns. */
export function wholeChunk(columns: number): number {
  return WHOLE * columns;
}

/** One mask of k rows of a chunk, shared by `columns` columns. */
export function maskedChunk(k: number, n: number, columns: number): number {
  return masked(k, n, columns);
}
