import { formatFactors, MAX_DEGREE, parseFactors } from './factors.ts';
import { asObject, invalid, keepsOrder, parseName, refuseUnknown } from './json-checks.ts';
import { type Column, isWhole } from './schema.ts';
import { DEFAULT_SEARCH } from './search-index.ts';

/** Decimal places of a derived column; its square, which is stored too, has twice as many. */
const MAX_PLACES = 400;

/**
 * The derived columns of a schema, after `columns`: `{"x2": "x*x", "x3": "x2*x"}`, or, where the order of
 * the keys would be lost, `[{"name": "2", "product": "x*x"}, …]`. A factor is an integer or decimal column
 * or a derived one that comes before; scales add up.
 *
 * There is no `lag(x)`: a row would keep a value of its neighbour's, which an erasure of the neighbour would
 * leave behind, and a segment does not keep the order of rows.
 * @throws SCHEMA_INVALID
 */
export function parseDerived(json: unknown, columns: readonly Column[]): Column[] {
  if (json === undefined) return [];
  const entries = Array.isArray(json)
    ? json.map((item: unknown, i) => namedProduct(item, `derived[${i}]`))
    : Object.entries(asObject(json, 'derived'));
  const known = new Map(columns.map((column) => [column.name, column]));
  return entries.map(([name, product]) => {
    const path = `derived.${name}`;
    parseName(name, path);
    if (known.has(name)) throw invalid(path, 'the column is declared twice');
    const column = productColumn(name, product, known, path);
    known.set(name, column);
    return column;
  });
}

/** Undefined where there is none. */
export function derivedToJson(columns: readonly Column[]): unknown {
  const entries = columns.flatMap(({ name, derived }) =>
    derived === undefined
      ? []
      : [[name, formatFactors(derived.map((factor) => ({ name: factor, power: 1 })))] as const],
  );
  if (entries.length === 0) return undefined;
  return keepsOrder(entries.map(([name]) => name))
    ? Object.fromEntries(entries)
    : entries.map(([name, product]) => ({ name, product }));
}

function namedProduct(json: unknown, path: string): [string, unknown] {
  const object = asObject(json, path);
  refuseUnknown(object, ['name', 'product'], path);
  return [parseName(object['name'], `${path}.name`), object['product']];
}

function productColumn(
  name: string,
  json: unknown,
  known: ReadonlyMap<string, Column>,
  path: string,
): Column {
  if (typeof json !== 'string') throw invalid(path, 'must be a product such as "x*x"');
  if (/^\s*lag\s*\(/i.test(json)) {
    throw invalid(path, 'a row holds no value of another row: give the lagged value in the input');
  }
  const factors = parseFactors(json);
  if (factors === undefined) {
    throw invalid(path, `must be a product such as "x*x" of at most ${MAX_DEGREE} factors`);
  }
  const columns = factors.flatMap(({ name: factor, power }) => {
    const column = known.get(factor);
    if (column === undefined) throw invalid(path, `"${factor}" is no column declared before`);
    if (!isWhole(column)) throw invalid(path, `"${factor}" is not integer or decimal`);
    return Array.from({ length: power }, () => column);
  });
  if (columns.length < 2) throw invalid(path, 'must be a product of at least two factors');
  const scale = columns.reduce((sum, column) => sum + column.scale, 0);
  if (scale > MAX_PLACES) throw invalid(path, `has ${scale} decimal places, over ${MAX_PLACES}`);
  return Object.freeze({
    name,
    type: columns.some(({ type }) => type === 'decimal') ? 'decimal' : 'integer',
    scale,
    nullable: columns.some(({ nullable }) => nullable),
    search: DEFAULT_SEARCH,
    derived: Object.freeze(columns.map((column) => column.name)),
  });
}
