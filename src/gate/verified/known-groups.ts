import { OpalineError } from '../../errors/opaline-error.ts';
import type { AggregateWork, GroupReply } from '../../plan/fragment.ts';
import type { Selection } from '../../run/evaluate/selection.ts';
import { addSparse, NO_COUNTS } from '../../run/evaluate/tally.ts';

/**
 * The groups of all segments with their counts and tallies, added up; no sums.
 * @throws GROUP_LIMIT
 */
export function addSelections(
  { counts: asked, maxGroups }: AggregateWork,
  selections: readonly Selection[],
): GroupReply[] {
  const groups = new Map<string, GroupReply>();
  for (const { groups: split, counts, tallies } of selections) {
    split.keys.forEach((key, g) => {
      const id = key.join();
      const before = groups.get(id);
      if (before === undefined && groups.size >= maxGroups) {
        throw new OpalineError('GROUP_LIMIT', { groups: groups.size + 1, limit: maxGroups });
      }
      const own = counts[g]!;
      groups.set(id, {
        key,
        counts: Array.from({ length: asked }, (_, i) => (before?.counts[i] ?? 0) + own[i]!),
        tallies: addSparse(before?.tallies ?? NO_COUNTS, tallies[g]!),
        sums: [],
      });
    });
  }
  return [...groups.values()];
}
