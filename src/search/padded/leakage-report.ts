import type { FurtherIndex } from '../../table/search-index.ts';
import type { RungProfile, RungReport } from '../leakage-rung.ts';
import { estimatePadded } from './estimate.ts';
import { baseOf } from './format.ts';
import { paddedLeakage } from './leakage.ts';

/** As the registry of rungs wants it. */
export function paddedReport(
  profile: RungProfile,
  { pad }: Extract<FurtherIndex, { readonly index: 'sse-padded' }>,
): RungReport {
  const base = baseOf(pad);
  return { leakage: paddedLeakage(profile, base), estimate: estimatePadded(profile, { base }) };
}
