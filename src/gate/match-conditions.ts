import { utf8 } from '../bytes/codec.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import { keyword, KEYWORD_KIND } from '../search/keyword.ts';
import { firstTerms } from '../search/iex/first-terms.ts';
import type { MatchTerms } from '../search/leakage-rung.ts';
import type { KeywordCondition, RungQuery } from '../search/token-rung.ts';

/**
 * A condition of one column's keywords. An index that answers whole conditions is asked for all of it at once: asked
 * keyword by keyword, it would show each one's rows.
 */
export interface MatchCondition {
  readonly column: string;
  readonly condition: KeywordCondition;
  /** It holds where the condition does and the column is not NULL. */
  readonly notNull: boolean;
}

/**
 * The predicate as a condition of one column's keywords, for columns of which `whole` says that they are asked for whole
 * conditions; undefined where it is of anything else.
 *
 * Negations come with the test that the column is not NULL (plan/set-predicate.ts). A row whose cell is NULL has no
 * keyword, so that the test can stand outside: of a conjunction always, of a disjunction where the arguments without
 * the test are false of a row without keywords, of a negation never.
 */
export function matchCondition(
  predicate: SetPredicate,
  whole: (column: string) => boolean,
): MatchCondition | undefined {
  switch (predicate.kind) {
    case 'atom': {
      const { atom } = predicate;
      if (atom.kind !== 'keyword' || !whole(atom.column)) return undefined;
      const bytes = keyword(KEYWORD_KIND.token, utf8(atom.keyword));
      const condition = { kind: 'keyword', keyword: bytes } as const;
      return { column: atom.column, condition, notNull: false };
    }
    case 'not': {
      const inner = matchCondition(predicate.arg, whole);
      if (inner === undefined || inner.notNull) return undefined;
      return { ...inner, condition: { kind: 'not', arg: inner.condition } };
    }
    case 'and': {
      const { conditions, others } = takeConditions(predicate.args, whole);
      return others.length === 0 && conditions.length === 1 ? conditions[0] : undefined;
    }
    case 'or': {
      const each = predicate.args.map((arg) => matchCondition(arg, whole));
      const known = each.filter((one) => one !== undefined);
      if (known.length < each.length) return undefined;
      return joinOr(known);
    }
    case 'all':
    case 'none':
      return undefined;
    default:
      return predicate satisfies never;
  }
}

/**
 * Of the arguments of a conjunction: one condition for each column that has any, and the arguments that are none. Tests for
 * NULL of a column that has one go into it.
 */
export function takeConditions(
  args: readonly SetPredicate[],
  whole: (column: string) => boolean,
): { readonly conditions: readonly MatchCondition[]; readonly others: readonly SetPredicate[] } {
  const found = new Map<string, MatchCondition[]>();
  const rest: SetPredicate[] = [];
  for (const arg of args) {
    const one = matchCondition(arg, whole);
    if (one === undefined) rest.push(arg);
    else found.set(one.column, [...(found.get(one.column) ?? []), one]);
  }
  const tested = new Set<string>();
  const others = rest.filter((arg) => {
    const column = testedColumn(arg);
    if (column === undefined || !found.has(column)) return true;
    tested.add(column);
    return false;
  });
  const conditions = [...found].map(([column, each]) => ({
    column,
    condition: join('and', each),
    notNull: tested.has(column) || each.some(({ notNull }) => notNull),
  }));
  return { conditions, others };
}

function joinOr(each: readonly MatchCondition[]): MatchCondition | undefined {
  const [first] = each;
  if (first === undefined || each.some(({ column }) => column !== first.column)) return undefined;
  const notNull = each.some((one) => one.notNull);
  const stray = each.some((one) => !one.notNull && holdsWithoutKeywords(one.condition));
  if (notNull && stray) return undefined;
  return { column: first.column, condition: join('or', each), notNull };
}

function join(kind: 'and' | 'or', each: readonly MatchCondition[]): KeywordCondition {
  const args = each.map(({ condition }) => condition);
  return args.length === 1 ? args[0]! : { kind, args };
}

/** The column of which the predicate says that it is not NULL. */
function testedColumn(predicate: SetPredicate): string | undefined {
  if (predicate.kind !== 'not' || predicate.arg.kind !== 'atom') return undefined;
  const { atom } = predicate.arg;
  return atom.kind === 'isNull' ? atom.column : undefined;
}

function holdsWithoutKeywords(condition: KeywordCondition): boolean {
  switch (condition.kind) {
    case 'keyword':
      return false;
    case 'not':
      return !holdsWithoutKeywords(condition.arg);
    case 'and':
      return condition.args.every(holdsWithoutKeywords);
    case 'or':
      return condition.args.some(holdsWithoutKeywords);
    default:
      return condition satisfies never;
  }
}

/** How many distinct keywords a query of an index is of, and how many of them come first (search/iex). */
export function termsOf(query: RungQuery): MatchTerms | undefined {
  if (query.kind !== 'match') return undefined;
  const found = new Set<string>();
  const visit = (one: KeywordCondition): void => {
    if (one.kind === 'keyword') found.add(one.keyword.join());
    else if (one.kind === 'not') visit(one.arg);
    else one.args.forEach(visit);
  };
  visit(query.condition);
  return { terms: found.size, first: firstTerms(query.condition)?.length ?? 0 };
}

/** A name for a condition within one query. */
export function conditionId(condition: KeywordCondition): string {
  switch (condition.kind) {
    case 'keyword':
      return condition.keyword.join();
    case 'not':
      return `not(${conditionId(condition.arg)})`;
    case 'and':
    case 'or':
      return `${condition.kind}(${condition.args.map(conditionId).join(';')})`;
    default:
      return condition satisfies never;
  }
}
