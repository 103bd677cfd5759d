import type { FuncCall, Node } from 'libpg-query';
import { AGGREGATES } from './functions.ts';

/** True if the tree refers to a column. */
export function mentionsColumn(node: Node): boolean {
  return some(node, (kind) => kind === 'ColumnRef');
}

/** True if the tree calls one of this version's aggregates, not as a window function. */
export function mentionsAggregate(node: Node): boolean {
  return some(node, (kind, body) => {
    if (kind !== 'FuncCall') return false;
    const { funcname, over } = body as FuncCall;
    const name = funcname?.at(-1);
    if (over !== undefined || name === undefined || !('String' in name)) return false;
    return AGGREGATES.has(name.String.sval ?? '');
  });
}

/** The numbers n of the $n in the tree. */
export function parameterNumbers(node: Node): Set<number> {
  const numbers = new Set<number>();
  some(node, (kind, body) => {
    if (kind === 'ParamRef') numbers.add((body as { number?: number }).number ?? 0);
    return false;
  });
  return numbers;
}

function some(tree: unknown, test: (kind: string, body: unknown) => boolean): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  if (Array.isArray(tree)) return tree.some((item) => some(item, test));
  return Object.entries(tree).some(([kind, body]) => test(kind, body) || some(body, test));
}
