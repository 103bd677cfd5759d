import { OpalineError } from '../errors/index.ts';
import { compareData, exact, literalDatum, type Datum } from './datum.ts';
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
      return exact(number(value).round(clamp(number(digits).floor())));
    }
    case 'onlyIf':
      if (truth(evaluate(expression.when, env)) === true) return evaluate(expression.value, env);
      return expression.otherwise === undefined ? null : evaluate(expression.otherwise, env);
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
  switch (op) {
    case 'not':
      return boolean(truth(arg) === false);
    case 'negate':
      return { type: 'number', value: number(arg).negated(), decimal: isDecimal(arg) };
    case 'abs':
      return { type: 'number', value: number(arg).abs(), decimal: isDecimal(arg) };
    case 'sqrt':
      return { type: 'number', value: sqrt(number(arg)), decimal: false };
  }
}

function binary(op: BinaryOp, left: Datum, right: Datum): Datum {
  if (left === null || right === null) return null;
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

/** Whether a comparison holds between operands that compare as `order`. */
export function holds(op: '=' | '<>' | '<' | '<=' | '>' | '>=', order: number): boolean {
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
