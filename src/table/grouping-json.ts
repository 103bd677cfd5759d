import { invalid } from './json-checks.ts';
import { parsePairs } from './pairs-json.ts';
import type { Column, Layout, PrivateGrouping } from './schema.ts';
import { indexOf, isCoded, isUnlisted } from './search-index.ts';

/**
 * The parts of a schema's JSON form that say how groups are made:
 *
 * `"groupBy": {"ward": "oblivious"}`, or `{"ward": {"oblivious": [["fee", "fee"], ["fee", "days"]]}}` where
 * products are to be summed by ward as well; "masks" is the default. A column whose "search" is "oblivious" is
 * among them unnamed, unless it is so by codes: its groups are made in the vault.
 * `"layout": "random"`, the default, or `{"clustered": "ward"}`.
 */

/** @throws SCHEMA_INVALID */
export function parseGroupBy(json: unknown, columns: readonly Column[]): PrivateGrouping[] {
  const declared = parseDeclared(json, columns);
  const implied = columns.filter(
    (column) =>
      indexOf(column, 'oblivious') !== undefined &&
      !isCoded(column) &&
      declared.every((grouping) => grouping.column !== column.name),
  );
  return [...declared, ...implied.map(({ name }) => privateGrouping(name, []))];
}

function parseDeclared(json: unknown, columns: readonly Column[]): PrivateGrouping[] {
  if (json === undefined) return [];
  if (!isObject(json)) throw invalid('groupBy', 'must be an object');
  return Object.entries(json).flatMap(([name, how]) => {
    const path = `groupBy.${name}`;
    checkGroupable(name, columns, path);
    const column = columns.find((one) => one.name === name)!;
    if (isCoded(column)) {
      throw invalid(path, 'its groups are made in the vault: its "search" is by codes');
    }
    if (how === 'masks') {
      if (indexOf(column, 'oblivious') === undefined) return [];
      throw invalid(path, 'the column has no lists: its "search" is "oblivious"');
    }
    if (how === 'oblivious') return [privateGrouping(name, [])];
    if (!isObject(how) || Object.keys(how).join() !== 'oblivious') {
      throw invalid(path, 'must be "masks", "oblivious" or {"oblivious": [[column, column], …]}');
    }
    return [privateGrouping(name, parsePairs(how['oblivious'], columns, `${path}.oblivious`))];
  });
}

/**
 * Rows of a private column's groups are not laid out together: any filter would show how many there are.
 * @throws SCHEMA_INVALID
 */
export function parseLayout(
  json: unknown,
  columns: readonly Column[],
  groupBy: readonly PrivateGrouping[],
): Layout {
  if (json === undefined || json === 'random') return 'random';
  if (isObject(json) && Object.keys(json).join() === 'clustered') {
    const name = json['clustered'];
    if (typeof name !== 'string') throw invalid('layout.clustered', 'must name a column');
    checkGroupable(name, columns, 'layout.clustered');
    const isHidden = isUnlisted(columns.find((one) => one.name === name)!);
    if (isHidden || groupBy.some(({ column }) => column === name)) {
      throw invalid('layout.clustered', 'the groups of this column are private ("groupBy")');
    }
    return Object.freeze({ clustered: name });
  }
  throw invalid('layout', 'must be "random" or {"clustered": column}');
}

export function groupByToJson(groupBy: readonly PrivateGrouping[]): unknown {
  return Object.fromEntries(
    groupBy.map(({ column, products }) => [
      column,
      products.length === 0 ? 'oblivious' : { oblivious: products.map((pair) => [...pair]) },
    ]),
  );
}

export function layoutToJson(layout: Layout): unknown {
  return layout === 'random' ? layout : { ...layout };
}

function privateGrouping(column: string, products: PrivateGrouping['products']): PrivateGrouping {
  return Object.freeze({ column, products: Object.freeze(products) });
}

function checkGroupable(name: string, columns: readonly Column[], path: string): void {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) throw invalid(path, 'must name a column');
  if (column.type === 'document') throw invalid(path, 'rows are not grouped by a document');
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
