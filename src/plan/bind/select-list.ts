import type { Node } from 'libpg-query';
import type { OutputColumn } from '../physical.ts';
import type { Context } from './context.ts';
import { bindExpression, present } from './expression.ts';
import { outputName } from './output-name.ts';
import { misuse, unsupported } from './refuse.ts';
import { dataTypeOf, settle } from './typed.ts';

/** One entry of the select list before it is bound: a node, or a column that `*` stands for. */
export interface Target {
  readonly name: string;
  readonly node: Node;
  readonly aliased: boolean;
}

/** The select list with `*` expanded. Throws SQL_UNSUPPORTED for an empty one. */
export function targetsOf(list: readonly Node[], { scope }: Pick<Context, 'scope'>): Target[] {
  const targets = list.flatMap((item): Target[] => {
    const target = 'ResTarget' in item ? item.ResTarget : {};
    const node = present(target.val);
    if (scope.isStar(node)) {
      return scope.columns.map(({ name }) => ({
        name,
        node: { ColumnRef: { fields: [{ String: { sval: name } }] } },
        aliased: false,
      }));
    }
    const alias = target.name;
    return [{ name: alias ?? outputName(node), node, aliased: alias !== undefined }];
  });
  if (targets.length === 0) throw unsupported('an empty select list');
  return targets;
}

/** Binds the select list; quoted literals that met no type are text. */
export function bindOutput(targets: readonly Target[], context: Context): OutputColumn[] {
  return targets.map(({ name, node }) => ({
    name,
    expression: settle(bindExpression(node, context), 'unknown').expression,
  }));
}

/** The entry that an ordinal in GROUP BY or ORDER BY names; undefined if `node` is not a constant. */
export function ordinalTarget(
  node: Node,
  targets: readonly Target[],
  clause: string,
): number | undefined {
  if (!('A_Const' in node)) return undefined;
  if (node.A_Const.ival === undefined) throw misuse(`non-integer constant in ${clause}`);
  const position = node.A_Const.ival.ival ?? 0;
  if (position < 1 || position > targets.length) {
    throw misuse(`${clause} position ${position} is not in the select list`);
  }
  return position - 1;
}

/** The single unqualified name that a node is, if it is one. */
export function bareName(node: Node): string | undefined {
  if (!('ColumnRef' in node) || node.ColumnRef.fields?.length !== 1) return undefined;
  const [field] = node.ColumnRef.fields;
  return field !== undefined && 'String' in field ? (field.String.sval ?? '') : undefined;
}

/** A column of a row, for clauses that see rows. */
export function rowColumn(scope: Context['scope']): Context['column'] {
  return (reference) => {
    const { name, type } = scope.resolve(reference);
    return { expression: { kind: 'column', column: name }, type: dataTypeOf(type) };
  };
}
