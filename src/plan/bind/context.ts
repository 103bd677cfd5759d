import type { ColumnRef, FuncCall } from 'libpg-query';
import type { Parameter } from '../parameter.ts';
import type { Scope } from './scope.ts';
import type { Typed } from './typed.ts';

/** What decides how names and calls bind in one clause of a query. */
export interface Context {
  readonly scope: Scope;
  readonly parameters: readonly Parameter[];
  /** A column here: its cell, a grouping value, or a refusal. */
  column(reference: ColumnRef): Typed;
  /** An aggregate call here: an expression over terms, or a refusal. */
  aggregate(call: FuncCall, name: string): Typed;
}
