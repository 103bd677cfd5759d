import { OpalineError } from '../errors/opaline-error.ts';
import type { Leakage } from '../plan/leakage.ts';
import type { FurtherIndex } from '../table/search-index.ts';
import { iexReport } from './iex/leakage.ts';
import { mitraReport } from './mitra/leakage.ts';
import type { RungEstimate } from './rung.ts';

/** What a query asks of one column's index over all segments, and the column's statistics. */
export interface RungProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** Rows of each value, NULL counted as one, if known: they add up to `rows`. */
  readonly frequencies?: readonly number[];
  readonly use: RungUse;
}

export interface RungUse {
  readonly kind: 'keyword' | 'range' | 'match';
  /** Distinct keywords, or ranges, or conditions. */
  readonly asked: number;
  /** Rows of each keyword asked for, if known. */
  readonly matched?: readonly number[];
  /** Of conditions: each one's terms. */
  readonly conditions?: readonly MatchTerms[];
}

/** Distinct keywords of a condition. */
export interface MatchTerms {
  readonly terms: number;
  /** Those of which every row that satisfies it has one (search/iex); 0 where there are no such. */
  readonly first: number;
}

/** What the store learns by an index, and what it costs. */
export interface RungReport {
  readonly leakage: Leakage;
  readonly estimate: RungEstimate;
}

type Reporter<I extends FurtherIndex> = (profile: RungProfile, index: I) => RungReport;
type Reporters = { readonly [I in FurtherIndex as I['index']]?: Reporter<I> };

/** A rung's `leakage` stands here once it is there. */
const REPORTERS: Reporters = { mitra: mitraReport, iex: iexReport };

export function rungReport(index: FurtherIndex, profile: RungProfile): RungReport {
  const report = REPORTERS[index.index] as Reporter<FurtherIndex> | undefined;
  if (report === undefined) {
    throw new OpalineError('INTERNAL', { reason: `the index ${index.index} declares no leakage` });
  }
  return report(profile, index);
}
