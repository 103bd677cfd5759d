import type { LinearPlan } from '../../plan/physical.ts';
import type { SegmentMeta } from '../../table/segment-meta.ts';
import type { OpenTable } from '../open-table.ts';

/** Something summed or counted for every group; columns by schema index. */
export interface Measure {
  /** None: rows are counted. */
  readonly factors: readonly number[];
  /** Columns whose NULLs do not count, of those that have any; a NULL factor is 0 anyway. */
  readonly over: readonly number[];
}

/** The distinct measures of a plan's terms. */
export interface Measures {
  /** The first counts the rows of a group: it tells which groups there are. */
  readonly list: readonly Measure[];
  /** Per term of the plan the number of its measure. */
  readonly ofTerm: readonly number[];
}

export function measuresOf(
  { terms }: Pick<LinearPlan, 'terms'>,
  table: Pick<OpenTable, 'columnIndex'>,
  metas: readonly SegmentMeta[],
): Measures {
  const list: Measure[] = [{ factors: [], over: [] }];
  const ofTerm = terms.map((term) => {
    const factors = term.kind === 'sum' ? term.product.map((name) => table.columnIndex(name)) : [];
    const over = term.over
      .map((name) => table.columnIndex(name))
      .filter((column) => !factors.includes(column))
      .filter((column) => metas.some((meta) => meta.columns[column]!.nulls > 0));
    const known = list.findIndex(
      (one) => one.factors.join() === factors.join() && one.over.join() === over.join(),
    );
    return known >= 0 ? known : list.push({ factors, over }) - 1;
  });
  return { list, ofTerm };
}
