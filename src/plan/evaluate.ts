import { OpalineError } from '../errors/index.ts';
import { approximate, compareData, exact, literalDatum, type Datum } from './datum.ts';
import * as interval from './exact/interval.ts';
import type { Interval } from './exact/interval.ts';
import { ofDouble } from './exact/number-text.ts';
import { Rational } from './exact/rational.ts';
import { sqrt } from './exact/sqrt.ts';
import type { Expression } from './physical.ts';

/** Where an expression's columns and terms get their values. */
export interface Environment {
  column(name: string): Datum;
  /** The exact count or sum; null for a sum over no rows. */
  term(index: number): Datum;
}

/** An environment for expressions without columns and terms. */
export const NOTHING: Environment = {
  column: () => fail('a column in a constant'),
  term: () => fail('a term in a constant'),
};

/** Most decimal places ROUND keeps, and most digits it drops. */
const ROUND_LIMIT = 1000;

/**
 * The value of a bound expression: SQL's NULL and three-valued rules, exact arithmetic.
 * Throws DIVISION_BY_ZERO.
 */
export function evaluate(expression: Expression, env: Environment): Datum {
  switch (expression.kind) {
    case 'literal':
      return literalDatum(expression.value);
    case 'column':
      return env.column(expression.column);
    case 'term':
      return env.term(expression.index);
    case 'unary':
      return unary(expression.op, evaluate(expression.arg, env));
    case 'binary':
      return expression.op === 'and' || expression.op === 'or'
        ? connective(expression.op, expression.left, expression.right, env)
        : binary(expression.op, evaluate(expression.left, env), evaluate(expression.right, env));
    case 'round': {
      const value = evaluate(expression.arg, env);
      const digits = evaluate(expression.digits, env);
      if (value === null || digits === null) return null;
      const places = clamp(number(digits).floor());
      return value.type === 'number'
        ? exact(number(value).round(places))
        : approximate(interval.round(intervalOf(value), places));
    }
    case 'onlyIf': {
      const when = truth(evaluate(expression.when, env));
      if (when === true) return evaluate(expression.value, env);
      if (when === null || expression.otherwise === undefined) return null;
      return evaluate(expression.otherwise, env);
    }
  }
}

/** True, false or, for NULL, null. */
export function truth(datum: Datum): boolean | null {
  if (datum === null) return null;
  return datum.type === 'boolean' ? datum.value : fail('a condition that is not boolean');
}

type UnaryOp = Extract<Expression, { kind: 'unary' }>['op'];
type BinaryOp = Exclude<Extract<Expression, { kind: 'binary' }>['op'], 'and' | 'or'>;

function unary(op: UnaryOp, arg: Datum): Datum {
  if (op === 'isNull' || op === 'isNotNull') return boolean((arg === null) === (op === 'isNull'));
  if (arg === null) return null;
  if (op === 'not') return boolean(truth(arg) === false);
  if (arg.type !== 'number') return approximate(UNARY[op](intervalOf(arg)));
  switch (op) {
    case 'negate':
      return { type: 'number', value: number(arg).negated(), decimal: isDecimal(arg) };
    case 'abs':
      return { type: 'number', value: number(arg).abs(), decimal: isDecimal(arg) };
    case 'sqrt':
      return { type: 'number', value: sqrt(number(arg)), decimal: false };
  }
}

const UNARY = { negate: interval.negated, abs: interval.abs, sqrt: interval.root };

const BINARY: Readonly<Record<string, (a: Interval, b: Interval) => Interval | undefined>> = {
  '+': interval.plus,
  '-': interval.minus,
  '*': interval.times,
  '/': interval.dividedBy,
  '%': interval.modulo,
};

/**
 * An operation on numbers of which one was made from reals. What their bounds do not decide is NULL, SQL's
 * unknown: a comparison of numbers closer than their bounds, a quotient by what may be 0.
 */
function approximately(op: BinaryOp, left: NonNullable<Datum>, right: NonNullable<Datum>): Datum {
  const [a, b] = [intervalOf(left), intervalOf(right)];
  const arithmetic = BINARY[op];
  if (arithmetic !== undefined) {
    const result = arithmetic(a, b);
    return result === undefined ? null : approximate(result);
  }
  const order = interval.compare(a, b);
  return order === undefined ? null : boolean(holds(op as Comparison, order));
}

function binary(op: BinaryOp, left: Datum, right: Datum): Datum {
  if (left === null || right === null) return null;
  const types = [left.type, right.type];
  if (types.includes('approximate') || (types.includes('real') && op in BINARY)) {
    return approximately(op, left, right);
  }
  switch (op) {
    case '+':
      return arithmetic(left, right, (a, b) => a.plus(b));
    case '-':
      return arithmetic(left, right, (a, b) => a.minus(b));
    case '*':
      return arithmetic(left, right, (a, b) => a.times(b));
    case '%':
      return arithmetic(left, right, (a, b) => a.modulo(b));
    case '/':
      return { type: 'number', value: number(left).dividedBy(number(right)), decimal: false };
    default:
      return boolean(holds(op, compareData(left, right)));
  }
}

type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** Whether a comparison holds between operands that compare as `order`. */
export function holds(op: Comparison, order: number): boolean {
  switch (op) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** AND and OR; the right side is not evaluated where the left decides. */
function connective(
  op: 'and' | 'or',
  left: Expression,
  right: Expression,
  env: Environment,
): Datum {
  const decisive = op === 'or';
  const first = truth(evaluate(left, env));
  if (first === decisive) return boolean(decisive);
  const second = truth(evaluate(right, env));
  if (second === decisive) return boolean(decisive);
  return first === null || second === null ? null : boolean(!decisive);
}

function arithmetic(
  left: NonNullable<Datum>,
  right: NonNullable<Datum>,
  operation: (a: Rational, b: Rational) => Rational,
): Datum {
  return {
    type: 'number',
    value: operation(number(left), number(right)),
    decimal: isDecimal(left) && isDecimal(right),
  };
}

function boolean(value: boolean): Datum {
  return { type: 'boolean', value };
}

function intervalOf(datum: NonNullable<Datum>): Interval {
  if (datum.type === 'approximate') return datum;
  return interval.point(datum.type === 'real' ? ofDouble(datum.value) : number(datum));
}

function number(datum: NonNullable<Datum>): Rational {
  return datum.type === 'number' ? datum.value : fail('arithmetic on what is not a number');
}

function isDecimal(datum: NonNullable<Datum>): boolean {
  return datum.type === 'number' && datum.decimal;
}

function clamp(digits: bigint): number {
  const limit = BigInt(ROUND_LIMIT);
  return Number(digits > limit ? limit : digits < -limit ? -limit : digits);
}

function fail(reason: string): never {
  throw new OpalineError('INTERNAL', { reason });
}
