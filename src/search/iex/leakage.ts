import type { Leakage } from '../../plan/leakage.ts';
import type { RungProfile, RungReport } from '../leakage-rung.ts';
import type { RungEstimate } from '../rung.ts';
import { recoveredByMatching } from '../sse/leakage.ts';
import { TOKEN_BYTES } from '../sse/format.ts';
import { TINY_RECORD } from './format.ts';

const ATTACK =
  'frequency matching of the first terms, exact histogram known (Naveed–Kamara–Wright 2015)';

/** What a query tells the store by a column's index, and what it costs. A document's keywords have no statistics. */
export function iexReport({ column, rows, segments, use }: RungProfile): RungReport {
  const [first, terms] = [use.first ?? use.asked, use.terms ?? use.asked];
  return {
    leakage: iexLeakage({ column, rows, segments, first, others: terms - first }),
    estimate: estimateIex({ segments, keywords: rows, pairs: 0, terms, first }),
  };
}

export interface IexProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** First terms of the formula, whose rows are shown whole; 0 where it has none. */
  readonly first: number;
  /** Other terms. */
  readonly others: number;
  /** Rows of every keyword, and of each first term, if known. */
  readonly frequencies?: readonly number[];
  readonly matched?: readonly number[];
}

/** What the store sees of a column's iex index at rest and by a boolean query. */
export function iexLeakage(profile: IexProfile): Leakage {
  const { column, rows, segments, first, others, frequencies, matched } = profile;
  const known = frequencies !== undefined && matched !== undefined;
  return {
    node: `boolean query on ${column}`,
    index: 'iex',
    atRest: [
      `${rows} rows in ${segments === 1 ? '1 segment' : `${segments} segments`}, and when each was appended`,
      'how many pairs of keywords occur together in few rows, and how many records longer lists take, rounded up',
    ],
    onQuery: [
      ...(first === 0
        ? [`which rows have each of ${counted(others, 'unnamed keyword')} of ${column}`]
        : [
            `which rows have ${first === 1 ? 'the first term' : `each of the ${first} first terms`}, without the term itself`,
            ...(others === 0
              ? []
              : [
                  `which of those rows have each of ${counted(others, 'other term')}; nothing of its other rows`,
                ]),
          ]),
      'how the terms are joined by AND, OR and NOT',
      'whether a first term, or a pair of terms, was asked before, and which rows the lists share with other predicates',
    ],
    // Of pairs there is no closed form; where all lists are shown whole, every keyword asked for is one.
    expectedRecovery: known
      ? { attack: ATTACK, fraction: recoveredByMatching(frequencies, matched) }
      : null,
  };
}

export interface IexStatistics {
  readonly segments: number;
  /** Keywords, and pairs of keywords that occur together, over all segments. */
  readonly keywords: number;
  readonly pairs: number;
  /** Terms of the query, and how many of them are first ones. */
  readonly terms: number;
  readonly first: number;
  readonly frequencies?: readonly number[];
  /** Rows of each first term. */
  readonly matched?: readonly number[];
}

/** What an index costs: 16 bytes for each pair of few rows, the usual case. The answer stays at the store. */
export function estimateIex(statistics: IexStatistics): RungEstimate {
  const { segments, keywords, pairs, terms, first, frequencies, matched } = statistics;
  const tokens = first + (terms - first) * Math.max(1, first);
  return {
    bytes: (keywords + pairs) * TINY_RECORD + segments * 32,
    bytesUp: segments * tokens * TOKEN_BYTES,
    bytesDown: 0,
    rounds: 1,
    recovery:
      frequencies === undefined || matched === undefined
        ? null
        : { attack: ATTACK, fraction: recoveredByMatching(frequencies, matched) },
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
