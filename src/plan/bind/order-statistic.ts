import type { FuncCall, Node } from 'libpg-query';
import { OpalineError } from '../../errors/index.ts';
import { type Column, isAggregated } from '../../table/schema.ts';
import { Rational } from '../exact/rational.ts';
import { MOST_BUCKETS } from '../histogram.ts';
import type { Expression } from '../physical.ts';
import { constantValue } from './constant.ts';
import type { Context } from './context.ts';
import { bindExpression, numeric, present } from './expression.ts';
import { mentionsColumn } from './mentions.ts';
import { bindPolynomial } from './polynomial.ts';
import { mismatch, notYet, unsupported } from './refuse.ts';
import { binary, ONE, type TermList, ZERO } from './terms.ts';
import { dataTypeOf, NULL, numberExpression, settle, type Typed } from './typed.ts';

/**
 * MIN, MAX, MEDIAN, QUANTILE, PERCENTILE_CONT, PERCENTILE_DISC, HISTOGRAM and COUNT(DISTINCT) as
 * expressions over ranks, counts of distinct values and histograms; undefined for other aggregates.
 * Their argument is a column, or for numbers factor · column + addend.
 *
 * MEDIAN is QUANTILE(x, 0.5), and QUANTILE(x, p) is PERCENTILE_CONT(p) WITHIN GROUP (ORDER BY x): it
 * lies between two values, which PostgreSQL defines for numbers alone. PERCENTILE_DISC is one of the
 * values, whatever their type.
 *
 * Throws TYPE_MISMATCH, SQL_UNSUPPORTED, CAPABILITY_MISSING for a document column, NOT_YET_AVAILABLE for
 * a histogram of real numbers, and what bindPolynomial throws.
 */
export function bindOrderStatistic(
  call: FuncCall,
  name: string,
  context: Context,
  terms: TermList,
): Typed | undefined {
  const [first, second] = call.args ?? [];
  const shown = name.toUpperCase();
  switch (name) {
    case 'count':
      return call.agg_distinct === true ? bindDistinct(present(first), context, terms) : undefined;
    case 'min':
    case 'max':
      return bindExtreme(name, present(first), context, terms);
    case 'median':
      return bindContinuous(shown, present(first), HALF, context, terms);
    case 'quantile': {
      const fraction = bindFraction(present(second), shown, context);
      return bindContinuous(shown, present(first), fraction, context, terms);
    }
    case 'percentile_cont':
    case 'percentile_disc': {
      const { node, descending } = withinGroup(call, shown);
      const given = bindFraction(present(first), shown, context);
      if (name === 'percentile_disc') {
        return bindDiscrete(shown, node, given, descending, context, terms);
      }
      const fraction = given !== undefined && descending ? Rational.ONE.minus(given) : given;
      return bindContinuous(shown, node, fraction, context, terms);
    }
    case 'histogram':
      return bindHistogram(present(first), present(second), context, terms);
    default:
      return undefined;
  }
}

const HALF: Rational = Rational.of(1n, 2n);

/** factor · column + addend. A factor of 0 is left of terms that cancelled out. */
interface Argument {
  readonly column: Column;
  readonly factor: Rational;
  readonly addend: Rational;
}

/** Undefined for what is NULL in every row. */
function bindArgument(node: Node, operation: string, context: Context): Argument | undefined {
  if ('ColumnRef' in node) {
    const column = context.scope.resolve(node.ColumnRef);
    if (column.type === 'document') {
      throw new OpalineError('CAPABILITY_MISSING', {
        operation,
        column: `"${column.name}"`,
        needs: 'a document column is searched by keyword; declare it as text to order its values',
      });
    }
    return { column, factor: Rational.ONE, addend: Rational.ZERO };
  }
  const polynomial = bindPolynomial(node, context, operation);
  if (polynomial === undefined) return undefined;
  const [column, ...others] = polynomial.columns;
  const linear = polynomial.monomials.find((m) => m.columns.length === 1);
  const square = polynomial.monomials.some((m) => m.columns.length === 2);
  if (column === undefined || others.length > 0 || square) {
    throw unsupported(`${operation} of this expression`, `${operation} takes one column`);
  }
  const addend = polynomial.monomials.find((m) => m.columns.length === 0)?.coefficient;
  return {
    column,
    factor: linear?.coefficient ?? Rational.ZERO,
    addend: addend ?? Rational.ZERO,
  };
}

/** The argument's value where the column has that one. */
function applied(value: Expression, { factor, addend }: Argument): Expression {
  const scaled = factor.equals(Rational.ONE) ? value : binary('*', numberExpression(factor), value);
  return addend.sign === 0 ? scaled : binary('+', scaled, numberExpression(addend));
}

/** An argument without a column: the same in every row. */
function bindSame(node: Node, context: Context, terms: TermList, value?: Expression): Typed {
  const constant = settle(bindExpression(node, context), 'unknown');
  if (constantValue(constant.expression) === null) return constant;
  const expression: Expression = {
    kind: 'onlyIf',
    when: binary('>', terms.count([]), ZERO),
    value: value ?? constant.expression,
  };
  return { expression, type: constant.type };
}

function bindExtreme(name: 'min' | 'max', node: Node, context: Context, terms: TermList): Typed {
  if (!mentionsColumn(node)) return bindSame(node, context, terms);
  const argument = bindArgument(node, name.toUpperCase(), context);
  if (argument === undefined) return NULL;
  const least = (name === 'min') === argument.factor.sign > 0;
  const value = terms.rank(argument.column, least ? Rational.ZERO : Rational.ONE, 'down');
  return { expression: applied(value, argument), type: dataTypeOf(argument.column.type) };
}

