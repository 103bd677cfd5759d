import type { FuncCall, Node } from 'libpg-query';
import type { Column } from '../../table/schema.ts';
import type { Expression } from '../physical.ts';
import type { Context } from './context.ts';
import { bindExpression, present } from './expression.ts';
import { constantValue } from './constant.ts';
import { mentionsAggregate, mentionsColumn } from './mentions.ts';
import { bindOrderStatistic } from './order-statistic.ts';
import { bindPolynomial, multiply, union, type Polynomial } from './polynomial.ts';
import { internal, misuse } from './refuse.ts';
import { binary, ONE, TermList, ZERO } from './terms.ts';
import { NULL, type Typed } from './typed.ts';

/**
 * An aggregate call as an expression over exact sums and counts, by the textbook identities
 * (Sxx = Σx² − (Σx)²/n, Sxy = Σxy − ΣxΣy/n), which exact arithmetic does not lose digits in.
 * NULL where PostgreSQL's aggregate is: no row, one row for the sample forms, no variance of the
 * independent variable for slope and intercept, of either for CORR.
 *
 * Throws what bindPolynomial, bindOrderStatistic and TermList.sum throw, SQL_SYNTAX for nested aggregates.
 */
export function bindAggregate(
  call: FuncCall,
  name: string,
  context: Context,
  terms: TermList,
): Typed {
  const args = call.args ?? [];
  if ([...args, ...(call.agg_order ?? [])].some(mentionsAggregate))
    throw misuse('aggregate calls cannot be nested');
  const inner: Context = {
    ...context,
    column: () => {
      throw internal('a column outside a polynomial');
    },
    aggregate: () => {
      throw misuse('aggregate calls cannot be nested');
    },
  };
  const ordered = bindOrderStatistic(call, name, inner, terms);
  if (ordered !== undefined) return ordered;
  if (name === 'count') return number(bindCount(call, inner, terms));
  const shown = name.toUpperCase();
  const polynomials = args.map((arg) => bindPolynomial(arg, inner, shown));
  const [first, second] = polynomials;
  if (args.length === 1) {
    return first === undefined ? NULL_NUMBER : number(ofOne(name, first, inner, terms));
  }
  if (first !== undefined && second !== undefined) {
    return number(ofTwo(name, first, second, inner, terms));
  }
  return name === 'regr_count' ? number(ZERO) : NULL_NUMBER;
}

const NULL_NUMBER: Typed = { expression: NULL.expression, type: 'number' };

function number(expression: Expression): Typed {
  return { expression, type: 'number' };
}

/** COUNT(*), or the rows in which an expression, and so every column in it, is not NULL. */
function bindCount(call: FuncCall, context: Context, terms: TermList): Expression {
  if (call.agg_star === true) return terms.count([]);
  const arg = present(call.args?.[0]);
  if (!mentionsColumn(arg)) {
    const value = constantValue(bindExpression(arg, context).expression);
    return value === null ? ZERO : terms.count([]);
  }
  const column = soleColumn(arg, context);
  if (column !== undefined) return terms.count([column]);
  const polynomial = bindPolynomial(arg, context, 'COUNT');
  return polynomial === undefined ? ZERO : terms.count(polynomial.columns);
}

function soleColumn(node: Node, { scope }: Context): Column | undefined {
  return 'ColumnRef' in node ? scope.resolve(node.ColumnRef) : undefined;
}

const difference = (a: Expression, b: Expression): Expression => binary('-', a, b);
const product = (a: Expression, b: Expression): Expression => binary('*', a, b);
const quotient = (a: Expression, b: Expression): Expression => binary('/', a, b);
const root = (arg: Expression): Expression => ({ kind: 'unary', op: 'sqrt', arg });
const onlyIf = (when: Expression, value: Expression, otherwise?: Expression): Expression =>
  otherwise === undefined
    ? { kind: 'onlyIf', when, value }
    : { kind: 'onlyIf', when, value, otherwise };

/** Σab − Σa·Σb / n. */
function centred(ab: Expression, a: Expression, b: Expression, n: Expression): Expression {
  return difference(ab, quotient(product(a, b), n));
}

function ofOne(name: string, x: Polynomial, context: Context, terms: TermList): Expression {
  const shown = name.toUpperCase();
  const sum = terms.sum(x, context, shown);
  if (name === 'sum') return sum;
  const n = terms.count(x.columns);
  if (name === 'avg') return quotient(sum, n);
  const squares = terms.sumOfProduct(x, x, context, shown);
  const sxx = centred(squares, sum, sum, n);
  const variance = name.endsWith('_pop') ? quotient(sxx, n) : sample(sxx, n);
  return name.startsWith('stddev') ? root(variance) : variance;
}

/** Divides by n − 1; NULL for fewer than two rows. */
function sample(sum: Expression, n: Expression): Expression {
  return onlyIf(binary('>', n, ONE), quotient(sum, difference(n, ONE)));
}

/** The functions of (y, x): the dependent variable comes first. */
function ofTwo(
  name: string,
  y: Polynomial,
  x: Polynomial,
  context: Context,
  terms: TermList,
): Expression {
  const shown = name.toUpperCase();
  // A row counts only if both are there: every sum runs over the columns of both.
  const columns = union(y, x, context);
  const n = terms.count(columns);
  const sum = (p: Polynomial): Expression =>
    terms.sum({ monomials: p.monomials, columns }, context, shown);
  const s = (p: Polynomial, q: Polynomial): Expression =>
    centred(sum(multiply(p, q, shown, context)), sum(p), sum(q), n);
  const nonZero = (e: Expression): Expression => binary('<>', e, ZERO);
  switch (name) {
    case 'regr_count':
      return n;
    case 'regr_avgx':
      return quotient(sum(x), n);
    case 'regr_avgy':
      return quotient(sum(y), n);
    case 'regr_sxx':
      return s(x, x);
    case 'regr_syy':
      return s(y, y);
    case 'covar_pop':
      return quotient(s(y, x), n);
    case 'covar_samp':
      return sample(s(y, x), n);
    case 'regr_sxy':
      return s(y, x);
    case 'corr':
      return onlyIf(
        binary('and', nonZero(s(x, x)), nonZero(s(y, y))),
        quotient(s(y, x), root(product(s(x, x), s(y, y)))),
      );
    case 'regr_slope':
      return onlyIf(nonZero(s(x, x)), quotient(s(y, x), s(x, x)));
    case 'regr_intercept': {
      const slope = quotient(s(y, x), s(x, x));
      const intercept = quotient(difference(sum(y), product(slope, sum(x))), n);
      return onlyIf(nonZero(s(x, x)), intercept);
    }
    case 'regr_r2': {
      const explained = quotient(product(s(y, x), s(y, x)), product(s(x, x), s(y, y)));
      return onlyIf(nonZero(s(x, x)), onlyIf(nonZero(s(y, y)), explained, ONE));
    }
    default:
      throw internal(`the aggregate ${name}`);
  }
}
