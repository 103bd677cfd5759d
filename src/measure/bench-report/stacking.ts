/**
 * Moves positions along a line apart until neighbours are a gap away from each other, as little as possible (least
 * squares, by pooling those that would collide), and keeps them within the bounds where there is room.
 * @returns in the order of the positions
 */
export function spread(
  positions: readonly number[],
  gap: number,
  [low, high]: readonly [number, number],
): readonly number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]! || a - b);
  // Of each pool: where its first would be, on average over its members, and how many it has.
  const pools: { first: number; count: number }[] = [];
  for (const i of order) {
    let pool = { first: positions[i]!, count: 1 };
    let before = pools.at(-1);
    while (before !== undefined && pool.first < before.first + before.count * gap) {
      const count = before.count + pool.count;
      const shifted = pool.first - before.count * gap;
      const first = (before.first * before.count + shifted * pool.count) / count;
      pool = { first, count };
      pools.pop();
      before = pools.at(-1);
    }
    pools.push(pool);
  }
  const apart = pools.flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, k) => first + k * gap),
  );
  const within = clamped(apart, gap, low, high);
  const result: number[] = Array.from({ length: positions.length });
  for (const [place, i] of order.entries()) result[i] = within[place]!;
  return result;
}

/** Pushes ascending positions back from the upper bound, then from the lower one, which wins. */
function clamped(apart: readonly number[], gap: number, low: number, high: number): number[] {
  const result = [...apart];
  for (let i = result.length - 1, most = high; i >= 0; i--, most = result[i + 1]! - gap) {
    result[i] = Math.min(result[i]!, most);
  }
  for (let i = 0, least = low; i < result.length; i++, least = result[i - 1]! + gap) {
    result[i] = Math.max(result[i]!, least);
  }
  return result;
}
