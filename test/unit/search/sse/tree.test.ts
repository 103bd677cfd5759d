import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blocksOf,
  coverBlocks,
  levelsOf,
  nodesAt,
  type RangeNode,
} from '../../../../src/search/sse/tree.ts';

function storedNodes(blocks: number): RangeNode[] {
  return Array.from({ length: levelsOf(blocks) }, (_, level) =>
    Array.from({ length: nodesAt(level, blocks) }, (_, index) => ({ level, index })),
  ).flat();
}

function spanOf({ level, index }: RangeNode, blocks: number): [number, number] {
  return [index * 2 ** level, Math.min(blocks, (index + 1) * 2 ** level)];
}

/** Fewest stored nodes that partition [from, to): shortest path over block positions. */
function fewest(from: number, to: number, blocks: number): number {
  const best = new Map([[from, 0]]);
  const nodes = storedNodes(blocks).map((node) => spanOf(node, blocks));
  for (let at = from; at < to; at++) {
    const steps = best.get(at);
    if (steps === undefined) continue;
    for (const [start, end] of nodes) {
      if (start === at && end <= to) best.set(end, Math.min(best.get(end) ?? 1e9, steps + 1));
    }
  }
  return best.get(to)!;
}

const spans = fc
  .integer({ min: 1, max: 40 })
  .chain((blocks) =>
    fc.tuple(
      fc.constant(blocks),
      fc.integer({ min: 0, max: blocks }),
      fc.integer({ min: 0, max: blocks }),
    ),
  );

describe('the dyadic tree over blocks', () => {
  test('a cover is exact, of stored nodes, disjoint and the smallest', () => {
    fc.assert(
      fc.property(spans, ([blocks, a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const cover = coverBlocks(from, to, blocks);
        const covered = cover.flatMap((node) => {
          expect(node.index).toBeLessThan(nodesAt(node.level, blocks));
          const [start, end] = spanOf(node, blocks);
          return Array.from({ length: end - start }, (_, i) => start + i);
        });
        const wanted = Array.from({ length: to - from }, (_, i) => from + i);
        expect(covered.toSorted((x, y) => x - y)).toEqual(wanted);
        if (from < to) expect(cover.length).toBe(fewest(from, to, blocks));
      }),
      { numRuns: 500 },
    );
  });

  test('every stored node but the leaves has two children with blocks in them', () => {
    for (let blocks = 0; blocks <= 260; blocks += blocks < 20 ? 1 : 7) {
      const nodes = storedNodes(blocks);
      expect(nodes.length).toBe(Math.max(0, 2 * blocks - 1));
      for (const { level, index } of nodes) {
        if (level > 0) expect((2 * index + 1) * 2 ** (level - 1)).toBeLessThan(blocks);
      }
    }
  });

  test('a full segment has 256 blocks in 9 levels', () => {
    expect(blocksOf(2 ** 18)).toBe(256);
    expect(levelsOf(256)).toBe(9);
    expect([levelsOf(0), levelsOf(1), levelsOf(2), levelsOf(3)]).toEqual([0, 1, 2, 3]);
  });
});
