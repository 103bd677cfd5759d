import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fragment } from '../../../../src/plan/fragment.ts';
import { planJobs, type PlannedJob } from '../../../../src/run/cluster/plan.ts';
import { place } from '../../../../src/run/cluster/placement.ts';

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

it('plans each segment once, where it is placed, under one root', () => {
  fc.assert(
    fc.property(ids(1, 600), ids(1, 9), (segments, workers) => {
      const root = planJobs(fragmentOf(segments), workers);
      expect(root.kind).toBe('node');
      const leaves = leavesOf(root);
      const planned = leaves.flatMap(({ worker, fragment }) =>
        fragment.segments.map(({ segment }) => ({ segment, worker })),
      );
      expect(planned.map(({ segment }) => segment).sort()).toEqual([...segments].sort());
      const placed = place(segments, workers);
      for (const { segment, worker } of planned) expect(worker).toBe(placed.get(segment));
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

it('gives a query on very many workers fewer jobs each', () => {
  const workers = Array.from({ length: 1000 }, (_, i) => `worker ${i}`);
  const segments = Array.from({ length: 16_000 }, (_, i) => `segment ${i}`);
  const leaves = leavesOf(planJobs(fragmentOf(segments), workers));
  for (const of of Map.groupBy(leaves, ({ worker }) => worker).values()) {
    expect(of.length).toBeLessThanOrEqual(8);
  }
});
