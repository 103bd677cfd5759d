import type { Node, SelectStmt } from 'libpg-query';
import { OpalineError } from '../errors/index.ts';
import type { Parameter } from './parameter.ts';
import type {
  AggregatePlan,
  DeletePlan,
  OutputColumn,
  Plan,
  Predicate,
  SelectPlan,
} from './physical.ts';
import { freeze } from './freeze.ts';
import { checkParts } from './part-capability.ts';
import { parseStatements } from './sql/parse.ts';
import { bindAggregate } from './bind/aggregate.ts';
import type { Context } from './bind/context.ts';
import { bindCondition } from './bind/expression.ts';
import { bindGroupBy, groupColumn } from './bind/grouping.ts';
import { mentionsAggregate, parameterNumbers } from './bind/mentions.ts';
import { bindCount, bindOrderBy } from './bind/order-by.ts';
import { bindPredicate } from './bind/predicate.ts';
import { misuse } from './bind/refuse.ts';
import { Scope, type Catalog } from './bind/scope.ts';
import { bindOutput, rowColumn, targetsOf } from './bind/select-list.ts';
import { onlyDelete, onlySelect, onlyTable } from './bind/statement.ts';
import { TermList } from './bind/terms.ts';

export type { Catalog } from './bind/scope.ts';

/**
 * Plans one SELECT on one table: parses it, resolves names and types against the catalog, and
 * expresses its aggregates in sums and counts. Pure: the same text, parameters and schemas give the
 * same frozen plan.
 *
 * Throws SQL_SYNTAX, SQL_UNSUPPORTED, NOT_YET_AVAILABLE, UNKNOWN_TABLE, UNKNOWN_COLUMN,
 * TYPE_MISMATCH, PARAMETER_MISSING, PARAMETER_UNUSED, MATCH_INVALID, CAPABILITY_MISSING, and DIVISION_BY_ZERO for
 * a constant that divides by 0.
 *
 * @param parse another that gives the same trees: one that remembers them
 */
export async function planQuery(
  sql: string,
  parameters: readonly Parameter[],
  catalog: Catalog,
  parse: (sql: string) => Promise<readonly Node[]> = parseStatements,
): Promise<Plan> {
  return planSelect(onlySelect(await parse(sql)), parameters, catalog);
}

/** Plans a SELECT that was parsed, or built as `onlySelect` lets it be; refusals as of planQuery. */
export function planSelect(
  select: SelectStmt,
  parameters: readonly Parameter[],
  catalog: Catalog,
): Plan {
  return freeze(bindSelect(select, parameters, catalog));
}

/**
 * Plans one DELETE on one table; refusals as of planQuery. Without WHERE every row is meant, as in SQL.
 */
export async function planDelete(
  sql: string,
  parameters: readonly Parameter[],
  catalog: Catalog,
): Promise<DeletePlan> {
  const statement = onlyDelete(await parseStatements(sql));
  const scope = new Scope(statement.relation, catalog);
  checkParameters({ DeleteStmt: statement }, parameters);
  const where = statement.whereClause;
  const filter = bindWhere(where, rowContext(scope, parameters));
  return freeze({ kind: 'delete', table: scope.schema.table, filter });
}

/**
 * The rows of a table that a condition selects (none: all), and what binds expressions over them.
 * Throws as planQuery does.
 */
export function bindFilter(
  table: string,
  where: Node | undefined,
  parameters: readonly Parameter[],
  catalog: Catalog,
): { scope: Scope; context: Context; filter: Predicate } {
  const scope = new Scope({ relname: table }, catalog);
  checkParameters({ SelectStmt: where === undefined ? {} : { whereClause: where } }, parameters);
  const context = rowContext(scope, parameters);
  return { scope, context, filter: bindWhere(where, context) };
}

function rowContext(scope: Scope, parameters: readonly Parameter[], clause = 'WHERE'): Context {
  return {
    scope,
    parameters,
    column: rowColumn(scope),
    aggregate: () => {
      throw misuse(`aggregate functions are not allowed in ${clause}`);
    },
  };
}

function bindWhere(where: Node | undefined, rows: Context): Predicate {
  if (where === undefined) return { kind: 'constant', value: true };
  const filter = bindPredicate(where, rows);
  checkParts(filter, rows.scope.schema);
  return filter;
}

function bindSelect(select: SelectStmt, parameters: readonly Parameter[], catalog: Catalog): Plan {
  const scope = new Scope(onlyTable(select), catalog);
  checkParameters({ SelectStmt: select }, parameters);

  const rows = rowContext(scope, parameters);
  const targets = targetsOf(select.targetList ?? [], rows);
  const filter = bindWhere(select.whereClause, rows);
  const limit = bindCount(select.limitCount, 'LIMIT', rowContext(scope, parameters, 'LIMIT'));
  const offset = bindCount(select.limitOffset, 'OFFSET', rowContext(scope, parameters, 'OFFSET'));
  const base = {
    table: scope.schema.table,
    filter,
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
  };

  const sort = select.sortClause ?? [];
  const groupClause = select.groupClause ?? [];
  const aggregated =
    groupClause.length > 0 ||
    select.havingClause !== undefined ||
    targets.some(({ node }) => mentionsAggregate(node)) ||
    sort.some(mentionsAggregate);

  if (!aggregated) {
    const output = bindOutput(targets, rows);
    const orderBy = bindOrderBy(sort, targets, output, rows);
    const columns = columnsOf([...output, ...orderBy]);
    const inOrder = scope.columns.map(({ name }) => name).filter((name) => columns.has(name));
    return { kind: 'select', ...base, output, orderBy, columns: inOrder } satisfies SelectPlan;
  }

  const groupBy = bindGroupBy(groupClause, targets, scope);
  const grouped = groupClause.length > 0;
  const terms = new TermList();
  const groups: Context = {
    scope,
    parameters,
    column: groupColumn(scope, groupBy),
    aggregate: (call, name) => bindAggregate(call, name, groups, terms),
  };
  const output: OutputColumn[] = bindOutput(targets, groups);
  const having =
    select.havingClause === undefined ? undefined : bindCondition(select.havingClause, groups);
  const orderBy = bindOrderBy(sort, targets, output, groups);
  // With nothing to group by, only a count tells whether the one group has rows.
  if (grouped && groupBy.length === 0) terms.count([]);
  const plan: AggregatePlan = {
    kind: 'aggregate',
    ...base,
    output,
    orderBy,
    groupBy: groupBy.map(({ name }) => name),
    grouped,
    terms: terms.terms,
    ...(having === undefined ? {} : { having }),
  };
  return plan;
}

/** Throws PARAMETER_MISSING or PARAMETER_UNUSED unless every $n is given and every one given is used. */
function checkParameters(statement: Node, parameters: readonly Parameter[]): void {
  const used = parameterNumbers(statement);
  const given = parameters.length;
  const missing = [...used].sort((a, b) => a - b).find((n) => n < 1 || n > given);
  if (missing !== undefined) {
    throw new OpalineError('PARAMETER_MISSING', { parameter: missing, given });
  }
  if (used.size < given) throw new OpalineError('PARAMETER_UNUSED', { given, used: used.size });
}

/** The names of the columns in expressions. */
function columnsOf(tree: unknown, into: Set<string> = new Set()): Set<string> {
  if (typeof tree !== 'object' || tree === null) return into;
  if ('kind' in tree && tree.kind === 'column' && 'column' in tree) into.add(String(tree.column));
  for (const value of Object.values(tree)) columnsOf(value, into);
  return into;
}
