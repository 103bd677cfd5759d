import { OpalineError } from '../../errors/index.ts';
import { Rational } from '../exact/rational.ts';
import { analyse, type Variance } from './anova-table.ts';

/** The rows of one group in which the variable is not NULL. */
export interface GroupMoments {
  readonly rows: Rational;
  readonly sum: Rational;
  readonly squares: Rational;
}

export interface OneWay extends Variance {
  readonly rows: string;
  readonly groups: string;
}

/**
 * One-way analysis of variance, groups of any sizes: between = Σ Sₖ²/nₖ − S²/n, within = Q − Σ Sₖ²/nₖ, with
 * Sₖ and nₖ a group's sum and rows, and S, n and Q the sum, rows and sum of squares of all. Groups without
 * rows do not count.
 * @throws TOO_FEW_ROWS for fewer than two groups
 */
export function oneWay(groups: readonly GroupMoments[]): OneWay {
  const kept = groups.filter(({ rows }) => rows.sign > 0);
  if (kept.length < 2) {
    throw new OpalineError('TOO_FEW_ROWS', { what: 'groups', found: kept.length, needed: 2 });
  }
  const total = (pick: (group: GroupMoments) => Rational): Rational =>
    kept.reduce((all, group) => all.plus(pick(group)), Rational.ZERO);
  const rows = total((group) => group.rows);
  const sum = total((group) => group.sum);
  const byGroup = total((group) => group.sum.times(group.sum).dividedBy(group.rows));
  const count = rows.numerator;
  const size = BigInt(kept.length);
  return {
    rows: count.toString(),
    groups: size.toString(),
    ...analyse(
      { source: 'between', df: size - 1n, ss: byGroup.minus(sum.times(sum).dividedBy(rows)) },
      { source: 'within', df: count - size, ss: total((g) => g.squares).minus(byGroup) },
    ),
  };
}
