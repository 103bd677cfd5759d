import type { A_Expr, FuncCall, Node } from 'libpg-query';
import type { Expression } from '../physical.ts';
import { bindCast, bindLiteral, bindParameter, constantValue } from './constant.ts';
import type { Context } from './context.ts';
import { AGGREGATES, checkCall, functionName } from './functions.ts';
import { internal, mismatch, unsupported } from './refuse.ts';
import {
  literal,
  numberExpression,
  settle,
  TYPE_NAMES,
  type DataType,
  type Typed,
} from './typed.ts';
import { Rational } from '../exact/rational.ts';

type Binary = Extract<Expression, { kind: 'binary' }>['op'];

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%']);
const COMPARISON: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/**
 * Binds an expression of the select list, HAVING or ORDER BY, or a constant of any clause: names,
 * types and calls are resolved, and what Opaline does not answer is refused.
 *
 * Throws SQL_UNSUPPORTED, NOT_YET_AVAILABLE, SQL_SYNTAX, TYPE_MISMATCH, UNKNOWN_COLUMN,
 * PARAMETER_MISSING, CAPABILITY_MISSING.
 */
export function bindExpression(node: Node, context: Context): Typed {
  if ('A_Const' in node) return bindLiteral(node.A_Const);
  if ('ParamRef' in node) return bindParameter(node.ParamRef.number ?? 0, context.parameters);
  if ('ColumnRef' in node) return context.column(node.ColumnRef);
  if ('FuncCall' in node) return bindCall(node.FuncCall, context);
  if ('TypeCast' in node) {
    return bindCast(node.TypeCast, bindExpression(present(node.TypeCast.arg), context));
  }
  if ('A_Expr' in node) return bindOperator(node.A_Expr, context);
  if ('BoolExpr' in node) {
    const args = (node.BoolExpr.args ?? []).map((arg) => bindCondition(arg, context));
    switch (node.BoolExpr.boolop) {
      case 'NOT_EXPR':
        return condition({ kind: 'unary', op: 'not', arg: args[0]! });
      case 'OR_EXPR':
        return condition(fold('or', args));
      default:
        return condition(fold('and', args));
    }
  }
  if ('NullTest' in node) {
    const { expression } = bindExpression(present(node.NullTest.arg), context);
    return condition(nullTest(expression, node.NullTest.nulltesttype === 'IS_NULL'));
  }
  if ('BooleanTest' in node) {
    const arg = bindCondition(present(node.BooleanTest.arg), context);
    return condition(booleanTest(arg, node.BooleanTest.booltesttype ?? 'IS_TRUE'));
  }
  throw unsupportedNode(node);
}

/** Binds an expression that must be a condition. Throws as bindExpression. */
export function bindCondition(node: Node, context: Context): Expression {
  const { expression, type } = settle(bindExpression(node, context), 'boolean');
  if (type !== 'boolean') throw mismatch(`a condition is a ${TYPE_NAMES[type]}, not true or false`);
  return expression;
}

/** The refusal of a syntax node that no clause binds. */
export function unsupportedNode(node: Node): Error {
  const kind = Object.keys(node)[0] ?? '';
  const [feature, instead] = NODE_NAMES[kind] ?? [`this form of expression (${kind})`];
  return unsupported(feature, instead);
}

const NODE_NAMES: Readonly<Record<string, readonly [feature: string, instead?: string]>> = {
  SubLink: ['a subquery', 'run it first and pass its result as a parameter'],
  CaseExpr: ['CASE', 'group or filter by the condition instead'],
  CoalesceExpr: ['COALESCE', 'filter with IS [NOT] NULL'],
  MinMaxExpr: ['GREATEST and LEAST'],
  SQLValueFunction: ['CURRENT_DATE and its like', 'pass the value as a parameter'],
  CollateClause: ['COLLATE', 'text sorts by code point'],
  RowExpr: ['a row value', 'compare column by column'],
  A_ArrayExpr: ['an array', 'use IN (…)'],
  A_Indirection: ['a subscript'],
  GroupingFunc: ['GROUPING'],
  GroupingSet: ['GROUPING SETS, ROLLUP and CUBE', 'run one query a grouping'],
  SetToDefault: ['DEFAULT'],
};

/** The left and right of a node that the grammar says are there. */
export function present(node: Node | undefined): Node {
  if (node === undefined) throw internal('form of a syntax tree');
  return node;
}

/** The symbol of an operator. */
export function operatorName(expr: A_Expr): string {
  const part = expr.name?.at(-1);
  return part !== undefined && 'String' in part ? (part.String.sval ?? '') : '';
}

/** The items of a parenthesised list. */
export function listItems(node: Node | undefined): readonly Node[] {
  return node !== undefined && 'List' in node ? (node.List.items ?? []) : [];
}

/** Refuses the operators that no clause binds. */
export function refuseOperator(expr: A_Expr): never {
  const name = operatorName(expr);
  switch (expr.kind) {
    case 'AEXPR_LIKE':
      throw unsupported('LIKE outside WHERE', 'LIKE is of a column, in WHERE');
    case 'AEXPR_ILIKE':
      throw unsupported(
        'ILIKE',
        'LIKE compares characters as they are: store lower case, or use MATCH',
      );
    case 'AEXPR_SIMILAR':
      throw unsupported('SIMILAR TO');
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM':
      throw unsupported('BETWEEN SYMMETRIC', 'put the lower bound first');
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      throw unsupported('ANY and ALL over an array', 'use IN (…)');
    case 'AEXPR_NULLIF':
      throw unsupported('NULLIF');
    default:
      throw unsupported(`the operator ${name}`);
  }
}

export const isComparison = (name: string): boolean => COMPARISON.has(name);

