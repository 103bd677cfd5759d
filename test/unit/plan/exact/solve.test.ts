import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Rational } from '../../../../src/plan/exact/rational.ts';
import { solve } from '../../../../src/plan/exact/solve.ts';

type Matrix = Rational[][];

/** The textbook's elimination on fractions, without pivoting by size and without regard to growth. */
function gaussJordan(matrix: Matrix, right: Matrix): Matrix | undefined {
  const rows = matrix.map((row, i) => [...row, ...right[i]!]);
  for (let k = 0; k < matrix.length; k++) {
    const pivot = rows.findIndex((row, i) => i >= k && row[k]!.sign !== 0);
    if (pivot < 0) return undefined;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    rows[k] = rows[k]!.map((cell) => cell.dividedBy(rows[k]![k]!));
    for (const [i, row] of rows.entries()) {
      if (i === k) continue;
      rows[i] = row.map((cell, j) => cell.minus(row[k]!.times(rows[k]![j]!)));
    }
  }
  return rows.map((row) => row.slice(matrix.length));
}

function product(matrix: Matrix, column: readonly Rational[]): Rational[] {
  return matrix.map((row) =>
    row.reduce((sum, cell, j) => sum.plus(cell.times(column[j]!)), Rational.ZERO),
  );
}

const texts = (numbers: readonly Rational[]): string[] =>
  numbers.map(({ numerator, denominator }) => `${numerator}/${denominator}`);

const rational = fc
  .tuple(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.bigInt(1n, 10n ** 6n))
  .map(([n, d]) => Rational.of(n, d));
/** Small whole numbers make zeros, and singular matrices, common. */
const entry = fc.oneof(
  rational,
  fc.integer({ min: -2, max: 2 }).map((n) => Rational.of(BigInt(n))),
);
const matrixOf = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
  fc.array(fc.array(entry, { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  });
const systems = fc
  .integer({ min: 1, max: 6 })
  .chain((size) => fc.tuple(matrixOf(size, size), matrixOf(size, 3)));

it('solves what the textbook solves, and refuses what it cannot', () => {
  fc.assert(
    fc.property(systems, ([matrix, right]) => {
      const expected = gaussJordan(matrix, right);
      const found = solve(matrix, right);
      if (expected === undefined) {
        expect(found.kind).toBe('singular');
      } else {
        const columns = right[0]!.map((_, c) => texts(expected.map((row) => row[c]!)));
        expect(found.kind === 'unique' && found.columns.map(texts)).toEqual(columns);
      }
    }),
    { numRuns: 300 },
  );
});

it('names a column that the others make up, and exactly those it takes', () => {
  const cases = fc
    .integer({ min: 2, max: 6 })
    .chain((size) =>
      fc.tuple(
        matrixOf(size, size),
        fc.integer({ min: 1, max: size - 1 }),
        fc.array(entry, { minLength: size, maxLength: size }),
      ),
    );
  fc.assert(
    fc.property(cases, ([matrix, column, weights]) => {
      const zeros = matrix.map(() => [Rational.ZERO]);
      fc.pre(solve(matrix, zeros).kind === 'unique');
      const of = weights.flatMap((w, i) => (i < column && w.sign !== 0 ? [i] : []));
      const made = matrix.map((row) => {
        const sum = of.reduce((all, i) => all.plus(row[i]!.times(weights[i]!)), Rational.ZERO);
        return row.with(column, sum);
      });
      expect(solve(made, zeros)).toEqual({ kind: 'singular', column, of });
    }),
    { numRuns: 200 },
  );
});

it('inverts the Hilbert matrix of order 15, whose condition number is about 10^20', () => {
  const indexes = Array.from({ length: 15 }, (_, i) => i);
  const hilbert = indexes.map((i) => indexes.map((j) => Rational.of(1n, BigInt(i + j + 1))));
  const unit = indexes.map((i) => indexes.map((j) => (i === j ? Rational.ONE : Rational.ZERO)));
  const found = solve(hilbert, unit);
  const inverse = found.kind === 'unique' ? found.columns : [];
  expect(inverse.flat().every(({ isInteger }) => isInteger)).toBe(true);
  expect(inverse.map((column) => texts(product(hilbert, column)))).toEqual(unit.map(texts));
});

it('finds a zero column at once', () => {
  const zero = [[Rational.ZERO]];
  expect(solve(zero, zero)).toEqual({ kind: 'singular', column: 0, of: [] });
});
