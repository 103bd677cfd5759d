import { describe, expect, test } from 'vitest';
import { assign } from '../../../../src/measure/attacks/assignment.ts';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';

/** The least sum of costs, by trying everything. */
function leastCost(cost: Float64Array, rows: number, columns: number): number {
  const from = (row: number, used: number): number => {
    if (row === rows) return 0;
    let least = Infinity;
    for (let c = 0; c < columns; c++) {
      if (((used >> c) & 1) === 1) continue;
      least = Math.min(least, cost[row * columns + c]! + from(row + 1, used | (1 << c)));
    }
    return least;
  };
  return from(0, 0);
}

const costOf = (cost: Float64Array, columns: number, chosen: Int32Array): number =>
  chosen.reduce((sum, column, row) => (column < 0 ? sum : sum + cost[row * columns + column]!), 0);

describe('the linear assignment solver', () => {
  test('finds the least cost, ties, negative costs and rectangles included', () => {
    const random = new SeededRandom(1);
    for (let run = 0; run < 400; run++) {
      const rows = 1 + random.below(6);
      const columns = rows + random.below(3);
      const cost = Float64Array.from({ length: rows * columns }, () => random.below(9) - 4);
      const chosen = assign(cost, rows, columns);
      expect(new Set(chosen).size).toBe(rows);
      expect(costOf(cost, columns, chosen)).toBe(leastCost(cost, rows, columns));
    }
  });

  test('leaves the dearest rows without a column where there are too few', () => {
    const random = new SeededRandom(2);
    for (let run = 0; run < 100; run++) {
      const columns = 1 + random.below(4);
      const rows = columns + 1 + random.below(3);
      const cost = Float64Array.from({ length: rows * columns }, () => random.uniform());
      const turned = Float64Array.from({ length: rows * columns }, (_, i) => {
        return cost[(i % rows) * columns + Math.floor(i / rows)]!;
      });
      const chosen = assign(cost, rows, columns);
      expect(chosen.filter((column) => column < 0)).toHaveLength(rows - columns);
      expect(costOf(cost, columns, chosen)).toBeCloseTo(leastCost(turned, columns, rows), 10);
    }
  });

  test('matches sorted points in their order at n = 500', () => {
    const random = new SeededRandom(3);
    const n = 500;
    const points = Array.from({ length: n }, () => random.uniform()).toSorted((a, b) => a - b);
    const moved = points.map((point) => point + 3);
    const order = random.permutation(n);
    const cost = new Float64Array(n * n);
    order.forEach((point, row) => {
      moved.forEach((to, column) => {
        cost[row * n + column] = (points[point]! - to) ** 2;
      });
    });
    expect([...assign(cost, n, n)]).toEqual(order);
  });

  test('of nothing is nothing', () => {
    expect(assign(new Float64Array(0), 0, 0)).toHaveLength(0);
    expect(assign(new Float64Array(0), 0, 3)).toHaveLength(0);
    expect([...assign(new Float64Array(0), 2, 0)]).toEqual([-1, -1]);
  });
});
