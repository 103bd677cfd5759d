import type { Fragment } from '../plan/fragment.ts';

/** Row sets of a fragment, over all segments: one takes at most tenths of a millisecond. */
const LIGHT_SETS = 64;

/**
 * Whether a fragment asks for a few lists alone, nothing of ciphertexts and of groups: with its indexes in memory,
 * it takes less time than to tell another thread of it.
 */
export function isLight({ work, segments }: Fragment): boolean {
  if (work.kind === 'members') return false;
  if (work.kind === 'aggregate' && (work.outputs.length > 0 || work.tallies > 0)) return false;
  const sets = segments.reduce((sum, { nodes, counts }) => sum + nodes.length + counts.length, 0);
  if (sets > LIGHT_SETS) return false;
  return segments.every(
    ({ nodes, groups }) => groups.length === 0 && nodes.every(({ kind }) => kind !== 'lookup'),
  );
}
