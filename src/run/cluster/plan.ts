import type { Fragment } from '../../plan/fragment.ts';
import { FAN_IN } from './jobs.ts';
import { place } from './placement.ts';

/**
 * Jobs of one query in one worker's queue: enough to share out what a slow worker does not get to, and,
 * of many workers, so few that the queue and the sums of partial results keep up (bench/cluster).
 */
const JOBS_A_WORKER = { most: 16, least: 2, ofQuery: 8192 };

/**
 * Segments of a job, at least, where its worker has as many: the partial sums of many groups are megabytes, and to
 * send one out, store and add it up costs about half of what evaluating a segment does (bench/cluster).
 */
const LEAST_SEGMENTS = 3;

function jobsAWorker(workers: number): number {
  const { most, least, ofQuery } = JOBS_A_WORKER;
  return Math.max(least, Math.min(most, Math.floor(ofQuery / workers)));
}

/** The tree of a query's jobs. */
export type PlannedJob =
  | { readonly kind: 'leaf'; readonly worker: string; readonly fragment: Fragment }
  | { readonly kind: 'node'; readonly children: readonly PlannedJob[] };

/**
 * Share a fragment out: each segment to the worker that has it, a worker's segments in a few
 * leaves, and nodes above them until one is left.
 */
export function planJobs(fragment: Fragment, workers: readonly string[]): PlannedJob {
  const shares = new Map<string, Fragment['segments'][number][]>();
  const ids = fragment.segments.map(({ segment }) => segment);
  const placed = place(ids, workers);
  for (const segment of fragment.segments) {
    const worker = placed.get(segment.segment)!;
    const share = shares.get(worker);
    if (share === undefined) shares.set(worker, [segment]);
    else share.push(segment);
  }
  const leaves: PlannedJob[] = [];
  for (const [worker, segments] of shares) {
    const shared = Math.ceil(segments.length / jobsAWorker(workers.length));
    const size = Math.max(Math.min(LEAST_SEGMENTS, segments.length), shared);
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
