import type { DeleteStmt, Node, RangeVar, SelectStmt } from 'libpg-query';
import { internal, misuse, unsupported } from './refuse.ts';

/** The one SELECT on one table that a text is. Throws SQL_SYNTAX, SQL_UNSUPPORTED. */
export function onlySelect(statements: readonly Node[]): SelectStmt {
  const statement = onlyStatement(statements);
  if ('DeleteStmt' in statement) {
    throw unsupported('DELETE in a query', 'use opaline delete, or vault.delete()');
  }
  if (!('SelectStmt' in statement)) throw unsupported(kindOf(statement), 'a query is one SELECT');
  const select = statement.SelectStmt;
  refuseClauses(select);
  return select;
}

/** The one DELETE on one table that a text is. Throws SQL_SYNTAX, SQL_UNSUPPORTED. */
export function onlyDelete(statements: readonly Node[]): DeleteStmt & { relation: RangeVar } {
  const statement = onlyStatement(statements);
  if (!('DeleteStmt' in statement)) {
    throw unsupported(kindOf(statement), 'give one DELETE FROM table WHERE …');
  }
  const { relation, ...rest } = statement.DeleteStmt;
  if (relation === undefined) throw internal('form of DELETE');
  if (rest.usingClause !== undefined) throw unsupported('DELETE … USING');
  if (rest.returningClause !== undefined) {
    throw unsupported('DELETE … RETURNING', 'SELECT the rows first');
  }
  if (rest.withClause !== undefined) throw unsupported('WITH');
  return { ...rest, relation };
}

function onlyStatement(statements: readonly Node[]): Node {
  const [statement, ...more] = statements;
  if (statement === undefined) throw misuse('there is no statement');
  if (more.length > 0) throw unsupported('more than one statement', 'run them one at a time');
  return statement;
}

function kindOf(statement: Node): string {
  const kind = Object.keys(statement)[0] ?? '';
  const words = kind.replace(/Stmt$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return words.toUpperCase();
}

function refuseClauses(select: SelectStmt): void {
  if (select.withClause !== undefined) throw unsupported('WITH', ONE_TABLE);
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    throw unsupported('UNION, INTERSECT and EXCEPT', 'run each query and combine the results');
  }
  if (select.valuesLists !== undefined) throw unsupported('VALUES', ONE_TABLE);
  if (select.distinctClause !== undefined) {
    throw unsupported('SELECT DISTINCT', 'use GROUP BY the same columns');
  }
  if (select.intoClause !== undefined) throw unsupported('SELECT INTO');
  if (select.windowClause !== undefined) throw unsupported('WINDOW', 'use GROUP BY');
  if (select.lockingClause !== undefined) throw unsupported('FOR UPDATE and FOR SHARE');
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') throw unsupported('WITH TIES');
  if (select.groupDistinct === true) throw unsupported('GROUP BY DISTINCT', 'leave DISTINCT out');
}

const ONE_TABLE = 'a query is one SELECT from one table';

/** The table in FROM. Throws SQL_UNSUPPORTED. */
export function onlyTable(select: SelectStmt): RangeVar {
  const from = select.fromClause ?? [];
  const [item] = from;
  if (item === undefined) throw unsupported('a query without FROM', ONE_TABLE);
  if (from.length > 1 || 'JoinExpr' in item) {
    throw unsupported('a join', 'ingest the joined rows as one table');
  }
  if ('RangeVar' in item) return item.RangeVar;
  if ('RangeSubselect' in item) throw unsupported('a subquery', ONE_TABLE);
  if ('RangeTableSample' in item) throw unsupported('TABLESAMPLE');
  if ('RangeFunction' in item) throw unsupported('a function in FROM', ONE_TABLE);
  throw internal('form of FROM');
}
