import type { Node } from 'libpg-query';
import { OpalineError } from '../../errors/index.ts';
import { type Column, isAggregated } from '../../table/schema.ts';
import type { Schema } from '../../table/schema.ts';
import type { Parameter } from '../parameter.ts';
import type { AggregatePlan, Expression, OutputColumn } from '../physical.ts';
import { misuse, notYet } from '../bind/refuse.ts';
import type { Catalog } from '../bind/scope.ts';
import { TermList } from '../bind/terms.ts';
import { Rational } from '../exact/rational.ts';
import { freeze } from '../freeze.ts';
import { bindFilter } from '../plan-query.ts';
import type { Cell } from '../result.ts';
import { parseStatements } from '../sql/parse.ts';

/** The stored product of a moment: none (the number of rows), a column, or two. */
export type Product = readonly [] | readonly [string] | readonly [string, string];

/** Sums over the rows in which no column of `over` is NULL. */
export interface MomentRequest {
  readonly table: string;
  /** A condition as in SQL's WHERE; $n are parameters. */
  readonly where?: string | undefined;
  readonly over: readonly string[];
  readonly products: readonly Product[];
  /** One row a value of this column; the value comes first. */
  readonly groupBy?: string;
}

/**
 * The aggregate plan that asks for all moments at once: one query, over the same rows. Its columns are the
 * moments, in order. Throws as planQuery does.
 */
export async function planMoments(
  request: MomentRequest,
  parameters: readonly Parameter[],
  catalog: Catalog,
): Promise<AggregatePlan> {
  const { table, over, products, groupBy } = request;
  const where = request.where === undefined ? undefined : await parseCondition(request.where);
  const { scope, context, filter } = bindFilter(table, where, parameters, catalog);
  const column = (name: string): Column => columnNamed(scope.schema, name);
  const columns = scope.columns.filter(({ name }) => over.includes(name));
  const terms = new TermList();
  const moment = (product: Product): Expression => {
    if (product.length === 0) return terms.count(columns);
    const factors = scope.columns.flatMap((c) => product.filter((n) => n === c.name).map(column));
    const monomials = [{ columns: factors, coefficient: Rational.ONE }];
    return terms.sum({ monomials, columns }, context, 'a sum of products');
  };
  const output = products.map((product): OutputColumn => ({
    name: product.join('*') || 'count',
    expression: moment(product),
  }));
  const key = groupBy === undefined ? undefined : groupable(column(groupBy));
  const plan: AggregatePlan = {
    kind: 'aggregate',
    table,
    filter,
    output: key === undefined ? output : [keyOutput(key), ...output],
    orderBy: [],
    groupBy: key === undefined ? [] : [key.name],
    grouped: key !== undefined,
    terms: terms.terms,
  };
  return freeze(plan);
}

/** The column of a name. Throws UNKNOWN_COLUMN. */
export function columnNamed(schema: Schema, name: string): Column {
  const column = schema.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const known = schema.columns.map((candidate) => candidate.name);
  throw new OpalineError('UNKNOWN_COLUMN', { column: name, table: schema.table, known });
}

/** A column that can be a variable. Throws UNKNOWN_COLUMN, TYPE_MISMATCH, NOT_YET_AVAILABLE for real. */
export function numericColumn(schema: Schema, name: string, operation: string): Column {
  const column = columnNamed(schema, name);
  if (isAggregated(column)) return column;
  if (column.type === 'real') throw notYet(`${operation} on a column of type real`);
  const reason = `${operation} needs a number, and column "${name}" is ${column.type}`;
  throw new OpalineError('TYPE_MISMATCH', { reason });
}

/** A sum or count of a result: both print in full. Null is the sum over no rows. */
export function exactCell(cell: Cell): Rational {
  const match = /^(-?\d+)(?:\.(\d+))?$/.exec(String(cell ?? '0'));
  if (match === null) throw new OpalineError('INTERNAL', { reason: 'a moment is not a number' });
  const [, whole, places = ''] = match;
  return Rational.scaled(BigInt(`${whole}${places}`), places.length);
}

function keyOutput({ name }: Column): OutputColumn {
  return { name, expression: { kind: 'column', column: name } };
}

function groupable(column: Column): Column {
  if (column.type !== 'document') return column;
  throw new OpalineError('CAPABILITY_MISSING', {
    operation: 'GROUP BY',
    column: `"${column.name}"`,
    needs: 'a document column is searched by keyword; declare it as text to group by it',
  });
}

/** What stands before the condition, so that it is parsed as one and nothing may follow it. */
const BEFORE = 'SELECT WHERE ';
/** What the parse tree of `SELECT WHERE …` has, and of anything that follows it has more of. */
const CONDITION_KEYS = ['whereClause', 'limitOption', 'op'];

/** The condition that a text is. Throws SQL_SYNTAX, with the position in the text. */
export async function parseCondition(text: string): Promise<Node> {
  const statements = await parseStatements(BEFORE + text).catch((error: unknown) => {
    throw shifted(error);
  });
  const [statement] = statements;
  if (statements.length !== 1 || statement === undefined || !('SelectStmt' in statement)) {
    throw misuse('give one condition');
  }
  const { whereClause } = statement.SelectStmt;
  const alone = Object.keys(statement.SelectStmt).every((key) => CONDITION_KEYS.includes(key));
  if (whereClause === undefined || !alone) throw misuse('give one condition');
  return whereClause;
}

function shifted(error: unknown): unknown {
  if (!(error instanceof OpalineError) || error.code !== 'SQL_SYNTAX') return error;
  const { reason, position } = error.details as { reason: string; position?: number };
  if (position === undefined) return error;
  return new OpalineError('SQL_SYNTAX', {
    reason,
    position: Math.max(0, position - BEFORE.length),
  });
}
