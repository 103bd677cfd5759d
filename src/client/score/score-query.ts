import { OpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import { Rational } from '../../plan/exact/rational.ts';
import { basesOf, summedMonomials } from '../../plan/statistics/design.ts';
import { isAggregated, type Schema } from '../../table/schema.ts';
import type { QueryResult } from '../api.ts';
import { errorStats } from '../error-stats.ts';
import type { Model } from './model.ts';
import {
  decimalOf,
  decimalText,
  type MonomialTerm,
  multiply,
  type Polynomial,
  polynomial,
} from './monomials.ts';
import { fitSigmoid, MOST_DEGREE, type SigmoidFit } from './sigmoid.ts';

/** Which rows are scored, and by what. */
export interface ScoreRequest {
  readonly table: string;
  /** A condition as after WHERE; default: every row. */
  readonly where?: string | undefined;
  readonly groupBy?: readonly string[] | undefined;
}

/** A score as SQL over the table's columns, and how far its polynomial is from the link. */
export interface ScoreQuery {
  readonly sql: string;
  /** Of a row's score; 0 for the identity. */
  readonly error: number;
}

/**
 * Scores need nothing of a row but sums: of z they are sums of columns, of its powers sums of products, and
 * those are exact. So the owner's answer is exact for the identity; for the logistic link it is exact for a
 * polynomial whose distance from σ is proved on every value z may have. Its degree is the highest of which
 * every product is stored: 1 or 2 of any table, more where derived columns are squares, cubes and so on.
 */
export function scoreQuery(
  request: ScoreRequest,
  model: Required<Model>,
  range: readonly [low: number, high: number],
  schema: Schema,
): ScoreQuery {
  const stored = summedMonomials(schema);
  if (model.link === 'identity') {
    const z = linear(model, decimalOf(model.intercept), schema);
    return { sql: aggregate(request, sqlOf(z, stored)), error: 0 };
  }
  const [low, high] = range;
  if (!(low >= -WIDEST && high <= WIDEST)) {
    throw new OpalineError('MODEL_RANGE', { limit: WIDEST });
  }
  const most = degreeOf(linear(model, Rational.ONE, schema), stored);
  const { coefficients, middle, error } = closest(low, high, most);
  const shift = decimalOf(model.intercept).minus(decimalOf(middle));
  const u = linear(model, shift, schema);
  let power = polynomial([{ monomial: [], coefficient: Rational.ONE }]);
  const terms: MonomialTerm[] = [];
  for (const coefficient of coefficients) {
    const factor = decimalOf(coefficient);
    for (const term of power.values()) {
      terms.push({ ...term, coefficient: term.coefficient.times(factor) });
    }
    power = multiply(power, u);
  }
  return { sql: aggregate(request, sqlOf(polynomial(terms), stored)), error };
}

/** The largest |z| for which a polynomial says anything about σ. */
export const WIDEST = 8;
/** Products that a score sums at most: each is a ciphertext sum for every limb. */
const MOST_PRODUCTS = 500;

/** The highest degree of which every monomial is stored; 1 at least, of which the binder says what is missing. */
function degreeOf(u: Polynomial, stored: ReadonlyMap<string, unknown>): number {
  let power = u;
  let degree = 1;
  for (; degree < MOST_DEGREE; degree++) {
    power = multiply(power, u);
    const keys = [...power.keys()].filter((key) => key !== '');
    if (power.size > MOST_PRODUCTS || !keys.every((key) => stored.has(key))) break;
  }
  return degree;
}

/** Of degrees up to the highest, the lowest that is about as close as any: a sum less for every product. */
function closest(low: number, high: number, highest: number): SigmoidFit {
  const fits = Array.from({ length: highest }, (_, i) => fitSigmoid(low, high, i + 1));
  const least = Math.min(...fits.map(({ error }) => error));
  return fits.find(({ error }) => error <= ENOUGH * least)!;
}

const ENOUGH = 1.02;

function aggregate({ table, where, groupBy = [] }: ScoreRequest, score: string): string {
  const groups = groupBy.map((name) => `${quoted(name)}, `).join('');
  return [
    `SELECT ${groups}COUNT(${score}) AS count, AVG(${score}) AS mean, SUM(${score}) AS total`,
    `FROM ${quoted(table)}`,
    ...(where === undefined ? [] : [`WHERE ${where}`]),
    ...(groupBy.length === 0 ? [] : [`GROUP BY ${groupBy.map(quoted).join(', ')}`]),
  ].join('\n');
}

/** constant + Σ weight·column, derived columns as what they are products of. */
function linear({ weights }: Required<Model>, constant: Rational, schema: Schema): Polynomial {
  const products = Object.entries(weights).map(([name, weight]): MonomialTerm => {
    const column = schema.columns.find((one) => one.name === name)!;
    return { monomial: basesOf(schema, column), coefficient: decimalOf(weight) };
  });
  return polynomial([{ monomial: [], coefficient: constant }, ...products]);
}

/** A column that is no number, or whose powers are not stored, stands as it is: the binder refuses it by name. */
function sqlOf(score: Polynomial, stored: ReadonlyMap<string, readonly string[]>): string {
  const terms = [...score].map(([key, { monomial, coefficient }]) => {
    const columns = key === '' ? [] : (stored.get(key) ?? monomial);
    return [decimalText(coefficient), ...columns.map(quoted)].join(' * ');
  });
  return terms.join(' + ');
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * A result of the polynomial as one of the link: its numbers as doubles, and the polynomial's error in
 * their bounds.
 */
export function approximated(result: QueryResult, error: number): QueryResult {
  const { columns, rows, stats } = result;
  const [count, mean, total] = [columns.length - 3, columns.length - 2, columns.length - 1];
  const own = stats.errors ?? columns.map(() => null);
  const errors = [...own];
  const shown = rows.map((row) => {
    const n = Number(row[count]);
    return row.map((cell, column) => {
      if (cell === null || (column !== mean && column !== total)) return cell;
      const value = Number(cell);
      // Read from 30 digits a double is off by half a unit of its last place; a real's bound has that.
      const read = typeof cell === 'string' ? Math.abs(value) * 2 ** -52 : 0;
      const off = (own[column] ?? 0) + read + error * (column === total ? n : 1);
      errors[column] = Math.max(errors[column] ?? 0, off * (1 + 2 ** -50));
      return value;
    });
  });
  return { ...result, rows: shown, stats: { ...stats, ...errorStats(errors) } };
}

/** Every z that a row of the table can have, from the bounds sealed in its segments, and its open rows. */
export async function scoreRange(
  table: OpenTable,
  { weights, intercept }: Required<Model>,
): Promise<readonly [low: number, high: number]> {
  const metas = await Promise.all(table.manifest.segments.map((entry) => table.meta(entry)));
  const delta = await table.deltaRows();
  let reach = 0;
  for (const [name, weight] of Object.entries(weights)) {
    const column = table.columnIndex(name);
    if (column < 0) {
      const known = table.schema.columns.map((one) => one.name);
      throw new OpalineError('UNKNOWN_COLUMN', { column: name, table: table.schema.table, known });
    }
    const { scale, type } = table.schema.columns[column]!;
    // The planner refuses it.
    if (!isAggregated({ type })) continue;
    let most = 0;
    for (const { products } of metas) {
      const stored = products.find(({ factors }) => factors.length === 1 && factors[0] === column);
      // Half a unit more where reals were rounded.
      const point = stored?.fixed?.point ?? 0;
      const size = Number(stored?.maxAbs ?? 0n) + ((stored?.fixed?.inexact ?? 0) > 0 ? 0.5 : 0);
      most = Math.max(most, (size * 2 ** -point) / 10 ** scale);
    }
    for (const row of delta) {
      const cell = row[column] ?? null;
      if (cell !== null) most = Math.max(most, Math.abs(Number(cell)) / 10 ** scale);
    }
    reach += Math.abs(weight) * most;
  }
  // Doubles add up a few roundings.
  const slack = 1e-9 * (reach + Math.abs(intercept));
  return [intercept - reach - slack, intercept + reach + slack];
}
