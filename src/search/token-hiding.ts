import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';
import type { RowSet } from '../table/row-set.ts';
import type { Ask, KeywordLookup } from './rung.ts';
import type { KeywordCondition, RungQuery, VaultRung } from './token-rung.ts';

/**
 * A hiding index of keywords as the vault asks it. A condition's keywords are all looked up at once, and put together
 * here: the store does not see how.
 *
 * @param what what the rung's BYTES_INVALID name, where it is the store's replies that are wrong
 * @param part the index's, for messages
 */
export function keywordRung(lookup: KeywordLookup, what: string, part: string): VaultRung {
  return {
    lookup: async (query, ask) => {
      const condition = conditionOf(query);
      const keywords = [...keywordsOf(condition)];
      const found = await believing(lookup, keywords, ask, what, part);
      return rowsWhere(condition, found[Symbol.iterator]()).toArray();
    },
    lookupEach: async (keywords, ask) => {
      const found = await believing(lookup, keywords, ask, what, part);
      return found.map((rows) => rows.toArray());
    },
  };
}

async function believing(
  lookup: KeywordLookup,
  keywords: readonly Uint8Array[],
  ask: Ask,
  what: string,
  part: string,
): Promise<RowSet[]> {
  try {
    return await lookup(keywords, ask);
  } catch (error) {
    if (!isOpalineError(error, 'BYTES_INVALID') || error.details.what !== what) throw error;
    throw new OpalineError('PART_CORRUPT', { part, reason: error.details.reason });
  }
}

function conditionOf(query: RungQuery): KeywordCondition {
  if (query.kind === 'match') return query.condition;
  if (query.kind === 'keyword') return query;
  throw new OpalineError('INTERNAL', { reason: 'an index of keywords was asked for a range' });
}

/** In the order in which `rowsWhere` takes their rows. */
function* keywordsOf(condition: KeywordCondition): Generator<Uint8Array> {
  switch (condition.kind) {
    case 'keyword':
      yield condition.keyword;
      return;
    case 'not':
      yield* keywordsOf(condition.arg);
      return;
    case 'and':
    case 'or':
      for (const arg of condition.args) yield* keywordsOf(arg);
      return;
    default:
      condition satisfies never;
  }
}

function rowsWhere(condition: KeywordCondition, found: Iterator<RowSet>): RowSet {
  switch (condition.kind) {
    case 'keyword':
      return found.next().value as RowSet;
    case 'not':
      return rowsWhere(condition.arg, found).not();
    case 'and':
    case 'or': {
      const sets = condition.args.map((arg) => rowsWhere(arg, found));
      return sets.reduce((all, set) => (condition.kind === 'and' ? all.and(set) : all.or(set)));
    }
    default:
      return condition satisfies never;
  }
}
