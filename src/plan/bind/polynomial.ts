import type { Node } from 'libpg-query';
import { isAggregated, type Column } from '../../table/schema.ts';
import { Rational } from '../exact/rational.ts';
import { bindCast, constantValue } from './constant.ts';
import type { Context } from './context.ts';
import { bindExpression, numeric, operatorName, present } from './expression.ts';
import { mentionsColumn } from './mentions.ts';
import { mismatch, unsupported } from './refuse.ts';

/** A product of at most two columns (none: the constant 1) and its coefficient. */
export interface Monomial {
  /** In schema order. */
  readonly columns: readonly Column[];
  readonly coefficient: Rational;
}

/**
 * A polynomial of total degree ≤ 2 in the numeric columns of a row. It is NULL where any of
 * `columns` is, even one whose coefficients cancelled.
 */
export interface Polynomial {
  readonly monomials: readonly Monomial[];
  /** In schema order. */
  readonly columns: readonly Column[];
}

/**
 * Expands an expression over columns into a polynomial with exact rational coefficients; undefined
 * if it is NULL for every row. `operation` names the clause or function for messages.
 *
 * Throws TYPE_MISMATCH, SQL_UNSUPPORTED (not a polynomial of degree ≤ 2),
 * DIVISION_BY_ZERO and what bindExpression throws.
 */
export function bindPolynomial(
  node: Node,
  context: Context,
  operation: string,
): Polynomial | undefined {
  const bind = (n: Node | undefined): Polynomial | undefined =>
    bindPolynomial(present(n), context, operation);
  if (!mentionsColumn(node)) {
    const value = constantValue(numeric(bindExpression(node, context), operation));
    return value?.type === 'number' ? constant(value.value) : undefined;
  }
  if ('ColumnRef' in node) {
    const column = context.scope.resolve(node.ColumnRef);
    checkNumeric(column, operation);
    return { columns: [column], monomials: [{ columns: [column], coefficient: Rational.ONE }] };
  }
  if ('TypeCast' in node) {
    const inner = bind(node.TypeCast.arg);
    const { expression } = bindCast(node.TypeCast, {
      expression: { kind: 'column', column: '' },
      type: 'number',
    });
    if (expression.kind !== 'column') {
      throw unsupported(`rounding inside ${operation}`, `round the result of ${operation}`);
    }
    return inner;
  }
  if ('A_Expr' in node && node.A_Expr.kind === 'AEXPR_OP') {
    const { lexpr, rexpr } = node.A_Expr;
    const op = operatorName(node.A_Expr);
    const sign = lexpr === undefined && (op === '+' || op === '-');
    const left = sign ? constant(Rational.ZERO) : lexpr === undefined ? undefined : bind(lexpr);
    const right = bind(rexpr);
    switch (op) {
      case '+':
      case '-':
        return left && right && add(left, right, op === '+' ? Rational.ONE : MINUS_ONE, context);
      case '*':
        return left && right && multiply(left, right, operation, context);
      case '/':
        return left && right && divide(left, right, operation, context);
      default:
    }
  }
  throw unsupported(
    `${operation} of this expression`,
    `${operation} takes sums and products of at most two columns`,
  );
}

const MINUS_ONE: Rational = Rational.of(-1n);

/** Throws TYPE_MISMATCH. */
function checkNumeric(column: Column, operation: string): void {
  if (isAggregated(column)) return;
  throw mismatch(`${operation} needs a number, and column "${column.name}" is ${column.type}`);
}

function constant(value: Rational): Polynomial {
  return { columns: [], monomials: collect([{ columns: [], coefficient: value }]) };
}

/** left + factor · right. */
function add(left: Polynomial, right: Polynomial, factor: Rational, context: Context): Polynomial {
  const scaled = right.monomials.map(({ columns, coefficient }) => ({
    columns,
    coefficient: coefficient.times(factor),
  }));
  return {
    columns: union(left, right, context),
    monomials: collect([...left.monomials, ...scaled]),
  };
}

/** The product of two polynomials. Throws SQL_UNSUPPORTED where it has a degree above 2. */
export function multiply(
  left: Polynomial,
  right: Polynomial,
  operation: string,
  context: Context,
): Polynomial {
  const products: Monomial[] = [];
  for (const a of left.monomials) {
    for (const b of right.monomials) {
      if (a.columns.length + b.columns.length > 2) {
        throw unsupported(`${operation} of a product of more than two columns`);
      }
      const columns = inSchemaOrder([...a.columns, ...b.columns], context);
      products.push({ columns, coefficient: a.coefficient.times(b.coefficient) });
    }
  }
  return { columns: union(left, right, context), monomials: collect(products) };
}

function divide(
  left: Polynomial,
  right: Polynomial,
  operation: string,
  context: Context,
): Polynomial {
  if (right.columns.length > 0) throw unsupported(`${operation} of a quotient by a column`);
  const divisor = right.monomials[0]?.coefficient ?? Rational.ZERO;
  return multiply(left, constant(Rational.ONE.dividedBy(divisor)), operation, context);
}

/** The columns of either, in schema order. */
export function union(
  left: Pick<Polynomial, 'columns'>,
  right: Pick<Polynomial, 'columns'>,
  context: Context,
): Column[] {
  return inSchemaOrder([...new Set([...left.columns, ...right.columns])], context);
}

function inSchemaOrder(columns: readonly Column[], { scope }: Context): Column[] {
  return columns.toSorted((a, b) => scope.columns.indexOf(a) - scope.columns.indexOf(b));
}

/** Adds up like monomials and drops those that vanish. */
function collect(monomials: readonly Monomial[]): Monomial[] {
  const sums = new Map<string, Monomial>();
  for (const { columns, coefficient } of monomials) {
    const key = JSON.stringify(columns.map((column) => column.name));
    const before = sums.get(key)?.coefficient ?? Rational.ZERO;
    sums.set(key, { columns, coefficient: before.plus(coefficient) });
  }
  return [...sums.values()].filter(({ coefficient }) => coefficient.sign !== 0);
}
