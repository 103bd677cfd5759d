import { OpalineError } from '../../errors/index.ts';
import { type Column, summedPairs } from '../../table/schema.ts';
import { Rational } from '../exact/rational.ts';
import type { Expression, RankTerm, Term } from '../physical.ts';
import type { Context } from './context.ts';
import { multiply, type Monomial, type Polynomial } from './polynomial.ts';
import { numberExpression } from './typed.ts';

/** Collects the distinct terms that a query's aggregates are made of. */
export class TermList {
  readonly terms: Term[] = [];
  readonly #indexes = new Map<string, number>();

  /** The number of rows in which no column of `over` is NULL. */
  count(over: readonly Column[]): Expression {
    return this.#add({ kind: 'count', over: sortedNames(over) });
  }

  /** The value of a column at a rank; NULL if no row has one. */
  rank(column: Column, fraction: Rational, rounding: RankTerm['rounding']): Expression {
    this.count([column]);
    const { numerator, denominator } = fraction;
    const { name } = column;
    return this.#add({
      kind: 'rank',
      column: name,
      over: [name],
      fraction: { numerator, denominator },
      rounding,
    });
  }

  /** The number of distinct values of a column. */
  distinct({ name }: Column): Expression {
    return this.#add({ kind: 'distinct', column: name });
  }

  /** How the values of a column spread over equal buckets, as text; NULL if there is none. */
  histogram(column: Column, buckets: number): Expression {
    this.count([column]);
    const { name } = column;
    return this.#add({ kind: 'histogram', column: name, over: [name], buckets });
  }

  /**
   * Σ of a polynomial over the rows in which none of its columns is NULL; NULL if there are none.
   * `operation` names the function for messages. Throws CAPABILITY_MISSING for a product of two
   * columns that the table neither stores nor can have multiplied.
   */
  sum(polynomial: Polynomial, context: Context, operation: string): Expression {
    const { monomials, columns } = polynomial;
    const parts = monomials.map((monomial) => ({
      ...monomial,
      term:
        monomial.columns.length === 0
          ? this.count(columns)
          : this.#sum(monomial, columns, context, operation),
    }));
    const total = parts
      .map(({ term, coefficient }) => times(term, coefficient))
      .reduceRight<Expression | undefined>(
        (rest, part) => (rest === undefined ? part : binary('+', part, rest)),
        undefined,
      );
    // A sum term is NULL where no row counts; without one the count has to say so.
    if (parts.some((part) => part.columns.length > 0)) return total!;
    return {
      kind: 'onlyIf',
      when: binary('>', this.count(columns), ZERO),
      value: total ?? ZERO,
    };
  }

  /** Σ of the product of two polynomials. Throws as `sum`, and SQL_UNSUPPORTED for a degree above 2. */
  sumOfProduct(left: Polynomial, right: Polynomial, context: Context, name: string): Expression {
    return this.sum(multiply(left, right, name, context), context, name);
  }

  #sum(
    { columns }: Monomial,
    over: readonly Column[],
    context: Context,
    operation: string,
  ): Expression {
    const [x, y] = columns.map((column) => column.name);
    if (y !== undefined && x !== y) {
      const summed = summedPairs(context.scope.schema).some(
        (pair) => pair.includes(x!) && pair.includes(y),
      );
      if (!summed) {
        throw new OpalineError('CAPABILITY_MISSING', {
          operation,
          column: `the product of "${x}" and "${y}"`,
          needs: `declare it in the schema, "pairs": [${JSON.stringify([x, y])}], and ingest again`,
        });
      }
    }
    this.count(over);
    const product = y === undefined ? ([x!] as const) : ([x!, y] as const);
    return this.#add({ kind: 'sum', product, over: sortedNames(over) });
  }

  #add(term: Term): Expression {
    const key = JSON.stringify(term, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const index = this.#indexes.get(key) ?? this.terms.push(term) - 1;
    this.#indexes.set(key, index);
    return { kind: 'term', index };
  }
}

export const ZERO: Expression = numberExpression(Rational.ZERO);
export const ONE: Expression = numberExpression(Rational.ONE);

export function binary(
  op: Extract<Expression, { kind: 'binary' }>['op'],
  left: Expression,
  right: Expression,
): Expression {
  return { kind: 'binary', op, left, right };
}

function times(term: Expression, coefficient: Rational): Expression {
  if (coefficient.equals(Rational.ONE)) return term;
  if (coefficient.equals(Rational.of(-1n))) return { kind: 'unary', op: 'negate', arg: term };
  return binary('*', numberExpression(coefficient), term);
}

function sortedNames(columns: readonly Column[]): string[] {
  return columns.map((column) => column.name).sort();
}
