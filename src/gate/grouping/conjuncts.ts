import type { Predicate } from '../../plan/physical.ts';

/** Conditions of which all must be true for the predicate to be: NOT (a OR b) is NOT a AND NOT b, in SQL too. */
export function conjuncts(predicate: Predicate): readonly Predicate[] {
  switch (predicate.kind) {
    case 'and':
      return predicate.args.flatMap(conjuncts);
    case 'not': {
      const { arg } = predicate;
      if (arg.kind === 'not') return conjuncts(arg.arg);
      if (arg.kind === 'or') return arg.args.flatMap((one) => conjuncts({ kind: 'not', arg: one }));
      return [predicate];
    }
    case 'constant':
      return predicate.value === true ? [] : [predicate];
    case 'or':
    case 'equals':
    case 'range':
    case 'isNull':
    case 'keyword':
    case 'like':
      return [predicate];
    default:
      return predicate satisfies never;
  }
}

/** The columns that a condition names. */
export function columnsOf(predicate: Predicate): ReadonlySet<string> {
  switch (predicate.kind) {
    case 'constant':
      return new Set();
    case 'and':
    case 'or':
      return new Set(predicate.args.flatMap((arg) => [...columnsOf(arg)]));
    case 'not':
      return columnsOf(predicate.arg);
    default:
      return new Set([predicate.column]);
  }
}
