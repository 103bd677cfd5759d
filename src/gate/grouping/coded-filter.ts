import { OpalineError } from '../../errors/opaline-error.ts';
import {
  type AggregatePlan,
  isLinear,
  type LinearPlan,
  type Predicate,
} from '../../plan/physical.ts';
import { type Column, type Schema, storedPairs } from '../../table/schema.ts';
import { isCoded, isUnlisted } from '../../table/search-index.ts';
import { columnsOf, conjuncts } from './conjuncts.ts';

/**
 * Conditions on columns that are oblivious by codes, answered in the vault: the store is asked for the sealed row codes
 * of the columns that are named, and for the ciphertext columns that are summed, whole. What it is sent, and what it
 * sends, are the same for every value and operator, and for any number of rows that are meant.
 */
export interface CodedFilter {
  readonly kind: 'codes';
  /** The columns that the store hears nothing of. */
  readonly columns: readonly string[];
  /** Conditions of which all must be true, to be answered here. */
  readonly parts: readonly Predicate[];
  /** The plan without them. */
  readonly plan: LinearPlan;
}

/**
 * The part of a plan that is answered so, where it asks anything of a column that is oblivious by codes: a
 * condition, its groups, or its NULLs. Conditions on columns of private groups then go the same way.
 * @throws CAPABILITY_MISSING where sums and counts of chosen rows do not answer the plan
 */
export function codedFilter(plan: AggregatePlan, schema: Schema): CodedFilter | undefined {
  const parts = conjuncts(plan.filter);
  const asked = new Set(parts.flatMap((part) => [...columnsOf(part)]));
  const counted = new Set(plan.terms.filter(isLinear).flatMap(({ over }) => over));
  const isAsked = ({ name, nullable }: Column): boolean =>
    asked.has(name) || plan.groupBy.includes(name) || (nullable && counted.has(name));
  const coded = schema.columns.find((column) => isCoded(column) && isAsked(column));
  if (coded === undefined) return undefined;
  const needs = whyNot(plan, schema);
  if (needs !== undefined) throw missing(coded.name, needs);
  const grouped = new Set(schema.groupBy.map(({ column }) => column));
  const hidden = schema.columns.filter(
    (column) => (isUnlisted(column) || grouped.has(column.name)) && isAsked(column),
  );
  const names = new Set(hidden.map(({ name }) => name));
  const isHere = (part: Predicate): boolean => [...columnsOf(part)].some((name) => names.has(name));
  const here = parts.filter(isHere);
  for (const name of here.flatMap((part) => [...columnsOf(part)])) {
    if (schema.columns.find((column) => column.name === name)?.type !== 'document') continue;
    throw missing(coded.name, `OR does not join it to the document column "${name}"`);
  }
  return {
    kind: 'codes',
    columns: hidden.map(({ name }) => name),
    parts: here,
    plan: {
      ...plan,
      filter: { kind: 'and', args: parts.filter((part) => !isHere(part)) },
      terms: plan.terms.filter(isLinear),
    },
  };
}

/** Why rows that are chosen in the vault are not enough for a plan; undefined: they are. */
function whyNot({ terms }: AggregatePlan, schema: Schema): string | undefined {
  if (!terms.every(isLinear)) {
    return 'its "search" is "oblivious", which answers in sums, counts and averages: declare "sse"';
  }
  const pairs = storedPairs(schema);
  for (const term of terms) {
    if (term.kind !== 'sum' || term.product.length === 1) continue;
    const [x, y] = term.product;
    if (x === y || pairs.some(([a, b]) => a === x && b === y)) continue;
    return `declare ${JSON.stringify([x, y])} in "pairs" and ingest again`;
  }
  return undefined;
}

function missing(name: string, needs: string): OpalineError {
  return new OpalineError('CAPABILITY_MISSING', {
    operation: 'a condition, group or count',
    column: `"${name}"`,
    needs,
  });
}
