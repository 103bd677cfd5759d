import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fragment } from '../../../../src/plan/fragment.ts';
import { planJobs, type PlannedJob } from '../../../../src/run/cluster/plan.ts';
import { preferred } from '../../../../src/run/cluster/registry.ts';

const id = fc.stringMatching(/^[0-9a-f]{32}$/);
const ids = (minLength: number, maxLength: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(id, { minLength, maxLength });

const fragmentOf = (segments: readonly string[]): Fragment => ({
  version: 1,
  table: '0'.repeat(32),
  epoch: 3,
  work: { kind: 'rows' },
  segments: segments.map((segment) => ({
    segment,
    nodes: [],
    filter: 0,
    groups: [],
    counts: [],
    sums: [],
    tallies: [],
    members: [],
  })),
});

type Leaf = Extract<PlannedJob, { kind: 'leaf' }>;
const leavesOf = (job: PlannedJob): Leaf[] =>
  job.kind === 'leaf' ? [job] : job.children.flatMap(leavesOf);
const nodesOf = (job: PlannedJob): PlannedJob[] =>
  job.kind === 'leaf' ? [] : [job, ...job.children.flatMap(nodesOf)];

it('plans each segment once, at the worker that prefers it, under one root', () => {
  fc.assert(
    fc.property(ids(1, 600), ids(1, 9), (segments, workers) => {
      const root = planJobs(fragmentOf(segments), workers);
      expect(root.kind).toBe('node');
      const leaves = leavesOf(root);
      const planned = leaves.flatMap(({ worker, fragment }) =>
        fragment.segments.map(({ segment }) => ({ segment, worker })),
      );
      expect(planned.map(({ segment }) => segment).sort()).toEqual([...segments].sort());
      for (const { segment, worker } of planned) expect(worker).toBe(preferred(segment, workers));
      for (const { fragment } of leaves) {
        expect(fragment).toMatchObject({ table: '0'.repeat(32), epoch: 3, work: { kind: 'rows' } });
      }
    }),
    { numRuns: 60 },
  );
});

it('keeps leaves a worker and children a node few, and no node empty', () => {
  fc.assert(
    fc.property(ids(1, 1000), ids(1, 40), (segments, workers) => {
      const root = planJobs(fragmentOf(segments), workers);
      const perWorker = Map.groupBy(leavesOf(root), ({ worker }) => worker);
      for (const leaves of perWorker.values()) expect(leaves.length).toBeLessThanOrEqual(16);
      for (const node of nodesOf(root)) {
        if (node.kind !== 'node') continue;
        expect(node.children.length).toBeGreaterThan(0);
        expect(node.children.length).toBeLessThanOrEqual(16);
      }
    }),
    { numRuns: 30 },
  );
});

it('moves no segment but its own when a worker comes or goes', () => {
  fc.assert(
    fc.property(ids(1, 200), ids(2, 9), (segments, workers) => {
      const [gone, ...left] = workers;
      for (const segment of segments) {
        const before = preferred(segment, workers);
        if (before !== gone) expect(preferred(segment, left)).toBe(before);
        // In whatever order they are listed.
        expect(preferred(segment, [...workers].reverse())).toBe(before);
      }
    }),
  );
});

it('shares segments out about evenly', () => {
  const workers = ['a', 'b', 'c', 'd'];
  const counts = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    const worker = preferred(`segment ${i}`, workers);
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  }
  // A fair coin of four sides: five standard deviations are 137.
  for (const worker of workers) expect(Math.abs(counts.get(worker)! - 1000)).toBeLessThan(137);
});
