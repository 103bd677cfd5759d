import { OpalineError } from '../../errors/index.ts';
import { type Column, isAggregated, type Schema } from '../../table/schema.ts';
import { misuse } from '../bind/refuse.ts';
import type { Catalog } from '../bind/scope.ts';
import { fromDouble } from '../exact/number-text.ts';
import { MOST_SCORED_COLUMNS } from '../fragment-scores.ts';
import type { Parameter } from '../parameter.ts';
import type { ExactDecimal, LinkPolynomial, Predicate, ScorePlan } from '../physical.ts';
import { freeze } from '../freeze.ts';
import { bindFilter } from '../plan-query.ts';
import { columnNamed, parseCondition } from '../statistics/moments.ts';

export interface RowScores {
  readonly table: string;
  /** A condition as in SQL's WHERE; $n are parameters. */
  readonly where?: string | undefined;
  readonly parameters?: readonly Parameter[] | undefined;
  /** Numbers are read as the decimals they print as. */
  readonly weights: Readonly<Record<string, number>>;
  readonly intercept: number;
  readonly link: 'identity' | 'logistic';
  readonly polynomial?: LinkPolynomial | undefined;
  /** Default: the table's key; without one where the row is. */
  readonly select?: readonly string[] | undefined;
  readonly top?: number | undefined;
}

/**
 * The plan that scores rows one by one.
 *
 * Throws UNKNOWN_COLUMN, TYPE_MISMATCH for a column that is no number, CAPABILITY_MISSING for one that is
 * not stored to be scored, MODEL_INVALID for too many, and what a condition may.
 */
export async function planScore(request: RowScores, catalog: Catalog): Promise<ScorePlan> {
  const { table, weights, intercept, link, polynomial, top } = request;
  const where = request.where === undefined ? undefined : await parseCondition(request.where);
  const { scope, filter } = bindFilter(table, where, request.parameters ?? [], catalog);
  const { schema } = scope;
  const terms = Object.entries(weights).map(([name, weight]) => {
    return { column: scoredColumn(schema, name), weight: decimal(weight) };
  });
  if (terms.length > MOST_SCORED_COLUMNS) {
    throw new OpalineError('MODEL_INVALID', {
      reason: `rows are scored by at most ${MOST_SCORED_COLUMNS} columns`,
    });
  }
  const known: Predicate[] = terms.flatMap(({ column: { name, nullable } }): Predicate[] =>
    nullable ? [{ kind: 'not', arg: { kind: 'isNull', column: name } }] : [],
  );
  const select = request.select ?? schema.key ?? [];
  for (const name of select) columnNamed(schema, name);
  if (top !== undefined && (!Number.isSafeInteger(top) || top < 1)) {
    throw misuse('the number of rows of the highest scores must be a whole number from 1 on');
  }
  return freeze({
    kind: 'score',
    table: schema.table,
    filter: known.length === 0 ? filter : { kind: 'and', args: [filter, ...known] },
    terms: terms.map(({ column, weight }) => ({ column: column.name, weight })),
    intercept: decimal(intercept),
    link,
    ...(polynomial && { polynomial }),
    select: [...select],
    ...(top === undefined ? {} : { top }),
  } satisfies ScorePlan);
}

function scoredColumn(schema: Schema, name: string): Column {
  const column = columnNamed(schema, name);
  if (!isAggregated(column)) {
    const reason = `a score needs numbers, and column "${name}" is ${column.type}`;
    throw new OpalineError('TYPE_MISMATCH', { reason });
  }
  if (column.score === true) return column;
  throw new OpalineError('CAPABILITY_MISSING', {
    operation: 'a score of each row',
    column: `"${name}"`,
    needs: 'declare it with "score": true and run opaline reindex',
  });
}

function decimal(value: number): ExactDecimal {
  const exact = fromDouble(value);
  if (exact !== undefined) return exact;
  throw new OpalineError('MODEL_INVALID', { reason: 'its numbers must be finite' });
}
