import fc from 'fast-check';
import { expect, it } from 'vitest';
import { place } from '../../../../src/run/cluster/placement.ts';

const id = fc.stringMatching(/^[0-9a-f]{32}$/);
const ids = (minLength: number, maxLength: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(id, { minLength, maxLength });

it('gives no worker more than its fair share, rounded up', () => {
  fc.assert(
    fc.property(ids(1, 300), ids(1, 9), (segments, workers) => {
      const placed = place(segments, workers);
      expect([...placed.keys()]).toEqual(segments);
      const loads = Map.groupBy(placed.values(), (worker) => worker);
      const share = Math.ceil(segments.length / workers.length);
      for (const [worker, load] of loads) {
        expect(workers).toContain(worker);
        expect(load.length).toBeLessThanOrEqual(share);
      }
    }),
  );
});

it('does not depend on the order in which workers are listed', () => {
  fc.assert(
    fc.property(ids(1, 100), ids(1, 9), (segments, workers) => {
      expect(place(segments, workers.toReversed())).toEqual(place(segments, workers));
    }),
  );
});

it('moves few segments but its own when a worker comes or goes', () => {
  const segments = Array.from({ length: 4000 }, (_, i) => `segment ${i}`);
  const workers = Array.from({ length: 20 }, (_, i) => `worker ${i}`);
  const before = place(segments, workers);
  for (const gone of [0, 7, 19]) {
    const after = place(
      segments,
      workers.filter((_, i) => i !== gone),
    );
    const moved = segments.filter((segment) => before.get(segment) !== after.get(segment)).length;
    // 200 of its own, and those that only the bound had sent elsewhere; anew it would be 3800.
    expect(moved).toBeGreaterThanOrEqual(200);
    expect(moved).toBeLessThan(800);
  }
});