function condition(expression: Expression): Typed {
  return { expression, type: 'boolean' };
}

function fold(op: 'and' | 'or', args: readonly Expression[]): Expression {
  return args.reduce((left, right) => ({ kind: 'binary', op, left, right }));
}

function nullTest(arg: Expression, isNull: boolean): Expression {
  return { kind: 'unary', op: isNull ? 'isNull' : 'isNotNull', arg };
}

function booleanTest(arg: Expression, test: string): Expression {
  const known = nullTest(arg, false);
  const not = (e: Expression): Expression => ({ kind: 'unary', op: 'not', arg: e });
  switch (test) {
    case 'IS_TRUE':
      return fold('and', [known, arg]);
    case 'IS_NOT_TRUE':
      return not(fold('and', [known, arg]));
    case 'IS_FALSE':
      return fold('and', [known, not(arg)]);
    case 'IS_NOT_FALSE':
      return not(fold('and', [known, not(arg)]));
    case 'IS_UNKNOWN':
      return nullTest(arg, true);
    default:
      return known;
  }
}

function bindOperator(expr: A_Expr, context: Context): Typed {
  const name = operatorName(expr);
  const negated = (e: Expression): Typed =>
    condition(name.startsWith('NOT') || name === '<>' ? { kind: 'unary', op: 'not', arg: e } : e);
  const bind = (node: Node | undefined): Typed => bindExpression(present(node), context);
  switch (expr.kind) {
    case 'AEXPR_OP':
      if (ARITHMETIC.has(name)) return bindArithmetic(expr, name as Binary, context);
      if (!isComparison(name)) return refuseOperator(expr);
      return condition(compare(name as Binary, bind(expr.lexpr), bind(expr.rexpr)));
    case 'AEXPR_IN': {
      const left = bind(expr.lexpr);
      const tests = listItems(expr.rexpr).map((item) => compare('=', left, bind(item)));
      return negated(fold('or', tests));
    }
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN': {
      const left = bind(expr.lexpr);
      const [low, high] = listItems(expr.rexpr);
      return negated(
        fold('and', [compare('>=', left, bind(low)), compare('<=', left, bind(high))]),
      );
    }
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT': {
      const [left, right] = [bind(expr.lexpr), bind(expr.rexpr)];
      const each = (isNull: boolean): Expression[] =>
        [left, right].map((side) => nullTest(side.expression, isNull));
      const equal = fold('and', [...each(false), compare('=', left, right)]);
      const same = fold('or', [fold('and', each(true)), equal]);
      return condition(
        expr.kind === 'AEXPR_DISTINCT' ? { kind: 'unary', op: 'not', arg: same } : same,
      );
    }
    default:
      return refuseOperator(expr);
  }
}

function compare(op: Binary, a: Typed, b: Typed): Expression {
  const left = settle(a, b.type);
  const right = settle(b, left.type);
  if (family(left.type) !== family(right.type)) {
    throw mismatch(`a ${TYPE_NAMES[left.type]} is compared with a ${TYPE_NAMES[right.type]}`);
  }
  return { kind: 'binary', op, left: left.expression, right: right.expression };
}

/** Types that compare with each other. */
function family(type: DataType): string {
  if (type === 'real') return 'number';
  return type === 'date' ? 'timestamp' : type;
}

function bindArithmetic(expr: A_Expr, op: Binary, context: Context): Typed {
  const right = numeric(bindExpression(present(expr.rexpr), context), `${op}`);
  if (expr.lexpr === undefined) {
    if (op === '+') return { expression: right, type: 'number' };
    return { expression: { kind: 'unary', op: 'negate', arg: right }, type: 'number' };
  }
  const left = numeric(bindExpression(expr.lexpr, context), `${op}`);
  return { expression: { kind: 'binary', op, left, right }, type: 'number' };
}

/** The expression of a number. Throws TYPE_MISMATCH. */
export function numeric(typed: Typed, operation: string): Expression {
  const { expression, type } = settle(typed, 'number');
  if (type !== 'number' && type !== 'real')
    throw mismatch(`${operation} needs a number, not a ${TYPE_NAMES[type]}`);
  return expression;
}

function bindCall(call: FuncCall, context: Context): Typed {
  const name = functionName(call);
  checkCall(call, name);
  if (AGGREGATES.has(name)) return context.aggregate(call, name);
  const args = call.args ?? [];
  const arg = (): Expression =>
    numeric(bindExpression(present(args[0]), context), name.toUpperCase());
  if (name === 'abs' && args.length === 1) {
    return { expression: { kind: 'unary', op: 'abs', arg: arg() }, type: 'number' };
  }
  if (name === 'round' && (args.length === 1 || args.length === 2)) {
    const digits = args[1] === undefined ? ZERO : places(args[1], context);
    return { expression: { kind: 'round', arg: arg(), digits }, type: 'number' };
  }
  if (name === 'match') throw unsupported('MATCH outside WHERE', 'MATCH is of a column, in WHERE');
  throw unsupported(`the function ${name}`);
}

const ZERO: Expression = literal({ type: 'number', digits: 0n, scale: 0 }).expression;

/** The second argument of ROUND: a constant integer. */
function places(node: Node, context: Context): Expression {
  const refuse = (): never => {
    throw unsupported('ROUND to a computed number of places', 'give the places as a number');
  };
  const constant: Context = { ...context, column: refuse, aggregate: refuse };
  const value = constantValue(numeric(bindExpression(node, constant), 'ROUND'));
  if (value === null) return literal({ type: 'null' }).expression;
  if (value.type !== 'number' || !value.value.isInteger) {
    throw mismatch('ROUND takes a whole number of places');
  }
  return numberExpression(Rational.of(value.value.numerator));
}
