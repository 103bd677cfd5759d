import type { RungProfile, RungReport } from '../leakage-rung.ts';
import { estimateTags, tagLeakage } from './leakage.ts';

/** As the registry of rungs wants it. */
export function tagReport(
  { column, rows, segments, frequencies, use }: RungProfile,
  { bits }: { readonly bits?: number },
): RungReport {
  const profile = {
    column,
    rows,
    segments,
    asked: use.asked,
    ...(bits !== undefined && { bits }),
    ...(frequencies && { frequencies }),
  };
  return { leakage: tagLeakage(profile), estimate: estimateTags(profile) };
}
