import type { Fragment } from '../../plan/fragment.ts';
import { preferred } from './registry.ts';

/** Children that one node adds up. */
const FAN_IN = 16;
/** Jobs of one query in one worker's queue: enough to share out, few enough to be cheap. */
const JOBS_A_WORKER = 16;

/** The tree of a query's jobs. */
export type PlannedJob =
  | { readonly kind: 'leaf'; readonly worker: string; readonly fragment: Fragment }
  | { readonly kind: 'node'; readonly children: readonly PlannedJob[] };

/**
 * Share a fragment out: each segment to the worker that prefers it, a worker's segments in a few
 * leaves, and nodes above them until one is left.
 */
export function planJobs(fragment: Fragment, workers: readonly string[]): PlannedJob {
  const shares = new Map<string, Fragment['segments'][number][]>();
  for (const segment of fragment.segments) {
    const worker = preferred(segment.segment, workers);
    const share = shares.get(worker);
    if (share === undefined) shares.set(worker, [segment]);
    else share.push(segment);
  }
  const leaves: PlannedJob[] = [];
  for (const [worker, segments] of shares) {
    const size = Math.ceil(segments.length / JOBS_A_WORKER);
    for (let from = 0; from < segments.length; from += size) {
      const share = { ...fragment, segments: segments.slice(from, from + size) };
      leaves.push({ kind: 'leaf', worker, fragment: share });
    }
  }
  let level = leaves;
  do {
    const above: PlannedJob[] = [];
    for (let from = 0; from < level.length; from += FAN_IN) {
      above.push({ kind: 'node', children: level.slice(from, from + FAN_IN) });
    }
    level = above;
  } while (level.length > 1);
  return level[0]!;
}
