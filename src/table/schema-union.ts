import type { Pair, PrivateGrouping, Schema } from './schema.ts';

/**
 * The schema of segments that serve two: what each of the two has an index, a pair or private groups for,
 * they have. For a table that is changed from one to the other segment by segment. The two have the same
 * columns (checkReindex); the layout, which changes no answer, is that of `next`.
 */
export function uniteSchemas(before: Schema, next: Schema): Schema {
  return Object.freeze({
    ...next,
    columns: Object.freeze(
      next.columns.map((column, i) => {
        const search = uniteBy(JSON.stringify, before.columns[i]!.search, column.search);
        return Object.freeze({ ...column, search: Object.freeze(search) });
      }),
    ),
    pairs: Object.freeze(unitePairs(before.pairs, next.pairs)),
    groupBy: Object.freeze(uniteGroupings(before.groupBy, next.groupBy)),
  });
}

function uniteGroupings(
  before: readonly PrivateGrouping[],
  next: readonly PrivateGrouping[],
): PrivateGrouping[] {
  const names = new Set([...before, ...next].map(({ column }) => column));
  return [...names].map((column) => {
    const products = [before, next].map(
      (all) => all.find((grouping) => grouping.column === column)?.products ?? [],
    );
    return Object.freeze({
      column,
      products: Object.freeze(unitePairs(products[0]!, products[1]!)),
    });
  });
}

const unitePairs = (before: readonly Pair[], next: readonly Pair[]): Pair[] =>
  uniteBy(JSON.stringify, before, next);

/** Every item once, those of `next` first. */
function uniteBy<T>(key: (item: T) => string, before: readonly T[], next: readonly T[]): T[] {
  return [...new Map([...next, ...before].map((item) => [key(item), item])).values()];
}
