import { formatExact } from '../../../../plan/exact/format.ts';
import { Rational } from '../../../../plan/exact/rational.ts';
import { sqrt } from '../../../../plan/exact/sqrt.ts';

/** Sums over the same rows, exact. */
export interface Moments {
  readonly rows: number;
  readonly x: bigint;
  readonly y: bigint;
  readonly xx: bigint;
  readonly yy: bigint;
  readonly xy: bigint;
}

/** What SQL answers NULL is no value at all. */
type Values = readonly [string] | readonly [];

/** sum / rows to 30 significant digits, as a query's AVG; none of no rows. */
export function averageOf(sum: bigint, rows: number): Values {
  return rows === 0 ? [] : [formatExact(Rational.of(sum, BigInt(rows)), false)];
}

/** Pearson's correlation to 30 significant digits, as a query's CORR; none where a column is constant. */
export function correlationOf({ rows, x, y, xx, yy, xy }: Moments): Values {
  const n = BigInt(rows);
  const centred = (pq: bigint, p: bigint, q: bigint): bigint => n * pq - p * q;
  const [sxx, syy] = [centred(xx, x, x), centred(yy, y, y)];
  if (sxx === 0n || syy === 0n) return [];
  const root = sqrt(Rational.of(sxx * syy));
  return [formatExact(Rational.of(centred(xy, x, y)).dividedBy(root), false)];
}
