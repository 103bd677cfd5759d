import type { Schema } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import { ofDouble, toDouble } from '../exact/number-text.ts';
import { Rational } from '../exact/rational.ts';
import { evaluatePredicate } from '../interpret.ts';
import type { ScorePlan } from '../physical.ts';

/** A row by its position among those that were given. */
export interface PlainScore {
  readonly position: number;
  readonly score: number;
}

/**
 * The plain twin of a score plan: z exactly, rounded once, and the link itself, in doubles. Cells in schema
 * order.
 */
export function interpretScores(
  plan: ScorePlan,
  schema: Schema,
  rows: readonly (readonly Value[])[],
): PlainScore[] {
  return rows.flatMap((row, position) => {
    if (evaluatePredicate(plan.filter, schema, row) !== true) return [];
    return [{ position, score: linkOf(plan, toDouble(linearPart(plan, schema, row))) }];
  });
}

/** The link of z, in doubles: within 2^-51 of it. */
export function linkOf({ link }: Pick<ScorePlan, 'link'>, z: number): number {
  return link === 'identity' ? z : 1 / (1 + Math.exp(-z));
}

function linearPart(plan: ScorePlan, schema: Schema, row: readonly Value[]): Rational {
  let z = Rational.scaled(plan.intercept.digits, plan.intercept.scale);
  for (const { column, weight } of plan.terms) {
    const place = schema.columns.findIndex(({ name }) => name === column);
    const cell = row[place]!;
    const value =
      typeof cell === 'number'
        ? ofDouble(cell)
        : Rational.scaled(cell as bigint, schema.columns[place]!.scale);
    z = z.plus(value.times(Rational.scaled(weight.digits, weight.scale)));
  }
  return z;
}
