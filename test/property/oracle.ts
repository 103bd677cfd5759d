import type { ResultTable } from '../../src/plan/result.ts';
import type { Column, Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { filterAndGroup } from './sql/filter.ts';
import { nameOf, type Expr, type GroupCondition, type Query } from './query.ts';
import {
  add,
  div,
  mul,
  numberText,
  q,
  root,
  roundHalfAway,
  sign,
  sub,
  type Q,
} from './sql/rational.ts';

/**
 * The right answer to a generated query, found without any code of plan/: SQLite filters and groups
 * (its own three-valued logic, NULL groups and text order), and the rest is computed from the rows of
 * each group with definitions, not with the identities that plan/ uses (a variance is the mean of
 * squared deviations here, Σx² − (Σx)²/n there).
 */
export function oracle(
  schema: Schema,
  rows: readonly (readonly Value[])[],
  query: Query,
): ResultTable {
  const groups = filterAndGroup(schema, rows, query).map((found): Group => ({
    schema,
    rows: found,
  }));
  const kept = groups.filter((g) => query.having === undefined || holds(query.having, g) === true);
  const sorted = kept
    .map((group) => ({
      group,
      keys: query.orderBy.map(({ key }) =>
        value(typeof key === 'number' ? query.output[key]!.expr : key, group),
      ),
    }))
    .sort((a, b) => {
      for (const [i, { descending, nulls }] of query.orderBy.entries()) {
        const [x, y] = [a.keys[i]!, b.keys[i]!];
        if (x === null && y === null) continue;
        // NULL is larger than every value, unless the query says where it goes.
        const nullsLast = nulls === undefined ? !descending : nulls === 'LAST';
        if (x === null) return nullsLast ? 1 : -1;
        if (y === null) return nullsLast ? -1 : 1;
        const order = compare(x, y);
        if (order !== 0) return descending ? -order : order;
      }
      return 0;
    })
    .slice(query.offset ?? 0)
    .slice(0, query.limit);
  const cells = sorted.map(({ group }) =>
    query.output.map(({ expr }) => cell(expr, value(expr, group))),
  );
  // Of all that is generated, only extremes and quantiles of doubles are made from doubles: they are exact.
  const errors = query.output.map(({ expr }, i) =>
    expr.kind !== 'column' && cells.some((row) => typeof row[i] === 'number') ? 0 : null,
  );
  return {
    columns: query.output.map(nameOf),
    rows: cells,
    ...(errors.includes(0) ? { errors } : {}),
  };
}

/** Rows of one group, and their schema. A row query has one group a row. */
interface Group {
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
}

/** An exact number is [numerator, denominator]; dates and timestamps stay with their column's type. */
type Datum =
  Q | string | number | boolean | { readonly time: bigint; readonly text: string } | null;

function value(expr: Expr, group: Group): Datum {
  const number = (e: Expr): Q | null => value(e, group) as Q | null;
  switch (expr.kind) {
    case 'column':
      return cellOf(expr.column, group.rows[0]!, group.schema);
    case 'literal':
      return expr.literal.type === 'number'
        ? q(expr.literal.digits, 10n ** BigInt(expr.literal.scale))
        : null;
    case 'countRows':
      return q(BigInt(group.rows.length));
    case 'aggregate':
      return aggregate(expr.name, expr.args, group);
    case 'order':
      return orderStatistic(expr, group);
    case 'negate':
    case 'abs': {
      const arg = number(expr.arg);
      return arg !== null && (expr.kind === 'negate' || sign(arg) < 0) ? sub(q(0n), arg) : arg;
    }
    case 'round': {
      const arg = number(expr.arg);
      return arg === null ? null : roundHalfAway(arg, expr.digits ?? 0);
    }
    default: {
      const [left, right] = [number(expr.left), number(expr.right)];
      return left === null || right === null ? null : operate(expr.kind, left, right);
    }
  }
}

function operate(op: '+' | '-' | '*' | '/' | '%', a: Q, b: Q): Q {
  switch (op) {
    case '+':
      return add(a, b);
    case '-':
      return sub(a, b);
    case '*':
      return mul(a, b);
    case '/':
      return div(a, b);
    default: {
      const [n, d] = div(a, b);
      return sub(a, mul(b, q(n / d)));
    }
  }
}

function aggregate(name: string, args: readonly Expr[], group: Group): Q | null {
  const { schema } = group;
  const single = (row: readonly Value[]): Group => ({ schema, rows: [row] });
  if (name === 'count')
    return q(BigInt(group.rows.filter((r) => value(args[0]!, single(r)) !== null).length));
  const points = group.rows
    .map((row) => args.map((arg) => value(arg, single(row)) as Q | null))
    .filter((point): point is Q[] => !point.includes(null));
  const n = points.length;
  const y = points.map((point) => point[0]!);
  const x = points.map((point) => point[1] ?? point[0]!);
  if (name === 'regr_count') return q(BigInt(n));
  if (n === 0) return null;
  const sum = (list: readonly Q[]): Q => list.reduce(add, q(0n));
  const count = q(BigInt(n));
  const mean = (list: readonly Q[]): Q => div(sum(list), count);
  const deviations = (list: readonly Q[]): Q[] => list.map((v) => sub(v, mean(list)));
  const dot = (a: readonly Q[], b: readonly Q[]): Q => sum(a.map((v, i) => mul(v, b[i]!)));
  const [dx, dy] = [deviations(x), deviations(y)];
  const [sxx, syy, sxy] = [dot(dx, dx), dot(dy, dy), dot(dx, dy)];
  const sample = (s: Q): Q | null => (n < 2 ? null : div(s, q(BigInt(n - 1))));
  switch (name) {
    case 'sum':
      return sum(y);
    case 'avg':
    case 'regr_avgy':
      return mean(y);
    case 'regr_avgx':
      return mean(x);
    case 'var_pop':
      return div(syy, count);
    case 'var_samp':
    case 'variance':
      return sample(syy);
    case 'stddev_pop':
      return root(div(syy, count));
    case 'stddev_samp':
    case 'stddev':
      return n < 2 ? null : root(sample(syy)!);
    case 'covar_pop':
      return div(sxy, count);
    case 'covar_samp':
      return sample(sxy);
    case 'regr_sxx':
      return sxx;
    case 'regr_syy':
      return syy;
    case 'regr_sxy':
      return sxy;
    case 'corr':
      return sign(sxx) === 0 || sign(syy) === 0 ? null : div(sxy, root(mul(sxx, syy)));
    case 'regr_slope':
      return sign(sxx) === 0 ? null : div(sxy, sxx);
    case 'regr_intercept':
      return sign(sxx) === 0 ? null : sub(mean(y), mul(div(sxy, sxx), mean(x)));
    case 'regr_r2':
      if (sign(sxx) === 0) return null;
      return sign(syy) === 0 ? q(1n) : div(mul(sxy, sxy), mul(sxx, syy));
    default:
      throw new Error(name);
  }
}

/** From the sorted values, by the definitions of SQL:2016 (PERCENTILE_CONT, PERCENTILE_DISC). */
function orderStatistic(
  { name, arg, fraction, buckets }: Extract<Expr, { kind: 'order' }>,
  { schema, rows }: Group,
): Datum {
  const values = rows
    .map((row) => value(arg, { schema, rows: [row] }))
    .filter((datum) => datum !== null)
    .sort(compare);
  if (name === 'count') {
    return q(BigInt(values.filter((v, i) => i === 0 || compare(values[i - 1]!, v) !== 0).length));
  }
  const n = values.length;
  if (n === 0) return null;
  const p = name === 'median' ? q(1n, 2n) : q(fraction, 1000n);
  switch (name) {
    case 'min':
      return values[0]!;
    case 'max':
      return values[n - 1]!;
    case 'percentile_disc':
      // The first value whose share of rows up to it reaches p.
      return values.find((_, i) => sign(sub(q(BigInt(i + 1), BigInt(n)), p)) >= 0)!;
    case 'histogram':
      return histogram(values as Q[], buckets);
    default: {
      const place = mul(p, q(BigInt(n - 1)));
      const below = q(place[0] / place[1]);
      const [low, high] = [values[Number(below[0])]!, values[Number(below[0]) + 1]];
      const part = sub(place, below);
      return sign(part) === 0 ? low : add(low as Q, mul(sub(high as Q, low as Q), part));
    }
  }
}

function histogram(values: readonly Q[], buckets: number): string {
  const [low, high] = [values[0]!, values.at(-1)!];
  const count = sign(sub(high, low)) === 0 ? 1 : buckets;
  const bound = (i: number): Q =>
    add(low, div(mul(sub(high, low), q(BigInt(i))), q(BigInt(count))));
  const text = (number: Q): string => numberText(number, 10n ** 60n % number[1] === 0n);
  const bounds = Array.from({ length: count + 1 }, (_, i) => bound(i));
  const lines = bounds.slice(1).map((to, i) => {
    const from = bounds[i]!;
    const inside = values.filter((v) => {
      const order = compare(v, to);
      return compare(v, from) >= 0 && (order < 0 || (order === 0 && i === count - 1));
    });
    return `{"low":${text(from)},"high":${text(to)},"count":${inside.length}}`;
  });
  return `[${lines.join(',')}]`;
}

function cellOf(column: Column, row: readonly Value[], schema: Schema): Datum {
  const raw = row[schema.columns.indexOf(column)]!;
  if (raw === null) return null;
  switch (column.type) {
    case 'integer':
    case 'decimal':
      return q(raw as bigint, 10n ** BigInt(column.scale));
    case 'boolean':
      return raw === 1n;
    case 'date': {
      const text = new Date(Number(raw) * 86_400_000).toISOString().slice(0, 10);
      return { time: raw as bigint, text };
    }
    case 'timestamp': {
      const micros = raw as bigint;
      const inSecond = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
      const whole = new Date(Number((micros - inSecond) / 1000n)).toISOString();
      const fraction = inSecond.toString().padStart(6, '0').replace(/0+$/, '');
      const text = whole.slice(0, 19).replace('T', ' ') + (fraction === '' ? '' : `.${fraction}`);
      return { time: micros, text };
    }
    default:
      return raw as string | number;
  }
}

function holds(c: GroupCondition, group: Group): boolean | null {
  switch (c.kind) {
    case 'isNull':
      return (value(c.arg, group) === null) !== c.negated;
    case 'compare': {
      const [left, right] = [value(c.left, group), value(c.right, group)];
      if (left === null || right === null) return null;
      const order = compare(left, right);
      const results = {
        '=': order === 0,
        '<>': order !== 0,
        '<': order < 0,
        '<=': order <= 0,
        '>': order > 0,
        '>=': order >= 0,
      };
      return results[c.op];
    }
    case 'not': {
      const arg = holds(c.arg, group);
      return arg === null ? null : !arg;
    }
    default: {
      const args = c.args.map((arg) => holds(arg, group));
      const decisive = c.kind === 'or';
      return args.includes(decisive) ? decisive : args.includes(null) ? null : !decisive;
    }
  }
}

function compare(a: NonNullable<Datum>, b: NonNullable<Datum>): number {
  if (typeof a === 'object' && 'time' in a) {
    const other = (b as { time: bigint }).time;
    return a.time < other ? -1 : a.time > other ? 1 : 0;
  }
  if (typeof a === 'object') {
    const [left, right] = [a[0] * (b as Q)[1], (b as Q)[0] * a[1]];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof a === 'string') {
    const [x, y] = [[...a], [...(b as string)]];
    for (let i = 0; i < Math.min(x.length, y.length); i++) {
      const order = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
      if (order !== 0) return order;
    }
    return x.length - y.length;
  }
  return Number(a) - Number(b) || 0;
}

function cell(expr: Expr, datum: Datum): string | number | boolean | null {
  if (datum === null || typeof datum !== 'object') return datum;
  if ('text' in datum) return datum.text;
  return numberText(datum as Q, staysDecimal(expr));
}

/** True for what prints in full: sums, counts and literals without division, averages or roots. */
function staysDecimal(expr: Expr): boolean {
  switch (expr.kind) {
    case 'aggregate':
      return ['count', 'sum', 'regr_count'].includes(expr.name);
    case 'order':
      return true;
    case 'negate':
    case 'abs':
      return staysDecimal(expr.arg);
    case '/':
      return false;
    case '+':
    case '-':
    case '*':
    case '%':
      return staysDecimal(expr.left) && staysDecimal(expr.right);
    default:
      return true;
  }
}
