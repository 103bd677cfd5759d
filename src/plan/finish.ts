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
import type { AggregatePlan, GroupResult, OrderKey, Plan, SelectPlan, Term } from './physical.ts';
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
  const entries = environmentsOf(plan, schema, groupsOf(plan, groups));
  return finish(
    plan,
    entries.map(({ env }) => env),
  );
}

/** The groups that HAVING keeps, in the order of their grouping columns. */
function environmentsOf<G extends GroupResult>(
  plan: AggregatePlan,
  schema: Schema,
  groups: readonly G[],
): { env: Environment; group: G }[] {
  const columns = plan.groupBy.map((name) => columnNamed(schema, name));
  const read = termReader(plan, schema);
  return groups
    .map((group) => ({ group, key: group.key.map((cell, i) => cellDatum(cell, columns[i]!)) }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ group, key }) => {
      const data = read(group);
      const env: Environment = {
        column: (name) => key[plan.groupBy.indexOf(name)] ?? null,
        term: (index) => data[index] ?? null,
      };
      return { env, group };
    })
    .filter(({ env }) => plan.having === undefined || truth(evaluate(plan.having, env)) === true);
}

/**
 * The groups of an aggregate plan that its result can have: those that HAVING keeps, in order, up to
 * the last that OFFSET and LIMIT let through. It takes the terms that HAVING and ORDER BY name; others
 * may hold anything. Throws DIVISION_BY_ZERO.
 */
export function leadingGroups<G extends GroupResult>(
  plan: AggregatePlan,
  schema: Schema,
  groups: readonly G[],
): G[] {
  const entries = environmentsOf(plan, schema, groups);
  const to = plan.limit === undefined ? undefined : (plan.offset ?? 0) + plan.limit;
  const found = new Map(entries.map(({ env, group }) => [env, group]));
  return ordered([...found.keys()], plan.orderBy)
    .slice(0, to)
    .map((env) => found.get(env)!);
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
      // A value that a group has is its own double, and exact.
      if (datum?.type === 'real' && expression.kind !== 'column') errors[column] ??= 0;
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
  const whole: GroupResult = groups[0] ?? { key: [], terms: plan.terms.map(() => 0n) };
  if (!plan.grouped) return [whole];
  const rows = plan.terms.findIndex((term) => term.kind === 'count' && term.over.length === 0);
  return whole.terms[rows] === 0n ? [] : [whole];
}

type Terms = Pick<GroupResult, 'terms' | 'errors'>;

/**
 * Reads a group's terms: counts as they are, sums unscaled and those of reals within their errors, values of
 * the column's type; NULL where no row counted.
 */
function termReader(plan: AggregatePlan, schema: Schema): (group: Terms) => Datum[] {
  const key = (over: readonly string[]): string => over.join('\0');
  const counts = new Map(
    plan.terms.flatMap((term, i) => (term.kind === 'count' ? [[key(term.over), i]] : [])),
  );
  const readers = plan.terms.map((term): ((group: Terms, i: number) => Datum) => {
    if (term.kind === 'count' || term.kind === 'distinct') {
      return ({ terms }, i) => exact(Rational.of(terms[i] as bigint));
    }
    const read = valueReader(term, schema);
    const counted = counts.get(key(term.over));
    return ({ terms, errors }, i) =>
      counted !== undefined && terms[counted] === 0n ? null : read(terms[i] ?? null, errors?.[i]);
  });
  return (group) => {
    if (group.terms.length !== readers.length) {
      throw new OpalineError('INTERNAL', { reason: 'terms are missing' });
    }
    return readers.map((read, i) => read(group, i));
  };
}

function valueReader(
  term: Exclude<Term, { kind: 'count' | 'distinct' }>,
  schema: Schema,
): (value: Value, error?: bigint) => Datum {
  switch (term.kind) {
    case 'sum': {
      const factors = term.product.map((name) => columnNamed(schema, name));
      const scale = factors.reduce((sum, factor) => sum + factor.scale, 0);
      const binary = REAL_POINT * factors.filter(({ type }) => type === 'real').length;
      if (binary === 0) return (value) => exact(Rational.scaled(value as bigint, scale));
      const unscaled = (sum: bigint): Rational =>
        Rational.binary(sum, binary).times(Rational.scaled(1n, scale));
      return (value, error = 0n) => approximate(within(unscaled(value as bigint), unscaled(error)));
    }
    case 'rank': {
      const column = columnNamed(schema, term.column);
      return (value) => cellDatum(value, column);
    }
    case 'histogram':
      return (value) => (value === null ? null : { type: 'text', value: value as string });
    default:
      return term satisfies never;
  }
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
