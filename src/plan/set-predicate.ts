import { compareText } from './datum.ts';
import type { Predicate, RangeEnd } from './physical.ts';
import type { Value } from '../table/value.ts';

/** A set of rows that an index can name. None but `isNull` holds a row whose cell is NULL. */
export type SetAtom = Extract<
  Predicate,
  { kind: 'equals' | 'range' | 'isNull' | 'keyword' | 'like' }
>;

/** A set of rows: atoms combined by intersection, union and complement. */
export type SetPredicate =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'atom'; readonly atom: SetAtom }
  | { readonly kind: 'and'; readonly args: readonly SetPredicate[] }
  | { readonly kind: 'or'; readonly args: readonly SetPredicate[] }
  | { readonly kind: 'not'; readonly arg: SetPredicate };

type RangeAtom = Extract<SetAtom, { kind: 'range' }>;
type Cell = NonNullable<Value>;

const ALL: SetPredicate = { kind: 'all' };
const NONE: SetPredicate = { kind: 'none' };

/**
 * The set of rows of which the predicate is true.
 *
 * SQL's negation exchanges "true" and "false" and keeps "unknown", so NOT is pushed down to the
 * atoms: an atom is false where its column is not NULL and the row is not in its set. The result is
 * simplified: constants folded, nested and repeated arguments merged, ranges of one column
 * intersected, empty ranges `none`, one-value ranges `equals`, and no range without ends.
 *
 * `isNullable` answers for a column whether it may hold NULL; where it may not, no test is made.
 */
export function toSetPredicate(
  predicate: Predicate,
  isNullable: (column: string) => boolean = () => true,
): SetPredicate {
  const notNull = (column: string): SetPredicate =>
    isNullable(column) ? not({ kind: 'atom', atom: { kind: 'isNull', column } }) : ALL;

  /** The rows of which `p` is `wanted`. */
  const rowsWhere = (p: Predicate, wanted: boolean): SetPredicate => {
    switch (p.kind) {
      case 'constant':
        return p.value === wanted ? ALL : NONE;
      case 'isNull': {
        const known = notNull(p.column);
        return wanted ? not(known) : known;
      }
      case 'equals':
      case 'keyword':
      case 'like':
        return wanted
          ? { kind: 'atom', atom: p }
          : and([notNull(p.column), not({ kind: 'atom', atom: p })]);
      case 'range': {
        const known = notNull(p.column);
        const inside = rangeSet(p);
        if (inside.kind === 'all') return wanted ? known : NONE;
        return wanted ? inside : and([known, not(inside)]);
      }
      case 'not':
        return rowsWhere(p.arg, !wanted);
      case 'and':
      case 'or': {
        const args = p.args.map((arg) => rowsWhere(arg, wanted));
        return (p.kind === 'and') === wanted ? and(args) : or(args);
      }
    }
  };
  return rowsWhere(predicate, true);
}

/** The set of a range among rows that are not NULL; `all` without ends. */
function rangeSet(range: RangeAtom): SetPredicate {
  const { column, low, high } = range;
  if (low === undefined && high === undefined) return ALL;
  if (low !== undefined && high !== undefined) {
    const order = compareCells(low.value, high.value);
    if (order > 0 || (order === 0 && !(low.inclusive && high.inclusive))) return NONE;
    if (order === 0) return { kind: 'atom', atom: { kind: 'equals', column, value: low.value } };
  }
  return { kind: 'atom', atom: range };
}

function not(arg: SetPredicate): SetPredicate {
  if (arg.kind === 'all') return NONE;
  if (arg.kind === 'none') return ALL;
  return arg.kind === 'not' ? arg.arg : { kind: 'not', arg };
}

function or(args: readonly SetPredicate[]): SetPredicate {
  const distinct = new Map<string, SetPredicate>();
  for (const arg of args.flatMap((a) => (a.kind === 'or' ? a.args : [a]))) {
    if (arg.kind === 'all') return ALL;
    if (arg.kind !== 'none') distinct.set(keyOf(arg), arg);
  }
  for (const arg of distinct.values()) if (distinct.has(keyOf(not(arg)))) return ALL;
  return collect('or', [...distinct.values()], NONE);
}

function and(args: readonly SetPredicate[]): SetPredicate {
  const flat = args.flatMap((a) => (a.kind === 'and' ? a.args : [a]));
  const distinct = new Map<string, SetPredicate>();
  for (const arg of intersectByColumn(flat)) {
    if (arg.kind === 'none') return NONE;
    if (arg.kind !== 'all') distinct.set(keyOf(arg), arg);
  }
  const valued = new Set<string>();
  for (const arg of distinct.values()) {
    if (distinct.has(keyOf(not(arg)))) return NONE;
    if (arg.kind === 'atom' && arg.atom.kind !== 'isNull') valued.add(arg.atom.column);
  }
  const kept: SetPredicate[] = [];
  for (const arg of distinct.values()) {
    const null_ = nullTested(arg);
    if (null_ === undefined || !valued.has(null_)) kept.push(arg);
    else if (arg.kind === 'atom') return NONE;
  }
  return collect('and', kept, ALL);
}

/** The column of `isNull` or its complement. */
function nullTested(set: SetPredicate): string | undefined {
  const inner = set.kind === 'not' ? set.arg : set;
  return inner.kind === 'atom' && inner.atom.kind === 'isNull' ? inner.atom.column : undefined;
}

/** Replaces the equalities and ranges of each column by their intersection. */
function intersectByColumn(args: readonly SetPredicate[]): SetPredicate[] {
  const ranges = new Map<string, RangeAtom>();
  const rest: SetPredicate[] = [];
  for (const arg of args) {
    const range = arg.kind === 'atom' ? asRange(arg.atom) : undefined;
    if (range === undefined) {
      rest.push(arg);
      continue;
    }
    const before = ranges.get(range.column);
    ranges.set(range.column, before === undefined ? range : intersect(before, range));
  }
  return [...[...ranges.values()].map(rangeSet), ...rest];
}

function asRange(atom: SetAtom): RangeAtom | undefined {
  if (atom.kind === 'range') return atom;
  if (atom.kind !== 'equals') return undefined;
  const end: RangeEnd = { value: atom.value, inclusive: true };
  return { kind: 'range', column: atom.column, low: end, high: end };
}

function intersect(a: RangeAtom, b: RangeAtom): RangeAtom {
  const low = tighter(a.low, b.low, 1);
  const high = tighter(a.high, b.high, -1);
  return {
    kind: 'range',
    column: a.column,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
  };
}

/** The end that excludes more: the greater of two low ends (`sign` 1), the lesser of two high ends (−1). */
function tighter(
  a: RangeEnd | undefined,
  b: RangeEnd | undefined,
  sign: 1 | -1,
): RangeEnd | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = compareCells(a.value, b.value) * sign;
  if (order === 0) return a.inclusive ? b : a;
  return order > 0 ? a : b;
}

/** Order of two values of one column. */
function compareCells(a: Cell, b: Cell): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function collect(
  kind: 'and' | 'or',
  args: readonly SetPredicate[],
  empty: SetPredicate,
): SetPredicate {
  return args.length === 0 ? empty : args.length === 1 ? args[0]! : { kind, args };
}

/** A text that two sets share only if they are the same expression. */
function keyOf(set: SetPredicate): string {
  return JSON.stringify(set, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}