function bindDistinct(node: Node, context: Context, terms: TermList): Typed {
  const number = (expression: Expression): Typed => ({ expression, type: 'number' });
  if (!mentionsColumn(node)) {
    const value = constantValue(bindExpression(node, context).expression);
    if (value === null) return number(ZERO);
    const when = binary('>', terms.count([]), ZERO);
    return number({ kind: 'onlyIf', when, value: ONE, otherwise: ZERO });
  }
  const argument = bindArgument(node, 'COUNT(DISTINCT)', context);
  if (argument === undefined) return number(ZERO);
  if (argument.factor.sign !== 0) return number(terms.distinct(argument.column));
  const when = binary('>', terms.count([argument.column]), ZERO);
  return number({ kind: 'onlyIf', when, value: ONE, otherwise: ZERO });
}

/** lo + (hi − lo) · frac(p(n − 1)), lo and hi the values at the ranks around p(n − 1). */
function bindContinuous(
  operation: string,
  node: Node,
  fraction: Rational | undefined,
  context: Context,
  terms: TermList,
): Typed {
  if (!mentionsColumn(node)) {
    const value = numeric(bindExpression(node, context), operation);
    if (fraction === undefined) return NULL_NUMBER;
    return { ...bindSame(node, context, terms, value), type: 'number' };
  }
  const argument = bindArgument(node, operation, context);
  if (argument === undefined) return NULL_NUMBER;
  const { column, factor } = argument;
  if (!isAggregated(column)) {
    throw mismatch(
      `${operation} lies between two numbers, and column "${column.name}" is ${column.type}; ` +
        'PERCENTILE_DISC(p) WITHIN GROUP (ORDER BY x) takes one of its values',
    );
  }
  if (fraction === undefined) return NULL_NUMBER;
  // A negative factor turns the order around.
  const rising = factor.sign > 0;
  const p = rising ? fraction : Rational.ONE.minus(fraction);
  const low = terms.rank(column, p, 'down');
  const high = terms.rank(column, p, 'up');
  const between = binary('-', terms.count([column]), ONE);
  const part = binary('%', binary('*', numberExpression(p), between), ONE);
  const value = binary('+', low, binary('*', binary('-', high, low), part));
  return { expression: applied(value, argument), type: 'number' };
}

const NULL_NUMBER: Typed = { expression: NULL.expression, type: 'number' };

function bindDiscrete(
  operation: string,
  node: Node,
  fraction: Rational | undefined,
  descending: boolean,
  context: Context,
  terms: TermList,
): Typed {
  if (descending) throw unsupported(`${operation} … ORDER BY … DESC`, 'use 1 − p, ascending');
  if (!mentionsColumn(node)) {
    return fraction === undefined ? NULL : bindSame(node, context, terms);
  }
  const argument = bindArgument(node, operation, context);
  if (argument === undefined || fraction === undefined) return NULL;
  if (argument.factor.sign < 0) {
    throw unsupported(`${operation} of a falling expression`, 'take it of the column, with 1 − p');
  }
  const value = terms.rank(argument.column, fraction, 'disc');
  return { expression: applied(value, argument), type: dataTypeOf(argument.column.type) };
}

function withinGroup(call: FuncCall, shown: string): { node: Node; descending: boolean } {
  const [item, ...more] = call.agg_order ?? [];
  if (item === undefined || !('SortBy' in item) || more.length > 0) {
    throw unsupported(`${shown} of more than one column`);
  }
  const { node, sortby_dir: direction } = item.SortBy;
  if (direction === 'SORTBY_USING') throw unsupported('ORDER BY … USING', 'use ASC or DESC');
  return { node: present(node), descending: direction === 'SORTBY_DESC' };
}

/** A constant from 0 to 1; undefined for NULL. Throws TYPE_MISMATCH, SQL_UNSUPPORTED. */
function bindFraction(node: Node, operation: string, context: Context): Rational | undefined {
  if (mentionsColumn(node)) {
    throw unsupported(`${operation} at a computed fraction`, 'give the fraction as a number');
  }
  const value = constantValue(numeric(bindExpression(node, context), operation));
  if (value === null) return undefined;
  if (value.type !== 'number' || value.value.sign < 0 || value.value.compare(Rational.ONE) > 0) {
    throw mismatch(`${operation} takes a fraction from 0 to 1`);
  }
  return value.value;
}

function bindHistogram(node: Node, buckets: Node, context: Context, terms: TermList): Typed {
  if (!('ColumnRef' in node)) {
    throw unsupported('HISTOGRAM of an expression', 'HISTOGRAM takes a column');
  }
  const column = context.scope.resolve(node.ColumnRef);
  if (column.type === 'real') throw notYet('HISTOGRAM on a column of type real');
  if (dataTypeOf(column.type) !== 'number') {
    throw mismatch(`HISTOGRAM needs a number, and column "${column.name}" is ${column.type}`);
  }
  if (mentionsColumn(buckets)) throw mismatch('HISTOGRAM takes a number of buckets');
  const value = constantValue(numeric(bindExpression(buckets, context), 'HISTOGRAM'));
  const count = value?.type === 'number' && value.value.isInteger ? value.value.numerator : 0n;
  if (count < 1n || count > BigInt(MOST_BUCKETS)) {
    throw mismatch(`HISTOGRAM takes a whole number of buckets from 1 to ${MOST_BUCKETS}`);
  }
  return { expression: terms.histogram(column, Number(count)), type: 'text' };
}
