import { OpalineError } from '../errors/index.ts';
import { REAL_POINT } from '../params/fixed-point.ts';
import type { Column, Schema } from '../table/schema.ts';
import { formatValue } from '../table/value-text.ts';
import type { Value } from '../table/value.ts';
import { approximate, cellDatum, compareData, exact, type Datum } from './datum.ts';
import { evaluate, truth, type Environment } from './evaluate.ts';
import { formatExact } from './exact/format.ts';
import { type Interval, within } from './exact/interval.ts';
import { ofDouble, toDouble, toDoubleUp } from './exact/number-text.ts';
import { Rational } from './exact/rational.ts';
import type { AggregatePlan, GroupResult, OrderKey, Plan, SelectPlan } from './physical.ts';
import type { Cell, ResultTable } from './result.ts';

/**
 * The result of an aggregate plan from the exact sums and counts of its groups: HAVING, ORDER BY,
 * OFFSET, LIMIT and the text of every cell. Groups that tie, or that nothing orders, come out in the
 * order of their grouping columns, so that a result does not depend on where rows are stored.
 *
 * Throws DIVISION_BY_ZERO, and OVERFLOW_BOUND for a number made from reals past the range of doubles.
 */
export function finishAggregate(
  plan: AggregatePlan,
  schema: Schema,
  groups: readonly GroupResult[],
): ResultTable {
  const columns = plan.groupBy.map((name) => columnNamed(schema, name));
  const read = termReader(plan, schema);
  const environments = groupsOf(plan, groups)
    .map(({ key, ...sums }) => ({ key: key.map((cell, i) => cellDatum(cell, columns[i]!)), sums }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ key, sums }): Environment => {
      const data = read(sums);
      return {
        column: (name) => key[plan.groupBy.indexOf(name)] ?? null,
        term: (index) => data[index] ?? null,
      };
    })
    .filter((env) => plan.having === undefined || truth(evaluate(plan.having, env)) === true);
  return finish(plan, environments);
}

/**
 * The result of a row-retrieval plan from the cells of `plan.columns` of the matching rows: ORDER BY
 * (stable), OFFSET, LIMIT and the text of every cell. Throws DIVISION_BY_ZERO.
 */
export function finishSelect(
  plan: SelectPlan,
  schema: Schema,
  rows: readonly (readonly Value[])[],
): ResultTable {
  const columns = plan.columns.map((name) => columnNamed(schema, name));
  const places = new Map(plan.columns.map((name, i) => [name, i]));
  const environments = rows.map((row): Environment => {
    return {
      column: (name) => {
        const i = places.get(name)!;
        return cellDatum(row[i] ?? null, columns[i]!);
      },
      term: () => null,
    };
  });
  return finish(plan, environments);
}

function finish(plan: Plan, environments: readonly Environment[]): ResultTable {
  const from = plan.offset ?? 0;
  const to = plan.limit === undefined ? undefined : from + plan.limit;
  const kept = ordered(environments, plan.orderBy).slice(from, to);
  const errors: (number | null)[] = plan.output.map(() => null);
  const rows = kept.map((env) =>
    plan.output.map(({ expression, name }, column): Cell => {
      const datum = evaluate(expression, env);
      if (datum?.type !== 'approximate') return formatDatum(datum);
      const { value, error } = nearestDouble(datum, name);
      errors[column] = Math.max(errors[column] ?? 0, error);
      return value;
    }),
  );
  const columns = plan.output.map(({ name }) => name);
  return errors.every((error) => error === null) ? { columns, rows } : { columns, rows, errors };
}

/**
 * The double nearest to a number made from reals, and how far from it the true one may be.
 * @throws OVERFLOW_BOUND past the range of doubles
 */
function nearestDouble(of: Interval, column: string): { value: number; error: number } {
  const value = toDouble(of.value);
  const error = Number.isFinite(value) ? distance(of, ofDouble(value)) : Infinity;
  if (Number.isFinite(error)) return { value, error };
  const bound = formatExact(of.value.abs(), false);
  throw new OpalineError('OVERFLOW_BOUND', { column, bound, limit: String(Number.MAX_VALUE) });
}

