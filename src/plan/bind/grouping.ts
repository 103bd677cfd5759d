import type { Node } from 'libpg-query';
import { OpalineError } from '../../errors/index.ts';
import type { Column } from '../../table/schema.ts';
import type { Context } from './context.ts';
import { unsupportedNode } from './expression.ts';
import { mentionsAggregate, mentionsColumn } from './mentions.ts';
import { misuse, unsupported } from './refuse.ts';
import type { Scope } from './scope.ts';
import { bareName, ordinalTarget, type Target } from './select-list.ts';
import { dataTypeOf } from './typed.ts';

/**
 * The grouping columns of GROUP BY, distinct, in the order written. A bare name is a column of the
 * table before it is an output's alias (PostgreSQL, SELECT: GROUP BY clause); constants group nothing.
 *
 * Throws SQL_UNSUPPORTED for expressions, SQL_SYNTAX, UNKNOWN_COLUMN, CAPABILITY_MISSING.
 */
export function bindGroupBy(
  list: readonly Node[],
  targets: readonly Target[],
  scope: Scope,
): Column[] {
  const columns = new Set<Column>();
  for (const item of list) {
    const node = groupedNode(item, targets, scope);
    if (mentionsAggregate(node)) throw misuse('aggregate functions are not allowed in GROUP BY');
    if (!mentionsColumn(node)) {
      if (!('A_Const' in node || 'TypeCast' in node || 'ParamRef' in node)) refuse(node);
      continue;
    }
    if (!('ColumnRef' in node)) return refuse(node);
    const column = scope.resolve(node.ColumnRef);
    if (column.type === 'document') {
      throw new OpalineError('CAPABILITY_MISSING', {
        operation: 'GROUP BY',
        column: `"${column.name}"`,
        needs: 'a document column is searched by keyword; declare it as text to group by it',
      });
    }
    columns.add(column);
  }
  return [...columns];
}

function groupedNode(item: Node, targets: readonly Target[], scope: Scope): Node {
  const ordinal = ordinalTarget(item, targets, 'GROUP BY');
  if (ordinal !== undefined) return targets[ordinal]!.node;
  const name = bareName(item);
  if (name === undefined || scope.find(name) !== undefined) return item;
  const named = targets.filter((target) => target.name === name);
  if (named.length > 1) throw misuse(`GROUP BY "${name}" is ambiguous`);
  return named[0]?.node ?? item;
}

function refuse(node: Node): never {
  if ('GroupingSet' in node) throw unsupportedNode(node);
  throw unsupported('GROUP BY an expression', 'group by the column itself');
}

/** A column of a group: only the grouping columns have one value there. Throws SQL_SYNTAX. */
export function groupColumn(scope: Scope, groupBy: readonly Column[]): Context['column'] {
  return (reference) => {
    const column = scope.resolve(reference);
    if (!groupBy.includes(column)) {
      throw misuse(
        `column "${column.name}" must appear in GROUP BY or be used in an aggregate function`,
      );
    }
    return { expression: { kind: 'column', column: column.name }, type: dataTypeOf(column.type) };
  };
}
