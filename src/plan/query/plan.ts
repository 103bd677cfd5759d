import type { Schema } from '../../table/schema.ts';
import { requireOperator } from '../bind/search-operator.ts';
import type { DeletePlan, Plan } from '../physical.ts';
import { freeze } from '../freeze.ts';
import { bindFilter, type Catalog, planSelect } from '../plan-query.ts';
import type { ConditionNode, QueryNode } from './nodes.ts';
import { selectSyntax, whereSyntax } from './syntax.ts';

/**
 * The plan of a query that was built: the same that planQuery makes of the same query in SQL. Throws what
 * planQuery throws, and CAPABILITY_MISSING for an operator that a column's declared indexes do not answer.
 */
export function planBuilt(query: QueryNode, catalog: Catalog): Plan {
  const { tree, parameters } = selectSyntax(query);
  checkOperators(query.where, catalog.schemas.get(query.table));
  return planSelect(tree, parameters, catalog);
}

/** The rows of a table in which all conditions hold; without any, every row. Throws as planBuilt. */
export function planRows(
  table: string,
  where: readonly ConditionNode[],
  catalog: Catalog,
): DeletePlan {
  const { tree, parameters } = whereSyntax(where);
  checkOperators(where, catalog.schemas.get(table));
  const { filter } = bindFilter(table, tree, parameters, catalog);
  return freeze({ kind: 'delete', table, filter });
}

function checkOperators(nodes: readonly ConditionNode[], schema: Schema | undefined): void {
  for (const node of nodes) {
    if (node.kind === 'not') checkOperators([node.arg], schema);
    else if (node.kind !== 'comparison') checkOperators(node.args, schema);
    else {
      const column = schema?.columns.find(({ name }) => name === node.column);
      // The binder names what is not there.
      if (column !== undefined) requireOperator(column, node.operator);
    }
  }
}
