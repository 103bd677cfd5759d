import { Rational } from './rational.ts';

export type Solution =
  /** Columns of X with A·X = B. */
  | { readonly kind: 'unique'; readonly columns: readonly (readonly Rational[])[] }
  /** Column `column` of A is a combination of the columns `of`, all before it; none: it is zero. */
  | { readonly kind: 'singular'; readonly column: number; readonly of: readonly number[] };

/**
 * Solve A·X = B exactly, by the fraction-free elimination of Gauss and Jordan: every division has no
 * remainder, so numbers grow no faster than determinants do.
 *
 * Source: Bareiss, "Sylvester's identity and multistep integer-preserving Gaussian elimination",
 * Mathematics of Computation 22 (1968).
 *
 * @param matrix n rows of n numbers
 * @param right n rows of any number of columns
 */
export function solve(
  matrix: readonly (readonly Rational[])[],
  right: readonly (readonly Rational[])[],
): Solution {
  const size = matrix.length;
  const rows = matrix.map((row, i) => wholeRow([...row, ...right[i]!]));
  let previous = 1n;
  for (let k = 0; k < size; k++) {
    const found = rows.findIndex((row, i) => i >= k && row[k] !== 0n);
    if (found < 0) {
      // Rows 0 to k − 1 are diagonal in their columns, so column k spells its own combination.
      const of = Array.from({ length: k }, (_, i) => i).filter((i) => rows[i]![k] !== 0n);
      return { kind: 'singular', column: k, of };
    }
    [rows[k], rows[found]] = [rows[found]!, rows[k]!];
    const pivotRow = rows[k]!;
    const pivot = pivotRow[k]!;
    for (const [i, row] of rows.entries()) {
      if (i === k) continue;
      const factor = row[k]!;
      for (let j = 0; j < row.length; j++) {
        row[j] = (pivot * row[j]! - factor * pivotRow[j]!) / previous;
      }
    }
    previous = pivot;
  }
  const width = right[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, c) =>
    rows.map((row, i) => Rational.of(row[size + c]!, row[i]!)),
  );
  return { kind: 'unique', columns };
}

/** A row times the least number that makes it whole: solutions stay the same. */
function wholeRow(row: readonly Rational[]): bigint[] {
  let common = 1n;
  for (const { denominator } of row) {
    common *= Rational.of(denominator, common).numerator;
  }
  return row.map(({ numerator, denominator }) => numerator * (common / denominator));
}
