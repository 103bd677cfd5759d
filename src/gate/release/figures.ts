import { isLinear, type AggregatePlan, type LinearTerm, type Plan } from '../../plan/physical.ts';
import type { ReleaseRefusal } from '../../policy/release/refusal.ts';
import type { ReleaseSettings } from '../../policy/release/settings.ts';
import type { Schema } from '../../table/schema.ts';

/** What a query asks for, as far as its plan alone decides; a refusal where that is not released at all. */
export function figuresOf(
  plan: Plan,
  schema: Schema,
  settings: ReleaseSettings,
): { readonly plan: AggregatePlan } | { readonly refusal: ReleaseRefusal } {
  if (plan.kind !== 'aggregate') return { refusal: { kind: 'rows' } };
  for (const term of plan.terms) {
    if (!isLinear(term)) return { refusal: { kind: 'statistic', what: WHAT[term.kind] } };
    const column = settings.mode === 'dp' ? unbounded(term, schema) : undefined;
    if (column !== undefined) return { refusal: { kind: 'bounds', column } };
  }
  return { plan };
}

const WHAT = {
  rank: 'a value at a rank (MIN, MAX, a quantile)',
  distinct: 'a number of distinct values',
  histogram: 'a histogram between MIN and MAX',
} as const;

/**
 * The plan whose groups are judged: every group of the query with its sums and counts, and nothing that is computed of
 * them, which might fail where a value is such or such, or leave groups out.
 */
export function barePlan(plan: AggregatePlan): AggregatePlan {
  const { kind, table, filter, groupBy, grouped, terms } = plan;
  const output = groupBy.map((column) => ({
    name: column,
    expression: { kind: 'column', column } as const,
  }));
  return { kind, table, filter, groupBy, grouped, terms, output, orderBy: [] };
}

/**
 * The most that one row adds to a term, in the term's units: 1 of a count; of a sum, what the declared ranges of its
 * columns allow, which ingest has checked of every value.
 */
export function mostOfRow(term: LinearTerm, schema: Schema): bigint {
  if (term.kind === 'count') return 1n;
  return term.product.reduce((all, name) => {
    const [low, high] = schema.columns.find((one) => one.name === name)!.range!;
    const [below, above] = [low < 0n ? -low : low, high < 0n ? -high : high];
    return all * (below > above ? below : above);
  }, 1n);
}

function unbounded(term: LinearTerm, schema: Schema): string | undefined {
  if (term.kind === 'count') return undefined;
  return term.product.find((name) => {
    const column = schema.columns.find((one) => one.name === name);
    return column?.range === undefined || column.type === 'real';
  });
}
