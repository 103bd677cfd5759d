import type { Plan, Predicate } from '../../plan/physical.ts';
import type { Operation } from '../../policy/document.ts';
import type { OpenTable } from '../open-table.ts';

/** Every column that a plan names, wherever: selected, computed on, filtered, grouped or ordered by. */
export function fieldsOf(plan: Plan): readonly string[] {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'column' && typeof value === 'string') found.add(value);
      else if (COLUMN_LISTS.has(key))
        for (const name of value as readonly string[]) found.add(name);
      else visit(value);
    }
  };
  visit(plan);
  return [...found].sort();
}

/** Properties of a plan that are lists of columns' names. */
const COLUMN_LISTS = new Set(['columns', 'groupBy', 'product', 'over']);

/** What a plan does that a rule must allow: all of these. */
export function operationsOf({ kind, filter }: Plan): readonly Operation[] {
  const own = kind === 'select' ? 'rows' : 'aggregate';
  return searches(filter) ? [own, 'search'] : [own];
}

/** Whether a condition looks into texts: by keywords or patterns. */
function searches(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'keyword':
    case 'like':
      return true;
    case 'and':
    case 'or':
      return predicate.args.some(searches);
    case 'not':
      return searches(predicate.arg);
    default:
      return false;
  }
}

/** Cells that a plan's result can have, at most. */
export async function mostCells(plan: Plan, table: OpenTable): Promise<number> {
  const rows = plan.kind === 'select' ? table.rows : await mostGroups(plan.groupBy, table);
  return Math.min(rows, plan.limit ?? Infinity) * Math.max(1, plan.output.length);
}

async function mostGroups(groupBy: readonly string[], table: OpenTable): Promise<number> {
  if (groupBy.length === 0) return 1;
  const { segments, delta } = table.manifest;
  const metas = await Promise.all(segments.map((segment) => table.meta(segment)));
  const pending = delta.reduce((sum, { rows }) => sum + rows, 0);
  const product = groupBy.reduce((all, name) => {
    const column = table.columnIndex(name);
    // NULL is a group too.
    const values = metas.reduce((sum, { columns }) => sum + columns[column]!.distinct, 1 + pending);
    return all * values;
  }, 1);
  return Math.min(product, Math.max(1, table.rows));
}
