import { formatExact } from '../exact/format.ts';
import { Rational } from '../exact/rational.ts';
import { sqrt } from '../exact/sqrt.ts';

/** A line of an analysis of variance. Numbers are exact texts; null where a quotient is 0/0 or has no rows. */
export interface VarianceLine {
  readonly source: string;
  /** Degrees of freedom. */
  readonly df: string;
  readonly sumOfSquares: string;
  readonly meanSquare: string | null;
  /** Of the first line; "Infinity" where the residuals are all zero. */
  readonly f: string | null;
}

/** A part of the total sum of squares and its degrees of freedom. */
export interface VariancePart {
  readonly source: string;
  readonly df: bigint;
  readonly ss: Rational;
}

export interface Variance {
  /** Explained, residual, total. */
  readonly anova: readonly VarianceLine[];
  /** Standard deviation of the residuals; null without degrees of freedom. */
  readonly residualSd: string | null;
  /** Share of the total that is explained; null where the total is 0. */
  readonly r2: string | null;
}

/** The analysis of variance of a total that two parts make up. */
export function analyse(explained: VariancePart, residual: VariancePart): Variance {
  const total: VariancePart = {
    source: 'total',
    df: explained.df + residual.df,
    ss: explained.ss.plus(residual.ss),
  };
  const [byModel, error] = [meanSquare(explained), meanSquare(residual)];
  const f = byModel === null || error === null ? null : quotientText(byModel, error);
  const line = (part: VariancePart, ms: Rational | null, ratio: string | null): VarianceLine => ({
    source: part.source,
    df: part.df.toString(),
    sumOfSquares: exactText(part.ss),
    meanSquare: ms && exactText(ms),
    f: ratio,
  });
  return {
    anova: [line(explained, byModel, f), line(residual, error, null), line(total, null, null)],
    residualSd: error && exactText(sqrt(error)),
    r2: total.ss.sign === 0 ? null : exactText(explained.ss.dividedBy(total.ss)),
  };
}

/** The mean square; null without degrees of freedom. */
export function meanSquare({ ss, df }: VariancePart): Rational | null {
  return df === 0n ? null : ss.dividedBy(Rational.of(df));
}

/** An integer in full, anything else to 30 significant digits. */
export function exactText(value: Rational): string {
  return formatExact(value, false);
}

/** a / b; ±Infinity where only b is 0, null where both are. */
export function quotientText(a: Rational, b: Rational): string | null {
  if (b.sign !== 0) return exactText(a.dividedBy(b));
  return a.sign === 0 ? null : a.sign < 0 ? '-Infinity' : 'Infinity';
}
