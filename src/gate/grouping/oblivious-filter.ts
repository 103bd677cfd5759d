import { OpalineError } from '../../errors/opaline-error.ts';
import { evaluatePredicate, keyText } from '../../plan/interpret.ts';
import {
  type AggregatePlan,
  isLinear,
  type LinearPlan,
  type LinearResult,
  type LinearTerm,
  type Predicate,
} from '../../plan/physical.ts';
import type { Schema } from '../../table/schema.ts';
import { isUnlisted } from '../../table/search-index.ts';
import type { Value } from '../../table/value.ts';
import { columnsOf, conjuncts } from './conjuncts.ts';

/**
 * A condition on a column of private groups, answered without a word of it to the store: it is asked for
 * the sums of all groups over the rows of the other conditions, and the vault adds up those of the groups
 * that are meant. So what is sent is the same for every value and operator, and tells of neither.
 */
export interface ObliviousFilter {
  readonly kind: 'sums';
  readonly column: string;
  /** The plan that the store sees: grouped by the column, without the conditions on it. */
  readonly plan: LinearPlan;
  /** Whether the condition is true of the rows with a value of the column. */
  keeps(value: Value): boolean;
}

/**
 * The part of a plan's filter that is answered so; undefined: none. A column that has lists besides, by its
 * schema, is left to them where the plan asks for more than sums that private groups have.
 * @throws CAPABILITY_MISSING for a column without lists where only lists could answer
 */
export function obliviousFilter(plan: AggregatePlan, schema: Schema): ObliviousFilter | undefined {
  const parts = conjuncts(plan.filter);
  const column = columnFor(plan, parts, schema);
  if (column === undefined) return undefined;
  const isUsed = (part: Predicate): boolean => columnsOf(part).has(column);
  const own: Predicate = { kind: 'and', args: parts.filter(isUsed) };
  const others: Predicate = { kind: 'and', args: parts.filter((part) => !isUsed(part)) };
  const terms = plan.terms.filter(isLinear).map((term): LinearTerm => {
    return { ...term, over: term.over.filter((name) => name !== column) };
  });
  const groupBy = plan.groupBy.includes(column) ? plan.groupBy : [...plan.groupBy, column];
  const row: Value[] = schema.columns.map(() => null);
  const place = schema.columns.findIndex(({ name }) => name === column);
  return {
    kind: 'sums',
    column,
    plan: { ...plan, filter: others, groupBy, terms },
    keeps: (value) => evaluatePredicate(own, schema, row.with(place, value)) === true,
  };
}

/** The column that the store is not to hear of, if there is one. */
function columnFor(
  plan: AggregatePlan,
  parts: readonly Predicate[],
  schema: Schema,
): string | undefined {
  const asked = new Set(parts.flatMap((part) => [...columnsOf(part)]));
  // Rows where a column is NULL are left out of its counts: by a list, where it has one.
  const counted = new Set(plan.terms.filter(isLinear).flatMap(({ over }) => over));
  const hidden = schema.groupBy.map(({ column }) => column);
  const needed = schema.columns.filter(
    (column) =>
      isUnlisted(column) &&
      (asked.has(column.name) || (column.nullable && counted.has(column.name))),
  );
  const grouped = plan.groupBy.filter((name) => hidden.includes(name));
  const [first] = needed;
  if (first === undefined) {
    const able = hidden.filter(
      (column) =>
        asked.has(column) &&
        grouped.every((name) => name === column) &&
        whyNot(plan, parts, column, schema) === undefined,
    );
    return able[0];
  }
  const { name } = first;
  const another = [...needed.map((column) => column.name), ...grouped].find((one) => one !== name);
  const reason =
    another === undefined
      ? whyNot(plan, parts, name, schema)
      : `"${another}" is private too: one such column at a time; declare "sse" for one of them`;
  if (reason === undefined) return name;
  throw new OpalineError('CAPABILITY_MISSING', {
    operation: 'a condition or count',
    column: `"${name}"`,
    needs: reason,
  });
}

/** Why the sums of a column's groups are not enough for a plan; undefined: they are. */
function whyNot(
  { terms }: AggregatePlan,
  parts: readonly Predicate[],
  column: string,
  schema: Schema,
): string | undefined {
  const mixed = parts.map(columnsOf).find((names) => names.has(column) && names.size > 1);
  if (mixed !== undefined) {
    const [other] = [...mixed].filter((name) => name !== column);
    return `its "search" is "oblivious", which OR does not join to "${other}": declare "sse"`;
  }
  if (!terms.every(isLinear)) {
    return 'its "search" is "oblivious", which answers in sums, counts and averages: declare "sse"';
  }
  const products = schema.groupBy.find((one) => one.column === column)?.products ?? [];
  for (const term of terms) {
    if (term.kind !== 'sum' || term.product.length === 1) continue;
    const [x, y] = term.product;
    if (products.some(([a, b]) => a === x && b === y)) continue;
    const declaration = { [column]: { oblivious: [...products, [x, y]] } };
    return `declare "groupBy": ${JSON.stringify(declaration)} and run opaline reindex`;
  }
  return undefined;
}

/** A group with the number of its rows. */
export interface CountedGroup extends LinearResult {
  readonly rows: number;
}

/** The groups of the plan as it was asked, of those that the store added up. */
export function chooseGroups(
  filter: ObliviousFilter,
  asked: LinearPlan,
  groups: readonly CountedGroup[],
): { groups: LinearResult[]; rowsMatched: number } {
  const place = filter.plan.groupBy.indexOf(filter.column);
  const isGrouped = asked.groupBy.includes(filter.column);
  const found = new Map<string, { key: readonly Value[]; terms: bigint[]; errors: bigint[] }>();
  let rowsMatched = 0;
  // Without grouping columns there is a group also where no row is.
  if (asked.groupBy.length === 0) found.set('', zeros([], asked.terms.length));
  for (const group of groups) {
    const value = group.key[place]!;
    if (!filter.keeps(value)) continue;
    rowsMatched += group.rows;
    const key = isGrouped ? group.key : group.key.toSpliced(place, 1);
    const sum = found.get(keyText(key)) ?? zeros(key, asked.terms.length);
    found.set(keyText(key), sum);
    asked.terms.forEach((term, i) => {
      if (value === null && term.over.includes(filter.column)) return;
      sum.terms[i]! += group.terms[i]!;
      sum.errors[i]! += group.errors?.[i] ?? 0n;
    });
  }
  const all = [...found.values()].map(({ errors, ...group }) =>
    errors.some((error) => error > 0n) ? { ...group, errors } : group,
  );
  return { groups: all, rowsMatched };
}

const zeros = (
  key: readonly Value[],
  terms: number,
): { key: readonly Value[]; terms: bigint[]; errors: bigint[] } => ({
  key,
  terms: Array.from({ length: terms }, () => 0n),
  errors: Array.from({ length: terms }, () => 0n),
});
