import { OpalineError } from '../errors/index.ts';
import type { Column, Schema } from '../table/schema.ts';
import { indexOf, isBuilt, LEAST_PREFIX, type Rung } from '../table/search-index.ts';
import { likeLists } from './like-lists.ts';
import { isPrefix, type LikePattern, longestText } from './like.ts';
import { isLinear, type AggregatePlan, type Predicate } from './physical.ts';

/**
 * What each rung answers. A column is asked by the first of its indexes that can answer; where none
 * can, the query is refused before anything is made or sent.
 */
const ANSWERS = {
  equals: ['sse', 'tag', 'mitra', 'sse-padded', 'smooth', 'pir'],
  range: ['sse', 'ore'],
  isNull: ['sse', 'tag', 'ore', 'mitra', 'iex', 'sse-padded', 'smooth', 'pir'],
  keyword: ['sse', 'mitra', 'iex', 'sse-padded', 'pir'],
  order: ['sse'],
  groups: ['sse'],
} as const satisfies Readonly<Record<string, readonly Rung[]>>;

type Operation = keyof typeof ANSWERS;

const NAMES: { readonly [O in Operation]: string } = {
  equals: 'a comparison with =',
  range: 'a comparison of order',
  isNull: 'a test for NULL',
  keyword: 'MATCH',
  order: 'an order statistic',
  groups: 'GROUP BY',
};

/**
 * Whether the columns' indexes, as the schema declares them, answer a condition.
 * @throws CAPABILITY_MISSING naming what to declare
 */
export function checkFilter(filter: Predicate, schema: Schema): void {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const check = (p: Predicate): void => {
    switch (p.kind) {
      case 'constant':
        return;
      case 'not':
        return check(p.arg);
      case 'and':
      case 'or':
        return p.args.forEach(check);
      case 'like':
        return checkLike(columns.get(p.column)!, p.pattern);
      case 'range': {
        const ends = p.low !== undefined || p.high !== undefined;
        return checkIndex(columns.get(p.column)!, ends ? 'range' : 'isNull');
      }
      case 'equals':
      case 'isNull':
      case 'keyword':
        return checkIndex(columns.get(p.column)!, p.kind);
      default:
        return p satisfies never;
    }
  };
  check(filter);
}

/**
 * The same of a plan's groups and order statistics. Groups that are declared private need no index.
 * @throws CAPABILITY_MISSING
 */
export function checkGroups(
  { groupBy, terms }: Pick<AggregatePlan, 'groupBy' | 'terms'>,
  schema: Schema,
): void {
  const find = (name: string): Column => schema.columns.find((column) => column.name === name)!;
  for (const name of groupBy) {
    if (schema.groupBy.some(({ column }) => column === name)) continue;
    checkIndex(find(name), 'groups');
  }
  for (const term of terms) if (!isLinear(term)) checkIndex(find(term.column), 'order');
}

function checkIndex(column: Column, operation: Operation): void {
  const rungs: readonly Rung[] = ANSWERS[operation];
  if (column.search.some(({ index }) => rungs.includes(index))) return;
  const names = rungs.filter(isBuilt).map((rung) => `"${rung}"`);
  throw missing(NAMES[operation], column, `"search": ${names.join(' or ')}`);
}

function checkLike(column: Column, pattern: LikePattern): void {
  const sse = indexOf(column, 'sse');
  if (likeLists(pattern, sse ?? {}) !== undefined) return;
  const longest = longestText(pattern);
  const prefix = isPrefix(pattern);
  if (prefix ? sse?.prefix !== undefined : sse?.ngram !== undefined) {
    const least = prefix ? LEAST_PREFIX : sse!.ngram!;
    throw missing('LIKE', column, `${least} characters in a row in the pattern, not ${longest}`);
  }
  const declare = prefix ? '"prefix": 16' : '"ngram": 3';
  throw missing('LIKE', column, `"search": {"index": "sse", ${declare}}`);
}

function missing(operation: string, column: Column, needs: string): OpalineError {
  return new OpalineError('CAPABILITY_MISSING', {
    operation,
    column: `"${column.name}"`,
    needs,
  });
}
