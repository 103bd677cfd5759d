import type { ConditionNode, Operand } from '../../plan/query/nodes.ts';
import { freeze } from '../../plan/freeze.ts';
import type { SearchOperator } from '../../table/search-operators.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { ColumnName, OperandOf, OperatorOf, SchemaLiteral } from './schema.ts';

/** `['ward', '=', 'B2']`, or such conditions joined by `and`, `or` and `not`. */
export type Condition<S extends SchemaLiteral> = Comparison<S> | Joined<Comparison<S>>;

/** A column, an operator that its index answers, and what that takes. */
export type Comparison<S extends SchemaLiteral> = {
  [C in ColumnName<S>]: {
    [O in OperatorOf<S, C>]: readonly [column: C, operator: O, operand: OperandOf<S, C, O>];
  }[OperatorOf<S, C>];
}[ColumnName<S>];

const BUILT: unique symbol = Symbol('condition');

/** Conditions joined by `and`, `or` or `not`, made by the functions of those names alone. */
export interface Joined<out Of> {
  readonly [BUILT]: ConditionNode;
  /** For the type alone: the comparisons in it. */
  readonly of?: Of;
}

type Untyped = readonly [string, string, unknown];
type Leaves<A> = A extends readonly unknown[]
  ? A extends Untyped
    ? A
    : never
  : A extends Joined<infer Of>
    ? Of
    : never;

/** True where every condition is; without any, always. */
export function and<const A extends readonly (Untyped | Joined<unknown>)[]>(
  ...args: A
): Joined<Leaves<A[number]>> {
  return joined({ kind: 'and', args: args.map(conditionNode) });
}

/** True where one of the conditions is; without any, never. */
export function or<const A extends readonly (Untyped | Joined<unknown>)[]>(
  ...args: A
): Joined<Leaves<A[number]>> {
  return joined({ kind: 'or', args: args.map(conditionNode) });
}

/** True where the condition is false: not where it is unknown, as with a NULL. */
export function not<const A extends Untyped | Joined<unknown>>(arg: A): Joined<Leaves<A>> {
  return joined({ kind: 'not', arg: conditionNode(arg) });
}

function joined<T>(node: ConditionNode): Joined<T> {
  return Object.freeze({ [BUILT]: freeze(node) });
}

/** The frozen node of a condition. Throws TYPE_MISMATCH for what is none. */
export function conditionNode(condition: unknown): ConditionNode {
  if (isJoined(condition)) return condition[BUILT];
  if (Array.isArray(condition)) {
    const [column, operator, operand, ...more] = condition as readonly unknown[];
    if (typeof column === 'string' && typeof operator === 'string' && more.length === 0) {
      return comparisonNode(column, operator, operand);
    }
  }
  throw new OpalineError('TYPE_MISMATCH', {
    reason: 'a condition is [column, operator, value], or made by and(), or() and not()',
  });
}

/** A comparison as a frozen node; operator and operand are checked when it is bound. */
export function comparisonNode(column: string, operator: string, operand: unknown): ConditionNode {
  const given = Array.isArray(operand) ? [...(operand as readonly unknown[])] : operand;
  return Object.freeze({
    kind: 'comparison',
    column,
    operator: operator as SearchOperator,
    operand: (Array.isArray(given) ? Object.freeze(given) : given) as Operand,
  });
}

/** True for what `conditionNode` takes, against a key's value. */
export function isCondition(target: unknown): boolean {
  return Array.isArray(target) || isJoined(target);
}

function isJoined(value: unknown): value is Joined<unknown> {
  return typeof value === 'object' && value !== null && BUILT in value;
}
