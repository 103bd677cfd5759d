import type { Node } from 'libpg-query';
import { functionName } from './functions.ts';

const NAMELESS = '?column?';

/** The name PostgreSQL gives an unaliased output: FigureColname in src/backend/parser/parse_target.c. */
export function outputName(node: Node): string {
  return figure(node)?.name ?? NAMELESS;
}

/** `weak`: the name of a cast's type, which any other name goes before. */
function figure(node: Node): { name: string; weak: boolean } | undefined {
  const strong = (name: string): { name: string; weak: boolean } => ({ name, weak: false });
  if ('ColumnRef' in node) {
    const last = node.ColumnRef.fields?.at(-1);
    return last !== undefined && 'String' in last ? strong(last.String.sval ?? '') : undefined;
  }
  if ('FuncCall' in node) return strong(functionName(node.FuncCall));
  if ('TypeCast' in node) {
    const { arg, typeName } = node.TypeCast;
    const inner = arg === undefined ? undefined : figure(arg);
    if (inner !== undefined && !inner.weak) return inner;
    const type = typeName?.names?.at(-1);
    return type !== undefined && 'String' in type
      ? { name: type.String.sval ?? '', weak: true }
      : inner;
  }
  return undefined;
}
