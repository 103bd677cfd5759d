import { OpalineError } from '../errors/opaline-error.ts';
import type { Leakage } from '../plan/leakage.ts';
import type { FurtherIndex } from '../table/search-index.ts';
import type { ColumnType } from '../table/value.ts';
import { once } from './once.ts';
import type { RungEstimate } from './rung.ts';

/** What a query asks of one column's index over all segments, and the column's statistics. */
export interface RungProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** Rows of each value, NULL counted as one, if known: they add up to `rows`. */
  readonly frequencies?: readonly number[];
  /** Canonical bytes of the value of each frequency; undefined for NULL. */
  readonly values?: readonly (Uint8Array | undefined)[];
  readonly type?: ColumnType;
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
  /** The ranges asked for, if known. */
  readonly ranges?: readonly RangeEnds[];
}

/** Distinct keywords of a condition. */
export interface MatchTerms {
  readonly terms: number;
  /** Those of which every row that satisfies it has one (search/iex); 0 where there are no such. */
  readonly first: number;
}

/** As a range query has them; canonical bytes. */
export interface RangeEnds {
  readonly low?: { readonly value: Uint8Array; readonly inclusive: boolean };
  readonly high?: { readonly value: Uint8Array; readonly inclusive: boolean };
}

/** What the store learns by an index, and what it costs. */
export interface RungReport {
  readonly leakage: Leakage;
  readonly estimate: RungEstimate;
}

type Reporter<I extends FurtherIndex> = (profile: RungProfile, index: I) => RungReport;
type Reporters = { readonly [I in FurtherIndex as I['index']]?: () => Promise<Reporter<I>> };

/** A rung's `leakage` stands here once it is there, loaded by the first of its indexes that is asked. */
const REPORTERS: Reporters = {
  tag: once(async () => (await import('./tag/leakage-report.ts')).tagReport),
  ore: once(async () => (await import('./ore/leakage-report.ts')).oreReport),
  mitra: once(async () => (await import('./mitra/leakage.ts')).mitraReport),
  iex: once(async () => (await import('./iex/leakage.ts')).iexReport),
  'sse-padded': once(async () => (await import('./padded/leakage-report.ts')).paddedReport),
  smooth: once(async () => (await import('./smooth/leakage-report.ts')).smoothReport),
  pir: once(async () => (await import('./pir/leakage.ts')).pirReport),
};

export async function rungReport(index: FurtherIndex, profile: RungProfile): Promise<RungReport> {
  const load = REPORTERS[index.index] as (() => Promise<Reporter<FurtherIndex>>) | undefined;
  if (load === undefined) {
    throw new OpalineError('INTERNAL', { reason: `the index ${index.index} declares no leakage` });
  }
  const report = await load();
  return report(profile, index);
}
