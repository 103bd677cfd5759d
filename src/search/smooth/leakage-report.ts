import type { RungProfile, RungReport } from '../leakage-rung.ts';
import { estimateSmooth } from './estimate.ts';
import { smoothLeakage } from './leakage.ts';

/** As the registry of rungs wants it. */
export function smoothReport(profile: RungProfile): RungReport {
  return { leakage: smoothLeakage(profile), estimate: estimateSmooth(profile) };
}
