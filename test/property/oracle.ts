import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Column, Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import {
  nameOf,
  type Condition,
  type Expr,
  type GroupCondition,
  type Literal,
  type Op,
  type Query,
} from './query.ts';

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
): { columns: string[]; rows: (string | number | boolean | null)[][] } {
  const groups = groupsOf(schema, rows, query);
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
  return {
    columns: query.output.map(nameOf),
    rows: sorted.map(({ group }) => query.output.map(({ expr }) => cell(expr, value(expr, group)))),
  };
}

/** Rows of one group, and their schema. A row query has one group a row. */
interface Group {
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
  readonly query: Query;
}

// --- filter and group, by SQLite ---------------------------------------------------------------

function groupsOf(schema: Schema, rows: readonly (readonly Value[])[], query: Query): Group[] {
  const db = new DatabaseSync(':memory:');
  try {
    defineComparisons(db);
    const columns = schema.columns.map((c, i) => `c${i} ${SQLITE_TYPES[c.type]}`);
    db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns.join(', ')})`);
    const insert = db.prepare(
      `INSERT INTO t VALUES (?, ${schema.columns.map(() => '?').join(', ')})`,
    );
    db.exec('BEGIN');
    for (const [id, row] of rows.entries()) insert.run(id, ...row);
    db.exec('COMMIT');
    const bound: SQLInputValue[] = [];
    const where = query.where === undefined ? '1' : condition(query.where, schema, bound);
    const by = query.groupBy.map((c) => `c${schema.columns.indexOf(c)}`);
    const grouping =
      query.kind === 'select' ? 'GROUP BY id' : by.length > 0 ? `GROUP BY ${by.join(', ')}` : '';
    const found = db
      .prepare(`SELECT json_group_array(id) AS ids FROM t WHERE ${where} ${grouping}`)
      .all(...bound) as { ids: string }[];
    return found.map(({ ids }) => ({
      schema,
      query,
      rows: (JSON.parse(ids) as number[]).map((id) => rows[id]!),
    }));
  } finally {
    db.close();
  }
}

const SQLITE_TYPES: Readonly<Record<Column['type'], string>> = {
  integer: 'INTEGER',
  decimal: 'INTEGER',
  boolean: 'INTEGER',
  date: 'INTEGER',
  timestamp: 'INTEGER',
  real: 'REAL',
  text: 'TEXT',
  document: 'TEXT',
};

/** signof(cell, unit, factor, addend, number): the exact sign of factor · cell · unit + addend − number. */
function defineComparisons(db: DatabaseSync): void {
  const sides = { useBigIntArguments: true, deterministic: true };
  db.function('signof', sides, (cell, unitN, unitD, factor, addend, n, d) => {
    if (cell === null) return null;
    const whole = (text: unknown): bigint => BigInt(String(text));
    const scaled = mul(q(whole(cell)), q(whole(unitN) * whole(factor), whole(unitD)));
    return sign(sub(add(scaled, q(whole(addend))), q(whole(n), whole(d))));
  });
}

const DAY = 86_400_000_000n;

function condition(c: Condition, schema: Schema, bound: SQLInputValue[]): string {
  const name = (column: Column): string => `c${schema.columns.indexOf(column)}`;
  const bind = (v: SQLInputValue): string => {
    bound.push(v);
    return '?';
  };
  const compared = (column: Column, op: Op, to: Literal, factor = 1, addend = 0): string => {
    if (to.type === 'null') return 'NULL';
    if (column.type === 'text' || column.type === 'real') {
      const operand =
        to.type === 'number'
          ? Number(to.digits) / 10 ** to.scale
          : (to as { value: string | number }).value;
      return `(${name(column)} ${op} ${bind(operand)})`;
    }
    if (column.type === 'boolean')
      return `(${name(column)} ${op} ${Number((to as { value: boolean }).value)})`;
    const number =
      to.type === 'number'
        ? q(to.digits, 10n ** BigInt(to.scale))
        : q((to as { value: bigint }).value * (to.type === 'date' ? DAY : 1n));
    const unit: Q = isNumeric(column)
      ? q(1n, 10n ** BigInt(column.scale))
      : q(column.type === 'date' ? DAY : 1n);
    const args = [...unit, factor, addend, ...number].map(String);
    return `(signof(${name(column)}, ${args.map((a) => bind(a)).join(', ')}) ${op} 0)`;
  };
  const negated = (sql: string): string => ('negated' in c && c.negated ? `(NOT ${sql})` : sql);
  switch (c.kind) {
    case 'compare':
      return compared(c.column, c.op, c.to, c.linear?.factor, c.linear?.addend);
    case 'between':
      return negated(
        `(${compared(c.column, '>=', c.low)} AND ${compared(c.column, '<=', c.high)})`,
      );
    case 'in':
      return negated(`(${c.list.map((to) => compared(c.column, '=', to)).join(' OR ')})`);
    case 'same':
      return c.to.type === 'null'
        ? negated(`(${name(c.column)} IS NULL)`)
        : negated(`(${compared(c.column, '=', c.to)} IS TRUE)`);
    case 'isNull':
      return `(${name(c.column)} IS ${c.negated ? 'NOT ' : ''}NULL)`;
    case 'bare':
      return name(c.column);
    case 'constant':
      return `(${c.sql})`;
    case 'not':
      return `(NOT ${condition(c.arg, schema, bound)})`;
    case 'test':
      return `(${condition(c.arg, schema, bound)} IS ${c.test.replace('UNKNOWN', 'NULL')})`;
    default:
      return `(${c.args.map((arg) => condition(arg, schema, bound)).join(` ${c.kind} `)})`;
  }
}

const isNumeric = (column: Column): boolean =>
  column.type === 'integer' || column.type === 'decimal';

// --- values ------------------------------------------------------------------------------------

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
  const { schema, query } = group;
  const single = (row: readonly Value[]): Group => ({ schema, query, rows: [row] });
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
  if (typeof a === 'object') return sign(sub(a as Q, b as Q));
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

// --- exact numbers -----------------------------------------------------------------------------

type Q = readonly [bigint, bigint];

function q(n: bigint, d = 1n): Q {
  let [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d];
  while (b > 0n) [a, b] = [b, a % b];
  const unit = d < 0n ? -a : a;
  return [n / unit, d / unit];
}
const add = (a: Q, b: Q): Q => q(a[0] * b[1] + b[0] * a[1], a[1] * b[1]);
const sub = (a: Q, b: Q): Q => q(a[0] * b[1] - b[0] * a[1], a[1] * b[1]);
const mul = (a: Q, b: Q): Q => q(a[0] * b[0], a[1] * b[1]);
const div = (a: Q, b: Q): Q => q(a[0] * b[1], a[1] * b[0]);
const sign = (a: Q): number => (a[0] > 0n ? 1 : a[0] < 0n ? -1 : 0);

function roundHalfAway(a: Q, digits: number): Q {
  const power = digits >= 0 ? q(10n ** BigInt(digits)) : q(1n, 10n ** BigInt(-digits));
  const scaled = mul(a, power);
  const half: Q = q(BigInt(sign(a)), 2n);
  const [n, d] = add(scaled, half);
  return div(q(n / d), power);
}

/** The square root, exact or to the nearest of 100 significant digits, by bisection on integers. */
function root(a: Q): Q {
  const whole = floorRoot(a[0] * a[1]);
  if (whole * whole === a[0] * a[1]) return q(whole, a[1]);
  // √(n/d) = √(n·d) / d; widen until the digits are there, then round with what is left.
  let places = 100;
  while (floorRoot((a[0] * 10n ** BigInt(2 * places)) / a[1]).toString().length < 104) places += 20;
  const digits = floorRoot((a[0] * 10n ** BigInt(2 * places)) / a[1]);
  const drop = 10n ** BigInt(digits.toString().length - 100);
  const rounded = (digits / drop + (digits % drop >= drop / 2n ? 1n : 0n)) * drop;
  return q(rounded, 10n ** BigInt(places));
}

function floorRoot(n: bigint): bigint {
  let low = 0n;
  let high = 1n;
  while (high * high <= n) high *= 2n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= n) low = middle;
    else high = middle;
  }
  return low;
}

// --- text --------------------------------------------------------------------------------------

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

/** By long division, digit after digit. */
function numberText([n, d]: Q, inFull: boolean): string {
  if (d === 1n) return n.toString();
  const minus = n < 0n ? '-' : '';
  const magnitude = n < 0n ? -n : n;
  const whole = (magnitude / d).toString();
  const limit = inFull ? Infinity : 30;
  let rest = magnitude % d;
  let fraction = '';
  let significant = whole === '0' ? 0 : whole.length;
  while (rest > 0n && significant < limit) {
    rest *= 10n;
    const digit = rest / d;
    rest %= d;
    fraction += digit;
    if (significant > 0 || digit > 0n) significant++;
  }
  if (significant > 30 && !inFull)
    return longWhole(minus, whole, rest > 0n || /[1-9]/.test(fraction));
  let digits = BigInt(whole + fraction);
  if (2n * rest > d || (2n * rest === d && digits % 2n === 1n)) digits += 1n;
  const text = digits.toString().padStart(fraction.length + 1, '0');
  const point = text.length - fraction.length;
  const tail = text.slice(point).replace(/0+$/, '');
  if (point > 30 && !inFull) return longWhole(minus, text.slice(0, point), false);
  return minus + text.slice(0, point) + (tail === '' ? '' : `.${tail}`);
}

/** A number from 1e30 on: 30 digits and an exponent. */
function longWhole(minus: string, whole: string, more: boolean): string {
  const head = BigInt(whole.slice(0, 30));
  const tail = whole.slice(30);
  const half = `5${'0'.repeat(Math.max(0, tail.length - 1))}`;
  const above = tail > half || (tail === half && (more || head % 2n === 1n));
  const digits = (above ? head + 1n : head).toString();
  const exponent = whole.length - 1 + digits.length - 30;
  const fraction = digits.slice(1).replace(/0+$/, '');
  return `${minus}${digits[0]}${fraction === '' ? '' : `.${fraction}`}e+${exponent}`;
}
