import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeItems, type Items, type Placement } from '../../../../src/search/pir/build/cuckoo.ts';
import { bucketsFor } from '../../../../src/search/pir/records.ts';
import { generator } from '../sse/support.ts';

function check({ sizes, candidates }: Items, capacity: number, placement: Placement): void {
  const seen = new Uint8Array(sizes.length);
  let elsewhere = 0;
  placement.buckets.forEach((items, bucket) => {
    let used = 0;
    for (const item of items) {
      seen[item]! += 1;
      used += sizes[item]!;
      if (candidates[2 * item] !== bucket && candidates[2 * item + 1] !== bucket) elsewhere++;
    }
    expect(used).toBeLessThanOrEqual(capacity);
  });
  for (const item of placement.stash) seen[item]! += 1;
  expect(elsewhere).toBe(0);
  expect(seen.every((times) => times === 1)).toBe(true);
}

describe('cuckoo hashing', () => {
  test('puts every item into one of its buckets, or on the stash, however crowded', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }).chain((buckets) =>
          fc.record({
            buckets: fc.constant(buckets),
            items: fc.array(
              fc.tuple(
                fc.integer({ min: 1, max: 40 }),
                fc.nat({ max: buckets - 1 }),
                fc.nat({ max: buckets - 1 }),
              ),
              { maxLength: 60 },
            ),
          }),
        ),
        ({ buckets, items }) => {
          const given = {
            sizes: Uint16Array.from(items, ([size]) => size),
            candidates: Uint32Array.from(items.flatMap(([, a, b]) => [a, b])),
          };
          check(given, 40, placeItems(given, buckets, 40));
        },
      ),
    );
  });

  test.each([
    ['of one size', 496, (): number => 13],
    ['of one size in small buckets', 112, (): number => 13],
    [
      'mostly short, some as long as a bucket',
      496,
      (next: () => number): number => {
        const draw = next() % 1000;
        return draw < 5 ? 200 + (next() % 297) : 11 + (next() % 12);
      },
    ],
  ])('fills buckets to the load that layouts count on: items %s', (_, capacity, size) => {
    const next = generator(5);
    const sizes = Array.from({ length: 20_000 }, () => size(next));
    const bytes = sizes.reduce((sum, one) => sum + one, 0);
    const buckets = Math.ceil(bucketsFor(bytes, sizes.length, capacity));
    const items = {
      sizes: Uint16Array.from(sizes),
      candidates: Uint32Array.from({ length: 2 * sizes.length }, () => next() % buckets),
    };
    const placement = placeItems(items, buckets, capacity);
    check(items, capacity, placement);
    expect(placement.stash).toEqual([]);
  });
});
