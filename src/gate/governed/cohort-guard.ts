import { OpalineError } from '../../errors/opaline-error.ts';
import {
  type AggregatePlan,
  isLinear,
  type OutputColumn,
  type Plan,
  type Term,
} from '../../plan/physical.ts';
import type { Cell, ResultTable } from '../../plan/result.ts';
import type { Release } from '../gate.ts';
import type { OpenTable } from '../open-table.ts';
import type { ReleaseGuard, Reviewed, ReviewRequest } from './ports.ts';

/**
 * A floor under every figure: no group is released that rests on fewer subjects than the policy's cohort, nor a sum
 * over fewer rows. Single values (MIN, MAX, quantiles, histograms) are refused. It looks at one answer at a time,
 * so that differences of answers are not its business.
 */
export class CohortGuard implements ReleaseGuard {
  review({ plan, policy, table }: ReviewRequest): Promise<Reviewed> {
    const { cohort } = policy.document;
    if (plan.kind === 'select') return Promise.resolve(asItIs(plan));
    for (const { kind } of plan.terms) {
      if (kind !== 'rank' && kind !== 'histogram') continue;
      throw new OpalineError('DENIED', {
        reason: 'MIN, MAX, quantiles and histograms are values of single subjects',
      });
    }
    // Which groups these leave out would tell of figures that nothing is the floor of.
    const { having, limit, offset, grouped } = plan;
    if (having !== undefined || (grouped && (limit ?? offset) !== undefined)) {
      throw new OpalineError('DENIED', {
        reason: 'HAVING, LIMIT and OFFSET choose groups by figures that may be of few subjects',
      });
    }
    const { plan: counting, added } = withCounts(plan, table);
    return Promise.resolve({
      plan: counting,
      settle: (release) => Promise.resolve(checked(release, plan.output.length, added, cohort)),
    });
  }
}

/** Rows are not figures; a rule of the policy allows them or not. */
function asItIs(plan: Plan): Reviewed {
  return { plan, settle: ({ result }) => Promise.resolve(result) };
}

/** The plan with a column for how many subjects each group has, and for every sum how many rows. */
function withCounts(
  plan: AggregatePlan,
  { schema }: OpenTable,
): { readonly plan: AggregatePlan; readonly added: number } {
  const terms: Term[] = [...plan.terms];
  const output: OutputColumn[] = [...plan.output];
  const add = (wanted: Term): void => {
    const text = JSON.stringify(wanted);
    let index = terms.findIndex((term) => JSON.stringify(term) === text);
    if (index === -1) index = terms.push(wanted) - 1;
    output.push({ name: 'floor', expression: { kind: 'term', index } });
  };
  add({ kind: 'count', over: [] });
  if (schema.subject !== undefined) add({ kind: 'distinct', column: schema.subject });
  const overs = new Set(plan.terms.filter(isLinear).map(({ over }) => over.join('\0')));
  for (const over of overs) if (over !== '') add({ kind: 'count', over: over.split('\0') });
  return { plan: { ...plan, terms, output }, added: output.length - plan.output.length };
}

function checked({ result }: Release, width: number, added: number, cohort: number): ResultTable {
  const isEnough = (cell: Cell): boolean =>
    typeof cell === 'string' && BigInt(cell) >= BigInt(cohort);
  for (const row of result.rows) {
    if (row.length === width + added && row.slice(width).every(isEnough)) continue;
    throw new OpalineError('DENIED', {
      reason: `a figure of it would rest on fewer than ${cohort} subjects`,
    });
  }
  return {
    columns: result.columns.slice(0, width),
    rows: result.rows.map((row) => row.slice(0, width)),
    ...(result.errors === undefined ? {} : { errors: result.errors.slice(0, width) }),
  };
}
