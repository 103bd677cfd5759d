import { OpalineError } from '../../errors/index.ts';
import { type Factor, formatFactors, parseFactors } from '../../table/factors.ts';
import {
  type Column,
  isAggregated,
  type Schema,
  summedPairs,
  undeclaredByDefault,
} from '../../table/schema.ts';
import { columnNamed, numericColumn, type Product } from './moments.ts';

/** A regression of `y` on terms: columns, powers and products of columns. */
export interface Model {
  readonly y: string;
  /** `x`, `x^2`, `x*z`, `"odd name"^3`. */
  readonly x: readonly string[];
  readonly intercept: boolean;
}

/** Which sums a model takes, and where each entry of its normal equations is among them. */
export interface Design {
  /** Names of the terms, the intercept first where there is one. */
  readonly terms: readonly string[];
  readonly intercept: boolean;
  /** Columns that must not be NULL. */
  readonly over: readonly string[];
  /** The number of rows, then the distinct moments. */
  readonly products: readonly Product[];
  /** Place in `products` of Σ vᵢ·vⱼ; the variables are the terms and then y. */
  moment(i: number, j: number): number;
}

export const INTERCEPT = '(intercept)';
const OPERATION = 'regression';

/** Columns with their multiplicities, sorted: a monomial in columns that are not derived. */
export type Monomial = readonly string[];

/**
 * Lay out the moments of a model. A power or product of columns may be stored in several ways (x⁴ as the
 * square of a derived x², or as x·x³); any will do.
 *
 * Throws UNKNOWN_COLUMN, TYPE_MISMATCH, USAGE for a term that is no product, and CAPABILITY_MISSING that
 * names what to declare where a moment is not stored.
 */
export function designOf(schema: Schema, model: Model): Design {
  if (model.x.length === 0) throw new OpalineError('USAGE', { reason: 'give at least one term' });
  const y = numericColumn(schema, model.y, OPERATION);
  const terms = model.x.map((text) => parseTerm(schema, text));
  const variables: readonly Monomial[] = [
    ...(model.intercept ? [[]] : []),
    ...terms.map((term) => monomialOf(schema, term)),
    basesOf(schema, y),
  ];
  const stored = summedMonomials(schema);
  const products: Product[] = [[]];
  const places = new Map([['', 0]]);
  const missing = new Set<string>();
  for (const key of variables.flatMap((v, i) => variables.slice(i).map((w) => keyOf(v, w)))) {
    if (places.has(key)) continue;
    const product = stored.get(key);
    if (product === undefined) missing.add(key);
    else places.set(key, products.push(product) - 1);
  }
  if (missing.size > 0) throw refusal(schema, variables, missing);
  return {
    terms: [...(model.intercept ? [INTERCEPT] : []), ...terms.map(nameOf)],
    intercept: model.intercept,
    over: [...new Set([y.name, ...terms.flat().map(({ name }) => name), ...products.flat()])],
    products,
    moment: (i, j) => places.get(keyOf(variables[i]!, variables[j]!))!,
  };
}

function parseTerm(schema: Schema, text: string): Factor[] {
  const whole = schema.columns.some(({ name }) => name === text);
  const factors = whole ? [{ name: text, power: 1 }] : parseFactors(text);
  if (factors === undefined) {
    const reason = 'a term is a column, a power such as x^2 or a product such as x*z';
    throw new OpalineError('USAGE', { reason });
  }
  for (const { name } of factors) numericColumn(schema, name, OPERATION);
  return factors;
}

/** A column alone is shown by its name, quotes or not. */
function nameOf(factors: readonly Factor[]): string {
  const [first, second] = factors;
  return second === undefined && first!.power === 1 ? first!.name : formatFactors(factors);
}

function monomialOf(schema: Schema, factors: readonly Factor[]): Monomial {
  return factors
    .flatMap(({ name, power }) => {
      const bases = basesOf(schema, columnNamed(schema, name));
      return Array.from({ length: power }, () => bases).flat();
    })
    .sort();
}

