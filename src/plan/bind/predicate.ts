import type { A_Expr, Node } from 'libpg-query';
import type { Column } from '../../table/schema.ts';
import type { Datum } from '../datum.ts';
import { truth } from '../evaluate.ts';
import { Rational } from '../exact/rational.ts';
import type { Predicate } from '../physical.ts';
import { compareColumn, compareLinear, mirrored, type Comparison } from './compare-column.ts';
import { constantValue } from './constant.ts';
import type { Context } from './context.ts';
import {
  bindCondition,
  bindExpression,
  isComparison,
  listItems,
  operatorName,
  present,
  refuseOperator,
  unsupportedNode,
} from './expression.ts';
import { AGGREGATES, checkCall, functionName } from './functions.ts';
import { mentionsColumn } from './mentions.ts';
import { bindPolynomial } from './polynomial.ts';
import { mismatch, notYet, unsupported } from './refuse.ts';
import { dataTypeOf, settle, type DataType } from './typed.ts';

/**
 * Binds the condition of WHERE: comparisons of one column with constants, tests for NULL and truth,
 * and their combinations. Conditions without a column are evaluated.
 *
 * Throws SQL_UNSUPPORTED, NOT_YET_AVAILABLE, TYPE_MISMATCH, UNKNOWN_COLUMN, CAPABILITY_MISSING,
 * PARAMETER_MISSING, DIVISION_BY_ZERO.
 */
export function bindPredicate(node: Node, context: Context): Predicate {
  if (!mentionsColumn(node)) {
    return { kind: 'constant', value: truth(constantValue(bindCondition(node, context))) };
  }
  if ('BoolExpr' in node) {
    const args = (node.BoolExpr.args ?? []).map((arg) => bindPredicate(arg, context));
    if (node.BoolExpr.boolop === 'NOT_EXPR') return negate(args[0]!);
    return { kind: node.BoolExpr.boolop === 'OR_EXPR' ? 'or' : 'and', args };
  }
  if ('NullTest' in node) {
    const isNull = bindIsNull(present(node.NullTest.arg), context);
    return node.NullTest.nulltesttype === 'IS_NULL' ? isNull : negate(isNull);
  }
  if ('BooleanTest' in node) {
    const arg = bindPredicate(present(node.BooleanTest.arg), context);
    return booleanTest(arg, node.BooleanTest.booltesttype ?? 'IS_TRUE');
  }
  if ('A_Expr' in node) return bindOperator(node.A_Expr, context);
  if ('ColumnRef' in node) {
    const column = context.scope.resolve(node.ColumnRef);
    if (column.type === 'boolean') return { kind: 'equals', column: column.name, value: 1n };
    throw mismatch(`column "${column.name}" is ${column.type}, not a condition`);
  }
  if ('FuncCall' in node) {
    const name = functionName(node.FuncCall);
    checkCall(node.FuncCall, name);
    if (AGGREGATES.has(name)) context.aggregate(node.FuncCall, name);
    throw unsupported(`the function ${name} in WHERE`);
  }
  throw unsupportedNode(node);
}

function negate(arg: Predicate): Predicate {
  return { kind: 'not', arg };
}

const isNull = (column: Column): Predicate => ({ kind: 'isNull', column: column.name });

/** NULL tests of a column, of arithmetic on columns, and of a condition (where it is unknown). */
function bindIsNull(node: Node, context: Context): Predicate {
  if ('ColumnRef' in node) return isNull(context.scope.resolve(node.ColumnRef));
  if ('A_Expr' in node && !isCondition(node.A_Expr)) {
    const polynomial = bindPolynomial(node, context, 'IS NULL');
    if (polynomial === undefined) return { kind: 'constant', value: true };
    return { kind: 'or', args: polynomial.columns.map(isNull) };
  }
  return isUnknown(bindPredicate(node, context));
}

const isCondition = (expr: A_Expr): boolean =>
  expr.kind !== 'AEXPR_OP' || isComparison(operatorName(expr));

/** A condition that is true where `p` is `wanted` and false elsewhere, never unknown. */
function decided(p: Predicate, wanted: boolean): Predicate {
  switch (p.kind) {
    case 'constant':
      return { kind: 'constant', value: p.value === wanted };
    case 'isNull':
      return wanted ? p : negate(p);
    case 'equals':
    case 'range': {
      const known = negate({ kind: 'isNull', column: p.column });
      return { kind: 'and', args: [known, wanted ? p : negate(p)] };
    }
    case 'not':
      return decided(p.arg, !wanted);
    case 'and':
    case 'or':
      return {
        kind: (p.kind === 'and') === wanted ? 'and' : 'or',
        args: p.args.map((arg) => decided(arg, wanted)),
      };
  }
}

function isUnknown(p: Predicate): Predicate {
  return { kind: 'and', args: [negate(decided(p, true)), negate(decided(p, false))] };
}

