import { OpalineError } from '../errors/opaline-error.ts';
import type { Leakage } from '../plan/leakage.ts';
import type { FurtherIndex } from '../table/search-index.ts';
import type { ColumnType } from '../table/value.ts';
import { oreReport } from './ore/leakage-report.ts';
import { iexReport } from './iex/leakage.ts';
import { mitraReport } from './mitra/leakage.ts';
import { pirReport } from './pir/leakage.ts';
import type { RungEstimate } from './rung.ts';
import { tagReport } from './tag/leakage-report.ts';
import { estimatePadded } from './padded/estimate.ts';
import { baseOf } from './padded/format.ts';
import { paddedLeakage } from './padded/leakage.ts';
import { estimateSmooth } from './smooth/estimate.ts';
import { smoothLeakage } from './smooth/leakage.ts';

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
  /** The ranges asked for, if known. */
  readonly ranges?: readonly RangeEnds[];
  /** Of conditions: their terms, and how many of them come first (iex), over all. */
  readonly terms?: number;
  readonly first?: number;
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
type Reporters = { readonly [I in FurtherIndex as I['index']]?: Reporter<I> };

/** A rung's `leakage` stands here once it is there. */
const REPORTERS: Reporters = {
  tag: tagReport,
  ore: oreReport,
  mitra: mitraReport,
  iex: iexReport,
  'sse-padded': (profile, { pad }) => ({
    leakage: paddedLeakage(profile, baseOf(pad)),
    estimate: estimatePadded(profile, { base: baseOf(pad) }),
  }),
  smooth: (profile) => ({ leakage: smoothLeakage(profile), estimate: estimateSmooth(profile) }),
  pir: pirReport,
};

export function rungReport(index: FurtherIndex, profile: RungProfile): RungReport {
  const report = REPORTERS[index.index] as Reporter<FurtherIndex> | undefined;
  if (report === undefined) {
    throw new OpalineError('INTERNAL', { reason: `the index ${index.index} declares no leakage` });
  }
  return report(profile, index);
}
