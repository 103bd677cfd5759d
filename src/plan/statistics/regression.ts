import { OpalineError } from '../../errors/index.ts';
import { Rational } from '../exact/rational.ts';
import { solve } from '../exact/solve.ts';
import { sqrt } from '../exact/sqrt.ts';
import { analyse, exactText, meanSquare, quotientText, type Variance } from './anova-table.ts';
import type { Design } from './design.ts';

/** A term of a fitted model. Numbers are exact texts. */
export interface Coefficient {
  readonly term: string;
  readonly estimate: string;
  /** Null without residual degrees of freedom. */
  readonly standardError: string | null;
  /** Estimate over standard error; "Infinity" or "-Infinity" where the residuals are all zero. */
  readonly t: string | null;
}

export interface Regression extends Variance {
  /** Rows in which no variable is NULL. */
  readonly rows: string;
  readonly coefficients: readonly Coefficient[];
}

/**
 * Ordinary least squares by the normal equations, which exact arithmetic loses no digit in: with
 * A = XᵀX and b = Xᵀy, β = A⁻¹b, the residual sum of squares is yᵀy − bᵀβ, and Var β = s²·A⁻¹. Without an
 * intercept the total sum of squares, and so R², is about 0 and not about the mean.
 *
 * @param moments in the order of `design.products`
 * @throws TOO_FEW_ROWS, DESIGN_SINGULAR
 */
export function fit(design: Design, moments: readonly Rational[]): Regression {
  const { terms, intercept } = design;
  const size = terms.length;
  const moment = (i: number, j: number): Rational => moments[design.moment(i, j)]!;
  const rows = moments[0]!;
  const count = rows.numerator;
  if (count < BigInt(size)) {
    throw new OpalineError('TOO_FEW_ROWS', { what: 'rows', found: Number(count), needed: size });
  }
  const indexes = terms.map((_, i) => i);
  const right = indexes.map((i) => moment(i, size));
  const solution = solve(
    indexes.map((i) => indexes.map((j) => moment(i, j))),
    indexes.map((i) => [
      right[i]!,
      ...indexes.map((j) => (i === j ? Rational.ONE : Rational.ZERO)),
    ]),
  );
  if (solution.kind === 'singular') {
    throw new OpalineError('DESIGN_SINGULAR', {
      term: terms[solution.column]!,
      of: solution.of.map((i) => terms[i]!),
    });
  }
  const [estimates, ...inverse] = solution.columns;
  const squares = moment(size, size);
  const residual = {
    source: 'residual',
    df: count - BigInt(size),
    ss: estimates!.reduce((rest, b, i) => rest.minus(b.times(right[i]!)), squares),
  };
  const total = intercept ? centred(squares, moment(0, size), rows) : squares;
  const explained = {
    source: 'regression',
    df: BigInt(size - (intercept ? 1 : 0)),
    ss: total.minus(residual.ss),
  };
  const variance = meanSquare(residual);
  return {
    rows: count.toString(),
    coefficients: terms.map((term, i) => {
      const estimate = estimates![i]!;
      const error = variance && sqrt(variance.times(inverse[i]![i]!));
      return {
        term,
        estimate: exactText(estimate),
        standardError: error && exactText(error),
        t: error && quotientText(estimate, error),
      };
    }),
    ...analyse(explained, residual),
  };
}

/** Σx² − (Σx)²/n. */
function centred(squares: Rational, sum: Rational, rows: Rational): Rational {
  return squares.minus(sum.times(sum).dividedBy(rows));
}
