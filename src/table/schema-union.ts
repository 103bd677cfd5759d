import type { Pair, PrivateGrouping, Schema } from './schema.ts';
import type { SearchIndex } from './search-index.ts';

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
        const search = uniteSearch(before.columns[i]!.search, column.search);
        const score = column.score ?? before.columns[i]!.score;
        return Object.freeze({ ...column, search, ...(score && { score }) });
      }),
    ),
    pairs: Object.freeze(unitePairs(before.pairs, next.pairs)),
    groupBy: Object.freeze(uniteGroupings(before.groupBy, next.groupBy)),
    ...(before.verified === true && { verified: true as const }),
  });
}

/** Each rung once. Options that only one of two has count; of two prefix lengths the lists of both. */
function uniteSearch(
  before: readonly SearchIndex[],
  next: readonly SearchIndex[],
): readonly SearchIndex[] {
  const united = next.map((index) => {
    const other = before.find((one) => one.index === index.index);
    if (index.index !== 'sse' || other?.index !== 'sse') return index;
    const prefix = Math.max(index.prefix ?? 0, other.prefix ?? 0);
    return Object.freeze({ ...other, ...index, ...(prefix > 0 ? { prefix } : {}) });
  });
  const rest = before.filter((one) => next.every(({ index }) => index !== one.index));
  return Object.freeze([...united, ...rest]);
}

/**
 * A rung that two schemas give options of which one segment cannot serve both; undefined: there is none.
 * Prefix lists of any lengths go together; grams of two lengths do not, nor do the options of other rungs.
 */
export function conflictingRung(before: Schema, next: Schema): string | undefined {
  for (const [i, { name, search }] of next.columns.entries()) {
    for (const index of search) {
      const other = before.columns[i]!.search.find((one) => one.index === index.index);
      if (other === undefined) continue;
      // Row codes are in every segment, and private groups united apart.
      if (index.index === 'oblivious') continue;
      const options: Record<string, unknown> = { ...other };
      const differs = Object.entries(index).some(
        ([key, value]) => key !== 'prefix' && options[key] !== undefined && options[key] !== value,
      );
      if (differs) return `"${index.index}" of column "${name}"`;
    }
  }
  return undefined;
}

function uniteGroupings(
  before: readonly PrivateGrouping[],
  next: readonly PrivateGrouping[],
): PrivateGrouping[] {
  const names = new Set([...next, ...before].map(({ column }) => column));
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
