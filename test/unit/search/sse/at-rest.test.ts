import { describe, expect, test } from 'vitest';
import { padSize, parseIndex } from '../../../../src/search/sse/format.ts';
import { layoutOf } from '../../../../src/search/sse/layout.ts';
import { build, columnOf, generator, type Cell } from './support.ts';

/** Cells in which value i has counts[i] rows, scattered by the seed; the rest is NULL. */
function scattered(rows: number, counts: readonly number[], seed: number): Cell[] {
  const next = generator(seed);
  const order = Array.from({ length: rows }, (_, i) => ({ i, at: next() }));
  order.sort((a, b) => a.at - b.at);
  const cells: Cell[] = Array.from({ length: rows }, () => null);
  let at = 0;
  counts.forEach((count, value) => {
    for (let k = 0; k < count; k++) cells[order[at++]!.i] = value;
  });
  return cells;
}

function recordsOf(rows: number, lists: readonly number[]): { small: number; large: number } {
  const layouts = lists.map((count) => layoutOf(count, rows));
  return {
    small: padSize(
      layouts.reduce((sum, layout) => sum + layout.small, 0),
      32,
    ),
    large: padSize(
      layouts.reduce((sum, layout) => sum + layout.large, 0),
      8,
    ),
  };
}

describe('the index at rest', () => {
  test('shows no value, no row list and no key', () => {
    const canary = (i: number): string => `CANARY-${i % 40}-${'x'.repeat(i % 7)}`;
    const cells = Array.from({ length: 3000 }, (_, i) => canary(i));
    const { part, key } = build([columnOf(1, cells)]);
    const latin = Buffer.from(part).toString('latin1');
    expect(latin).not.toContain('CANARY');
    expect(latin).not.toContain(Buffer.from(key).toString('latin1'));
    // Rows 0 to 2,999 in order, as words or as set bits, would be an unencrypted list.
    expect(latin).not.toContain('\xff'.repeat(8));
    expect(latin.slice(64)).not.toContain('\0'.repeat(8));
  });

  test('is uniform bytes: chi-squared of byte values within 6 sigma', () => {
    const { part } = build([
      columnOf(
        1,
        Array.from({ length: 20_000 }, (_, i) => i % 50),
      ),
    ]);
    const counts = new Float64Array(256);
    const body = part.subarray(64);
    for (const byte of body) counts[byte]! += 1;
    const mean = body.length / 256;
    const chi = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(Math.abs(chi - 255)).toBeLessThan(6 * Math.sqrt(2 * 255));
  });

  test('has the size that the numbers of records give, all lists taken together', () => {
    const rows = 4096;
    // Very different columns, whose lists take as many small and as many large records in all.
    const skews = [
      [1000, 24, 24, 24, 24],
      [24, 24, 24, 24, 1000],
      [1001, 23, 23, 25, 24],
    ];
    const sizes = skews.map((counts, seed) => {
      const nulls = rows - counts.reduce((sum, count) => sum + count, 0);
      const { part, index } = build([columnOf(1, scattered(rows, counts, seed), { range: false })]);
      expect({ small: index.small.count, large: index.large.count }).toEqual(
        recordsOf(rows, [...counts, nulls]),
      );
      return part.length;
    });
    expect(new Set(sizes).size).toBe(1);
  });

  test('does not show how many distinct values there are, but rounded', () => {
    const sizes = [900, 905, 912].map(
      (distinct) =>
        build([
          columnOf(
            1,
            Array.from({ length: 1000 }, (_, i) => i % distinct),
            { range: false },
          ),
        ]).part.length,
    );
    expect(new Set(sizes).size).toBe(1);
  });

  test('has one size of edge block a column, and as many as if no row were NULL', () => {
    const rows = 5000;
    const shapes = [
      Array.from({ length: rows }, (_, i) => i),
      Array.from({ length: rows }, (_, i) => (i % 9 < 6 ? null : i)),
      Array.from({ length: rows }, (_, i) => (i < 4000 ? 0 : i)),
    ].map((cells: Cell[]) => {
      const { sealed } = build([columnOf(1, cells, { equality: false })]).index;
      return sealed.map(({ count }) => count);
    });
    expect(shapes).toEqual([[5], [5], [5]]);
    // A column of NULLs looks like one of a single value.
    const [none, same] = [null, 5].map((cell) => {
      const cells = Array.from({ length: rows }, () => cell);
      const { sealed } = build([columnOf(1, cells)]).index;
      return sealed.map(({ count, stride }) => ({ count, stride }));
    });
    expect(none).toEqual(same);
  });

  test('a few enormous values do not multiply the size of the index', () => {
    const cells = Array.from({ length: 20_480 }, (_, i) => `v${i}`);
    const plain = build([columnOf(1, cells, { equality: false })]).part.length;
    const long = 'z'.repeat(400_000);
    cells[77] = long;
    const { part, index } = build([columnOf(1, cells, { equality: false })]);
    expect(part.length).toBeLessThan(2 * (plain + 2 * long.length));
    expect(index.sealed.reduce((sum, { count }) => sum + count, 0)).toBe(20);
  });

  test('of the same rows under another key shares no record', () => {
    const cells = Array.from({ length: 500 }, (_, i) => i % 10);
    const labels = [build([columnOf(1, cells)]), build([columnOf(1, cells)])].map(({ part }) => {
      const { bytes, stride, count } = parseIndex(part).small;
      return Array.from({ length: count }, (_, i) =>
        bytes.slice(i * stride, i * stride + 16).join(),
      );
    });
    expect(new Set(labels.flat()).size).toBe(labels.flat().length);
  });
});
