import type { Leakage } from '../../plan/leakage.ts';
import type { RungProfile, RungReport } from '../leakage-rung.ts';
import type { RungEstimate } from '../rung.ts';
import { recoveredByMatching } from '../sse/leakage.ts';
import { ENTRY_BYTES, LABEL_BYTES, PAYLOAD_BYTES } from './format.ts';

const ATTACK =
  'volume matching, exact histogram known, once the rows found are fetched (Cash et al. 2015; Naveed–Kamara–Wright 2015)';

/** What a query tells the store by a column's index, and what it costs; of a document's postings little is known. */
export function mitraReport({ column, rows, segments, frequencies, use }: RungProfile): RungReport {
  const known = frequencies !== undefined && use.matched !== undefined;
  const found = sum(use.matched ?? []);
  return {
    leakage: mitraLeakage({
      column,
      rows,
      segments,
      keywords: use.asked,
      ...(known && { frequencies, matched: use.matched! }),
    }),
    estimate: estimateMitra({
      segments,
      postings: frequencies === undefined ? rows : sum(frequencies),
      matched: found,
      ...(frequencies && { frequencies }),
    }),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

export interface MitraProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** Keywords looked up. */
  readonly keywords: number;
  /** Rows of every keyword, and of each one looked up, if known. */
  readonly frequencies?: readonly number[];
  readonly matched?: readonly number[];
}

/** What the store sees of a column's mitra index at rest and by a lookup. */
export function mitraLeakage(profile: MitraProfile): Leakage {
  const { column, rows, segments, keywords, frequencies, matched } = profile;
  const terms = keywords === 1 ? 'the keyword' : `the ${keywords} keywords together`;
  return {
    node: `lookup in ${column}`,
    index: 'mitra',
    atRest: [
      `${rows} rows in ${segments === 1 ? '1 segment' : `${segments} segments`}, and when each was appended`,
      'how many postings each segment has, rounded up',
      'when changes were made, and of how many postings, rounded up; not which, nor whether they add or delete',
    ],
    onQuery: [
      `how many entries ${terms} of ${column} have in each batch of changes: when they were changed (backward privacy of type II)`,
      'whether the same was asked before, and that a keyword has no entry in a segment where nothing is asked',
      'not which rows were found, nor deleted; fetching or aggregating rows afterwards shows those',
    ],
    // The formula is for rows that are found and then shown, which the lookup alone does not do.
    expectedRecovery:
      frequencies === undefined || matched === undefined
        ? null
        : { attack: ATTACK, fraction: recoveredByMatching(frequencies, matched) },
  };
}

/** What one batch of changes shows, besides what is at rest. */
export const mitraUpdateLeakage: readonly string[] = [
  'that some postings changed, and how many, rounded up: not of which keywords or rows (forward privacy)',
];

export interface MitraStatistics {
  readonly segments: number;
  /** Over all segments, changes included. */
  readonly postings: number;
  /** Entries of one lookup, over all segments. */
  readonly matched: number;
  readonly frequencies?: readonly number[];
}

/** What an index costs: one entry of 24 bytes a posting; 12 bytes up and 12 down for each entry of a lookup. */
export function estimateMitra(statistics: MitraStatistics): RungEstimate {
  const { segments, postings, matched, frequencies } = statistics;
  return {
    // A frame and two words a segment.
    bytes: postings * ENTRY_BYTES + segments * 24,
    bytesUp: matched * LABEL_BYTES,
    bytesDown: matched * PAYLOAD_BYTES,
    rounds: 1,
    recovery:
      frequencies === undefined
        ? null
        : { attack: ATTACK, fraction: recoveredByMatching(frequencies, frequencies) },
  };
}
