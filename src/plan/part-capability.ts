import { OpalineError } from '../errors/index.ts';
import type { Column, Schema } from '../table/schema.ts';
import { answering, rungsFor } from '../table/search-answers.ts';
import { indexOf, LEAST_PREFIX } from '../table/search-index.ts';
import { likeLists } from './like-lists.ts';
import { isPrefix, type LikePattern, longestText } from './like.ts';
import type { Predicate } from './physical.ts';

/**
 * Whether the columns' indexes, as the schema declares them, answer the searches for parts of values in a condition: LIKE
 * depends on the pattern, MATCH on the rung. What rungs answer of whole values is checked of the set of rows
 * (capabilities.ts).
 * @throws CAPABILITY_MISSING naming what to declare
 */
export function checkParts(filter: Predicate, schema: Schema): void {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const check = (p: Predicate): void => {
    switch (p.kind) {
      case 'not':
        return check(p.arg);
      case 'and':
      case 'or':
        return p.args.forEach(check);
      case 'like':
        return checkLike(columns.get(p.column)!, p.pattern);
      case 'keyword':
        return checkMatch(columns.get(p.column)!);
      case 'constant':
      case 'equals':
      case 'range':
      case 'isNull':
        return;
      default:
        return p satisfies never;
    }
  };
  check(filter);
}

function checkMatch(column: Column): void {
  if (answering(column, 'match') !== undefined) return;
  const names = rungsFor('match').map((rung) => `"${rung}"`);
  throw missing('MATCH', column, `"search": ${names.join(' or ')}`);
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