/** What a column is a product of: itself, unless it is derived. */
export function basesOf(schema: Schema, { name, derived }: Column): Monomial {
  if (derived === undefined) return [name];
  return derived.flatMap((factor) => basesOf(schema, columnNamed(schema, factor))).sort();
}

/** No name holds a control character. */
export const keyOf = (a: Monomial, b: Monomial): string => [...a, ...b].sort().join('\0');

/** Every monomial that can be summed, by its key, with the product that gives it. */
export function summedMonomials(schema: Schema): Map<string, Product> {
  const out = new Map<string, Product>();
  const add = (product: Product): void => {
    const [a, b] = product.map((name) => basesOf(schema, columnNamed(schema, name)));
    const key = keyOf(a ?? [], b ?? []);
    if (!out.has(key)) out.set(key, product);
  };
  const numeric = schema.columns.filter(isAggregated);
  for (const { name } of numeric) add([name]);
  for (const { name } of numeric) add([name, name]);
  for (const [a, b] of summedPairs(schema)) add([a, b]);
  return out;
}

/**
 * Says what to declare: a derived column for every term that is not a column, then the pairs that the
 * moments still lack.
 */
function refusal(
  schema: Schema,
  variables: readonly Monomial[],
  missing: ReadonlySet<string>,
): OpalineError {
  const columns = [...schema.columns];
  const derived: Record<string, string> = {};
  for (const monomial of variables) {
    const key = keyOf(monomial, []);
    const known = columns.some(
      (column) => keyOf(basesOf({ ...schema, columns }, column), []) === key,
    );
    if (known || monomial.length === 0) continue;
    const name = freeName(monomial, columns);
    derived[name] = formatFactors(monomial.map((base) => ({ name: base, power: 1 })));
    const scale = 0;
    columns.push({
      name,
      type: 'integer',
      scale,
      nullable: true,
      search: [],
      derived: monomial,
    });
  }
  const byDefault = schema.undeclared === undeclaredByDefault(schema.columns);
  const undeclared = byDefault ? undeclaredByDefault(columns) : schema.undeclared;
  const wider: Schema = { ...schema, columns, undeclared };
  const stored = summedMonomials(wider);
  const wanted = new Set(
    variables.flatMap((v, i) => variables.slice(i).map((w) => keyOf(v, w))).filter(Boolean),
  );
  const pairs: [string, string][] = [];
  for (const key of wanted) {
    if (stored.has(key)) continue;
    const pair = pairOf(wider, key);
    if (pair !== undefined) pairs.push(pair);
  }
  const parts = [
    ...(Object.keys(derived).length === 0 ? [] : [`"derived": ${JSON.stringify(derived)}`]),
    ...(pairs.length === 0 ? [] : [`"pairs": ${JSON.stringify(pairs)}`]),
  ];
  const [first] = missing;
  return new OpalineError('CAPABILITY_MISSING', {
    operation: OPERATION,
    column: `the sum of ${shown(first!.split('\0'))}`,
    needs: `declare ${parts.join(' and ')} in the schema, and ingest again`,
  });
}

/** Two columns whose product is the monomial, in schema order. */
function pairOf(schema: Schema, key: string): [string, string] | undefined {
  const numeric = schema.columns.filter(isAggregated);
  for (const [i, a] of numeric.entries()) {
    for (const b of numeric.slice(i + 1)) {
      if (keyOf(basesOf(schema, a), basesOf(schema, b)) === key) return [a.name, b.name];
    }
  }
  return undefined;
}

/** `x^3*y` for x, x, x, y. */
function shown(monomial: Monomial): string {
  return formatFactors(
    [...new Set(monomial)].map((name) => ({
      name,
      power: monomial.filter((base) => base === name).length,
    })),
  );
}

/** `x3` for x³, `x_z` for x·z; underscores follow until no column has the name. */
function freeName(monomial: Monomial, columns: readonly Column[]): string {
  const names = [...new Set(monomial)];
  let name = names.length === 1 ? `${names[0]}${monomial.length}` : monomial.join('_');
  while (columns.some((column) => column.name === name)) name += '_';
  return name;
}