function distance({ low, high }: Interval, from: Rational): number {
  const [below, above] = [from.minus(low), high.minus(from)];
  return toDoubleUp(below.compare(above) > 0 ? below : above);
}

/** The groups that the result has, before HAVING. */
function groupsOf(plan: AggregatePlan, groups: readonly GroupResult[]): readonly GroupResult[] {
  if (plan.groupBy.length > 0) return groups;
  const whole = groups[0] ?? { key: [], terms: plan.terms.map(() => 0n) };
  if (!plan.grouped) return [whole];
  const rows = plan.terms.findIndex(({ kind, over }) => kind === 'count' && over.length === 0);
  return whole.terms[rows] === 0n ? [] : [whole];
}

/**
 * Reads a group's terms: counts as they are, sums unscaled and NULL where no row counted, sums of reals
 * within their errors.
 */
function termReader(
  plan: AggregatePlan,
  schema: Schema,
): (group: Pick<GroupResult, 'terms' | 'errors'>) => Datum[] {
  const key = (over: readonly string[]): string => over.join('\0');
  const counts = new Map(
    plan.terms.flatMap(({ kind, over }, i) => (kind === 'count' ? [[key(over), i]] : [])),
  );
  const specs = plan.terms.map((term) => ({
    scale:
      term.kind === 'count'
        ? 0
        : term.product.reduce((sum, name) => sum + columnNamed(schema, name).scale, 0),
    binary:
      term.kind === 'count'
        ? 0
        : REAL_POINT *
          term.product.filter((name) => columnNamed(schema, name).type === 'real').length,
    counted: term.kind === 'count' ? undefined : counts.get(key(term.over)),
  }));
  return ({ terms, errors }) => {
    if (terms.length !== specs.length) {
      throw new OpalineError('INTERNAL', { reason: 'terms are missing' });
    }
    return specs.map(({ scale, binary, counted }, i) => {
      if (counted !== undefined && terms[counted] === 0n) return null;
      if (binary === 0) return exact(Rational.scaled(terms[i]!, scale));
      const unscaled = (sum: bigint): Rational =>
        Rational.binary(sum, binary).times(Rational.scaled(1n, scale));
      return approximate(within(unscaled(terms[i]!), unscaled(errors?.[i] ?? 0n)));
    });
  };
}

function ordered(environments: readonly Environment[], keys: readonly OrderKey[]): Environment[] {
  if (keys.length === 0) return [...environments];
  return environments
    .map((env) => ({ env, data: keys.map(({ expression }) => evaluate(expression, env)) }))
    .sort((a, b) => {
      for (const [i, key] of keys.entries()) {
        const order = compareNullable(a.data[i]!, b.data[i]!, key);
        if (order !== 0) return order;
      }
      return 0;
    })
    .map(({ env }) => env);
}

const ASCENDING = { descending: false, nullsFirst: false };

function compareKeys(a: readonly Datum[], b: readonly Datum[]): number {
  for (const [i, datum] of a.entries()) {
    const order = compareNullable(datum, b[i]!, ASCENDING);
    if (order !== 0) return order;
  }
  return 0;
}

function compareNullable(
  a: Datum,
  b: Datum,
  { descending, nullsFirst }: Pick<OrderKey, 'descending' | 'nullsFirst'>,
): number {
  if (a === null || b === null) {
    return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1;
  }
  const order = compareData(a, b);
  return descending ? -order : order;
}

/** A datum as a result's cell: see `Cell`. */
function formatDatum(datum: Datum): Cell {
  if (datum === null) return null;
  switch (datum.type) {
    case 'number':
      return formatExact(datum.value, datum.decimal);
    case 'date':
    case 'timestamp':
      return formatValue(datum.value, { type: datum.type, scale: 0 });
    case 'approximate':
      return toDouble(datum.value);
    default:
      return datum.value;
  }
}

function columnNamed(schema: Schema, name: string): Column {
  const column = schema.columns.find((c) => c.name === name);
  if (column === undefined) throw new OpalineError('INTERNAL', { reason: 'a column is missing' });
  return column;
}