function booleanTest(p: Predicate, test: string): Predicate {
  switch (test) {
    case 'IS_TRUE':
      return decided(p, true);
    case 'IS_NOT_TRUE':
      return negate(decided(p, true));
    case 'IS_FALSE':
      return decided(p, false);
    case 'IS_NOT_FALSE':
      return negate(decided(p, false));
    case 'IS_UNKNOWN':
      return isUnknown(p);
    default:
      return negate(isUnknown(p));
  }
}

function bindOperator(expr: A_Expr, context: Context): Predicate {
  const name = operatorName(expr);
  const left = present(expr.lexpr ?? expr.rexpr);
  switch (expr.kind) {
    case 'AEXPR_OP':
      if (!isComparison(name)) {
        if (['+', '-', '*', '/', '%'].includes(name)) {
          throw mismatch('the condition is a number, not true or false');
        }
        return refuseOperator(expr);
      }
      return compareSides(left, name as Comparison, present(expr.rexpr), context);
    case 'AEXPR_IN': {
      const args = listItems(expr.rexpr).map((item) => compareSides(left, '=', item, context));
      const any: Predicate = { kind: 'or', args };
      return name === '<>' ? negate(any) : any;
    }
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN': {
      const [low, high] = listItems(expr.rexpr);
      const within = both(
        compareSides(left, '>=', present(low), context),
        compareSides(left, '<=', present(high), context),
      );
      return expr.kind === 'AEXPR_BETWEEN' ? within : negate(within);
    }
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT': {
      const same = sameOrBothNull(left, present(expr.rexpr), context);
      return expr.kind === 'AEXPR_DISTINCT' ? negate(same) : same;
    }
    default:
      return refuseOperator(expr);
  }
}

function sameOrBothNull(left: Node, right: Node, context: Context): Predicate {
  const [tested, constant] = mentionsColumn(left) ? [left, right] : [right, left];
  const equal = compareSides(tested, '=', constant, context);
  if (constantValue(bindExpression(constant, context).expression) === null) {
    return bindIsNull(tested, context);
  }
  return decided(equal, true);
}

/** One range out of a lower and an upper bound of the same column. */
function both(low: Predicate, high: Predicate): Predicate {
  const joined = low.kind === 'range' && high.kind === 'range' && low.column === high.column;
  if (joined && low.high === undefined && high.low === undefined) return { ...low, ...high };
  return { kind: 'and', args: [low, high] };
}

/** A comparison with a column, or arithmetic on one, on either side and a constant on the other. */
function compareSides(left: Node, op: Comparison, right: Node, context: Context): Predicate {
  const [leftVaries, rightVaries] = [mentionsColumn(left), mentionsColumn(right)];
  if (leftVaries && rightVaries) {
    throw unsupported('a comparison of two columns', 'compare a column with a constant');
  }
  if (!leftVaries && !rightVaries) {
    const expr: A_Expr = { kind: 'AEXPR_OP', name: [{ String: { sval: op } }] };
    const condition = bindCondition({ A_Expr: { ...expr, lexpr: left, rexpr: right } }, context);
    return { kind: 'constant', value: truth(constantValue(condition)) };
  }
  return leftVaries
    ? compareWithConstant(left, op, right, context)
    : compareWithConstant(right, mirrored(op), left, context);
}

function compareWithConstant(
  node: Node,
  op: Comparison,
  constant: Node,
  context: Context,
): Predicate {
  const value = (wanted: DataType): Datum =>
    constantValue(settle(bindExpression(constant, context), wanted).expression);
  if ('ColumnRef' in node) {
    const column = context.scope.resolve(node.ColumnRef);
    return compareColumn(column, op, value(dataTypeOf(column.type)));
  }
  if ('TypeCast' in node) throw unsupported('a cast of a column in WHERE', CAST_INSTEAD);
  if (!('A_Expr' in node) || isCondition(node.A_Expr)) {
    // Binding it as a condition refuses what is not one, with the reason.
    bindPredicate(node, context);
    throw unsupported('a comparison of conditions', 'write condition IS [NOT] TRUE');
  }
  const polynomial = bindPolynomial(node, context, 'a comparison in WHERE');
  const bound = value('number');
  if (polynomial === undefined) return { kind: 'constant', value: null };
  const [column, ...others] = polynomial.columns;
  const factor = polynomial.monomials.find((m) => m.columns.length === 1)?.coefficient;
  const square = polynomial.monomials.some((m) => m.columns.length === 2);
  if (column === undefined || others.length > 0 || square || factor === undefined) {
    throw unsupported('this arithmetic in WHERE', 'compare one column with a constant');
  }
  if (column.type === 'real') throw notYet('arithmetic on a column of type real in WHERE');
  const addend = polynomial.monomials.find((m) => m.columns.length === 0)?.coefficient;
  return compareLinear(column, factor, addend ?? Rational.ZERO, op, bound);
}

const CAST_INSTEAD =
  'compare the column itself, a timestamp with a range: column >= day AND column < next day';
