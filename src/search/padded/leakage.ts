import type { Leakage } from '../../plan/leakage.ts';

export interface PaddedProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** Keywords that are asked for. */
  readonly keywords: number;
  /** 0: every reply is as long; else replies are of powers of it. */
  readonly base: number;
  /** True where every segment's index is read whole, as those of few keywords are. */
  readonly whole?: boolean;
}

/**
 * What the store sees of a padded index: the query equality pattern, and with powers the logarithm of the volume
 * (Patel–Persiano–Yeo–Yung 2019, section 3: a volume-hiding leakage function is the one without it).
 *
 * Expected recovery is null where a lookup shows nothing but repetition: what an attacker makes of the frequency of
 * queries (Oya–Kerschbaum, "Hiding the Access Pattern is Not Enough", USENIX Security 2021) depends on which
 * queries are asked, and is measured. 0 where not even that is shown.
 */
export function paddedLeakage(profile: PaddedProfile): Leakage {
  const { column, segments } = profile;
  return {
    node: `lookup in ${column}`,
    index: 'sse-padded',
    atRest: [
      `${profile.rows} rows in ${segments === 1 ? '1 segment' : `${segments} segments`}, and when each was appended`,
      `the number of cells that all lists of ${column} take, rounded up, and that of the longest list`,
    ],
    onQuery: onQuery(profile),
    expectedRecovery:
      profile.whole === true
        ? { attack: 'any, from lookups alone: they are all alike', fraction: 0 }
        : null,
  };
}

function onQuery({ column, keywords, base, whole }: PaddedProfile): string[] {
  if (whole === true) return [`that ${column} was looked up, not for what or for how much`];
  const seen = [
    `${keywords === 1 ? 'one keyword' : `${keywords} keywords`} of ${column}, without rows: whether the same was asked before`,
  ];
  if (base !== 0) {
    seen.push(`how long the list of each is in cells, to the next power of ${base}; 1 for none`);
  }
  return seen;
}
