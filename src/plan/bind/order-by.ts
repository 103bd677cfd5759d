import type { Node } from 'libpg-query';
import type { OrderKey, OutputColumn } from '../physical.ts';
import { constantValue } from './constant.ts';
import type { Context } from './context.ts';
import { bindExpression, present } from './expression.ts';
import { mentionsColumn } from './mentions.ts';
import { mismatch, misuse, unsupported } from './refuse.ts';
import { bareName, ordinalTarget, type Target } from './select-list.ts';
import { numeric } from './expression.ts';

/**
 * The keys of ORDER BY. A bare name is an output before it is a column of the table; NULL counts as
 * larger than any value unless NULLS FIRST or LAST says otherwise (PostgreSQL, SELECT: ORDER BY).
 */
export function bindOrderBy(
  list: readonly Node[],
  targets: readonly Target[],
  output: readonly OutputColumn[],
  context: Context,
): OrderKey[] {
  return list.map((item) => {
    if (!('SortBy' in item)) throw unsupported('this form of ORDER BY');
    const { node, sortby_dir: direction, sortby_nulls: nulls } = item.SortBy;
    if (direction === 'SORTBY_USING') throw unsupported('ORDER BY … USING', 'use ASC or DESC');
    const descending = direction === 'SORTBY_DESC';
    const nullsFirst =
      nulls === 'SORTBY_NULLS_FIRST' || (nulls !== 'SORTBY_NULLS_LAST' && descending);
    return { expression: key(present(node), targets, output, context), descending, nullsFirst };
  });
}

function key(
  node: Node,
  targets: readonly Target[],
  output: readonly OutputColumn[],
  context: Context,
): OrderKey['expression'] {
  const ordinal = ordinalTarget(node, targets, 'ORDER BY');
  if (ordinal !== undefined) return output[ordinal]!.expression;
  const name = bareName(node);
  if (name !== undefined) {
    const named = output.filter((column) => column.name === name);
    const [first] = named;
    if (first !== undefined) {
      const text = (value: unknown): string =>
        JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));
      if (named.some((other) => text(other.expression) !== text(first.expression))) {
        throw misuse(`ORDER BY "${name}" is ambiguous`);
      }
      return first.expression;
    }
  }
  return bindExpression(node, context).expression;
}

/** LIMIT and OFFSET: a constant whole number ≥ 0; NULL and ALL mean none. Throws TYPE_MISMATCH, SQL_SYNTAX. */
export function bindCount(
  node: Node | undefined,
  clause: 'LIMIT' | 'OFFSET',
  context: Context,
): number | undefined {
  if (node === undefined) return undefined;
  if (mentionsColumn(node)) throw misuse(`${clause} must not contain columns`);
  const value = constantValue(numeric(bindExpression(node, context), clause));
  if (value === null) return undefined;
  if (value.type !== 'number' || !value.value.isInteger) {
    throw mismatch(`${clause} takes a whole number`);
  }
  const count = value.value.numerator;
  if (count < 0n) throw misuse(`${clause} must not be negative`);
  return count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
}
