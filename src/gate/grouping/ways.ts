import type { Parameters } from '../../params/parameters.ts';
import type { Leakage } from '../../plan/leakage.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { type AggregatePlan, isLinear } from '../../plan/physical.ts';
import type { SetPredicate } from '../../plan/set-predicate.ts';
import { GROUP_LIMIT, GroupValues } from '../group-values.ts';
import type { OpenTable } from '../open-table.ts';
import { layoutSums } from '../sum-layout.ts';
import {
  clusteredCost,
  type Cost,
  type GroupingShape,
  masksCost,
  privateCost,
  vaultCost,
} from './cost.ts';
import { clusteredLeakage, privateLeakage, vaultLeakage } from './leakage.ts';
import { privateColumn } from './private-groups.ts';
import type { Speeds } from './speeds.ts';
import { canGroupHere } from './vault-groups.ts';

/** How the groups of a query are made. */
export type GroupingWay = 'masks' | 'private' | 'clustered' | 'vault';

/** One way for the query at hand, beside the others. */
export interface WayEstimate extends Cost {
  readonly way: GroupingWay;
  readonly chosen: boolean;
  /** What the schema would have to declare, or why the way is not open to this query; absent: it is. */
  readonly needs?: string;
  readonly leakage: readonly Leakage[];
}

/**
 * With fewer groups than this the vault does not group by itself, whatever it costs: what an aggregate
 * sends back then has a limit that does not depend on the rows, 12 MB a sum.
 */
export const VAULT_GROUPS_FROM = 256;

/**
 * The ways to make a query's groups, each with what it costs and shows. A declared private column is
 * always grouped by privately; a table without one by what costs least; where a column is oblivious by codes, the
 * vault makes the groups.
 * @param coded columns that the store hears nothing of because the vault has their codes
 * @throws OVERFLOW_BOUND, NOISE_BOUND, GROUP_LIMIT, CAPABILITY_MISSING
 */
export async function groupingWays(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  parameters: Parameters,
  speeds: Speeds,
  coded: readonly string[] = [],
): Promise<readonly WayEstimate[]> {
  const isCoded = coded.length > 0;
  const hidden = isCoded ? undefined : privateColumn(plan, table);
  const ordered = plan.terms.some((term) => !isLinear(term));
  if (hidden !== undefined && ordered) {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: `an order statistic by ${JSON.stringify(hidden)}`,
      column: JSON.stringify(hidden),
      needs: 'its groups are private: declare it as "masks" in "groupBy" and ingest again',
    });
  }
  const { layout } = table.schema;
  const clustered = layout === 'random' ? undefined : layout.clustered;
  const rowsTogether = clustered !== undefined && plan.groupBy.includes(clustered);
  const metas = await Promise.all(table.manifest.segments.map((entry) => table.meta(entry)));
  const { outputs, segments: sums } = layoutSums(plan, table, metas, parameters);
  const mostSums = Math.max(0, ...sums.map((own) => own.length));
  const shape = await shapeOf(plan, filter, table, hidden ?? clustered, mostSums, parameters);
  const multiplied = outputs.find(({ kind }) => kind === 'product');
  const column = plan.groupBy[0]!;
  const declared = JSON.stringify(hidden ?? column);
  const isDivided = table.schema.custody !== undefined;
  const lists = `"sse" in the "search" of ${coded.map((name) => JSON.stringify(name)).join(' and ')}`;
  const byLists = isCoded
    ? { needs: lists }
    : hidden === undefined
      ? {}
      : { needs: `"masks" for ${declared} in "groupBy"` };
  const open: Omit<WayEstimate, 'chosen'>[] = [
    {
      way: 'masks',
      ...masksCost(shape, parameters, speeds),
      ...(rowsTogether ? { needs: '"layout": "random" in the schema' } : byLists),
      leakage: [listLeakage(plan)],
    },
    {
      way: 'private',
      ...privateCost(shape, parameters, speeds),
      ...(hidden === undefined && {
        needs: `"groupBy": {${declared}: "oblivious"} in the schema, for at most 64 values`,
      }),
      leakage: [privateLeakage(hidden ?? column, table)],
    },
    {
      way: 'clustered',
      ...clusteredCost(shape, parameters, speeds),
      ...(rowsTogether ? byLists : { needs: `"layout": {"clustered": ${declared}} in the schema` }),
      leakage: [clusteredLeakage(rowsTogether ? clustered : column)],
    },
    {
      way: 'vault',
      ...vaultCost(shape, parameters, speeds),
      ...(!isCoded &&
        whyNotHere(
          hidden,
          shape,
          canGroupHere(metas),
          productName(plan, multiplied?.term),
          ordered,
        )),
      ...(isDivided && { needs: 'a table whose key is whole: no "custody" in the schema' }),
      leakage: [vaultLeakage(plan.groupBy)],
    },
  ];
  const chosen = open
    .filter(({ needs }) => needs === undefined)
    .reduce((least, one) => (one.ms < least.ms ? one : least));
  return open.map((one) => ({ ...one, chosen: one === chosen }));
}

function whyNotHere(
  hidden: string | undefined,
  { groups }: GroupingShape,
  codes: boolean,
  multiplied: string | undefined,
  ordered: boolean,
): { needs?: string } {
  if (ordered) return { needs: 'no MIN, MAX, quantile, histogram or count of distinct values' };
  if (hidden !== undefined) return { needs: `"masks" for ${JSON.stringify(hidden)} in "groupBy"` };
  if (groups < VAULT_GROUPS_FROM) return { needs: `${VAULT_GROUPS_FROM} groups or more` };
  if (multiplied !== undefined) return { needs: `${multiplied} in "pairs"` };
  return codes ? {} : { needs: 'sealed row codes in every segment: run opaline compact' };
}

/** The pair whose product is the sum of a term. */
function productName({ terms }: AggregatePlan, of: number | undefined): string | undefined {
  const term = of === undefined ? undefined : terms[of];
  return term?.kind === 'sum' ? JSON.stringify(term.product) : undefined;
}

async function shapeOf(
  plan: AggregatePlan,
  filter: SetPredicate,
  table: OpenTable,
  special: string | undefined,
  sums: number,
  parameters: Parameters,
): Promise<GroupingShape> {
  const { segments } = table.manifest;
  const metas = await Promise.all(segments.map((entry) => table.meta(entry)));
  const sizes = await Promise.all(
    plan.groupBy.map(async (name) => {
      const { values } = await GroupValues.load(table, table.columnIndex(name), metas);
      return Math.max(1, values.length);
    }),
  );
  const rows = segments.reduce((sum, entry) => sum + entry.rows, 0);
  const product = sizes.reduce((all, size) => all * size, 1);
  return {
    segments: segments.length,
    chunks: Math.max(
      1,
      segments.reduce((sum, entry) => sum + Math.ceil(entry.rows / parameters.n), 0),
    ),
    rows,
    groups: Math.min(product, Math.max(1, rows), GROUP_LIMIT),
    values: sizes[Math.max(0, plan.groupBy.indexOf(special ?? ''))]!,
    sums,
    filtered:
      filter.kind !== 'all' ||
      table.leavesOut ||
      segments.some(({ deleted }) => deleted !== undefined),
    columns: plan.groupBy.length,
  };
}

function listLeakage({ groupBy }: AggregatePlan): Leakage {
  return {
    node: `groupBy on ${groupBy.join(', ')}`,
    index: 'sse',
    atRest: [],
    onQuery: [`the unlabelled partition of all rows by ${groupBy.join(' and by ')}, for good`],
    expectedRecovery: null,
  };
}
