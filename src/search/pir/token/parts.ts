import { equalBytes } from '../../../bytes/compare.ts';
import type { Record } from '../records.ts';
import type { Place } from './keywords.ts';

/**
 * What each part carries, found by its tag in its two buckets or on the stash; undefined where it is in none.
 * `records` are those of places[0]'s two buckets, then of places[1]'s, and so on.
 */
export function partsOf(
  places: readonly Place[],
  records: readonly (readonly Record[])[],
  stash: readonly Record[],
): (Uint8Array | undefined)[] {
  return places.map(({ tag }, i) => {
    const there = [...records[2 * i]!, ...records[2 * i + 1]!, ...stash];
    return there.find((record) => equalBytes(record.tag, tag))?.content;
  });
}
