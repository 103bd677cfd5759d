import type { Leakage } from '../../plan/leakage.ts';
import type { ColumnLists } from '../column-lists.ts';

export interface PaddedProfile extends ColumnLists {
  readonly column: string;
  /** How many keywords, or conditions of keywords, are asked for. */
  readonly use: { readonly asked: number };
}

/** Two lists at most: the longer is half of all cells, so every segment's index is read whole. */
const READ_WHOLE = 2;

/**
 * What the store sees of a padded index: the query equality pattern, and with powers (a `base` that is not 0) the
 * logarithm of the volume (Patel–Persiano–Yeo–Yung 2019: a volume-hiding leakage function is the one without it).
 *
 * Expected recovery is null where a lookup shows repetition: what an attacker makes of the frequency of queries
 * (Oya–Kerschbaum, "Hiding the Access Pattern is Not Enough", USENIX Security 2021) depends on which are asked, and
 * is measured. It is 0 where not even that is shown.
 */
export function paddedLeakage(profile: PaddedProfile, base: number): Leakage {
  const { column, rows, segments, frequencies } = profile;
  const whole = base === 0 && frequencies !== undefined && frequencies.length <= READ_WHOLE;
  return {
    node: `lookup in ${column}`,
    index: 'sse-padded',
    atRest: [
      `${rows} rows in ${segments === 1 ? '1 segment' : `${segments} segments`}, and when each was appended`,
      `the number of cells that all lists of ${column} take, rounded up, that of the longest list, and their size`,
    ],
    onQuery: [
      ...(whole ? [`that ${column} was looked up, not for what`] : repetition(profile, base)),
      'which rows were found only when they are then summed, fetched, or counted with other conditions or in groups',
    ],
    expectedRecovery: whole
      ? { attack: 'any, from lookups alone: they are all alike', fraction: 0 }
      : null,
  };
}

function repetition({ column, use }: PaddedProfile, base: number): string[] {
  const keywords = use.asked === 1 ? 'one keyword' : `${use.asked} keywords`;
  const seen = [
    `that ${keywords} of ${column} were looked up, without name, rows or volume, and whether the same were before`,
  ];
  if (base !== 0) {
    seen.push(
      `how long each list is in cells, to the next power of ${base}; none is as short as one`,
    );
  }
  return seen;
}
