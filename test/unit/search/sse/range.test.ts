import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBoundaries,
  encodeBoundaries,
  type ColumnBoundaries,
} from '../../../../src/search/sse/boundaries.ts';
import { lookupSealed } from '../../../../src/search/sse/eval.ts';
import { edgeLabel, openEdge, rangeCover } from '../../../../src/search/sse/token.ts';
import {
  answerRange,
  build,
  canonical,
  columnOf,
  expectRows,
  generator,
  refusal,
  rowsWhere,
  type Built,
  type Cell,
  type Limits,
} from './support.ts';

interface End {
  readonly value: number;
  readonly inclusive: boolean;
}

interface Interval {
  readonly low?: End;
  readonly high?: End;
}

function holds(cell: Cell, { low, high }: Interval): boolean {
  if (typeof cell !== 'number') return false;
  if (low && !(cell > low.value || (low.inclusive && cell === low.value))) return false;
  return !(high && !(cell < high.value || (high.inclusive && cell === high.value)));
}

function limitsOf({ low, high }: Interval): Limits {
  return {
    ...(low && { low: { ...low, value: canonical(low.value) } }),
    ...(high && { high: { ...high, value: canonical(high.value) } }),
  };
}

function check(built: Built, cells: readonly Cell[], interval: Interval): void {
  const { rows, cover } = answerRange(built, 4, 0, limitsOf(interval));
  expectRows(
    rows,
    rowsWhere(cells, (cell) => holds(cell, interval)),
  );
  expect(cover.edges.length).toBeLessThanOrEqual(2);
  expect(cover.nodes.length).toBeLessThanOrEqual(16);
}

const end = (values: fc.Arbitrary<number>): fc.Arbitrary<End | undefined> =>
  fc.option(fc.record({ value: values, inclusive: fc.boolean() }), { nil: undefined });
const intervals = (values: fc.Arbitrary<number>): fc.Arbitrary<Interval> =>
  fc
    .record({ low: end(values), high: end(values) })
    .map(({ low, high }) => ({ ...(low && { low }), ...(high && { high }) }));

describe('ranges', () => {
  test.each<[string, number, (next: () => number, row: number) => Cell]>([
    ['one row', 1, () => 5],
    ['one NULL', 1, () => null],
    ['a hundred rows', 100, (next) => (next() % 40) - 20],
    ['exactly one block', 1024, (next) => (next() % 40) - 20],
    ['one row more than a block', 1025, (next) => (next() % 40) - 20],
    ['values that straddle blocks', 5000, (next) => (next() % 4) * 10 - 20],
    ['one value only', 3000, () => 7],
    ['all NULL', 3000, () => null],
    ['half NULL', 6000, (next) => (next() % 2 === 0 ? null : (next() % 40) - 20)],
    ['distinct values in row order', 5121, (_, row) => row - 20],
    ['one rare value among a common one', 9000, (next) => (next() % 3000 === 0 ? 1 : 0)],
  ])('%s: answer as plain arrays do', (_, rows, cellOf) => {
    const next = generator(rows);
    const cells = Array.from({ length: rows }, (_, row) => cellOf(next, row));
    const built = build([columnOf(4, cells, { equality: false })]);
    fc.assert(
      fc.property(intervals(fc.integer({ min: -22, max: 22 })), (interval) =>
        check(built, cells, interval),
      ),
      { numRuns: 60 },
    );
  });

  test('over 2^16 rows, with ends that fall on values, between them and beyond them', () => {
    const next = generator(1);
    const cells = Array.from({ length: 70_001 }, (): Cell => {
      const draw = next() % 5;
      return draw === 0 ? null : draw === 1 ? 500 : next() % 100_000;
    });
    const built = build([columnOf(4, cells)]);
    const values = fc.oneof(
      fc.integer({ min: -10, max: 100_010 }),
      fc.constantFrom(499, 500, 501, 0, 99_999),
      fc.constantFrom(...cells.slice(0, 50).filter((cell) => typeof cell === 'number')),
    );
    fc.assert(
      fc.property(intervals(values), (interval) => check(built, cells, interval)),
      { numRuns: 20 },
    );
  });

  test('text and other columns of the same segment keep apart', () => {
    const next = generator(2);
    const words = Array.from({ length: 2500 }, () =>
      'abcdef'.charAt(next() % 6).repeat(next() % 9),
    );
    const ages = words.map(() => next() % 90);
    const built = build([columnOf(1, words), columnOf(4, ages)]);
    const low = { value: canonical('b'), inclusive: true };
    const high = { value: canonical('dd'), inclusive: false };
    expect(answerRange(built, 1, 0, { low, high }).rows).toEqual(
      rowsWhere(words, (word) => word! >= 'b' && word! < 'dd'),
    );
    const young = { high: { value: canonical(30), inclusive: true } };
    expect(answerRange(built, 4, 1, young).rows).toEqual(
      rowsWhere(ages, (age) => Number(age) <= 30),
    );
  });

  test('an empty range touches nothing, and a full one only the root', () => {
    const cells = Array.from({ length: 4000 }, (_, i) => i % 100);
    const { boundaries } = build([columnOf(4, cells)]);
    const cover = (interval: Interval): unknown => {
      const { low, high } = limitsOf(interval);
      return rangeCover(boundaries[0]!, low, high);
    };
    const at = (value: number, inclusive: boolean): End => ({ value, inclusive });
    const nothing = { nodes: [], edges: [] };
    expect(cover({ low: at(60, true), high: at(50, true) })).toEqual(nothing);
    expect(cover({ low: at(50, true), high: at(50, false) })).toEqual(nothing);
    expect(cover({ low: at(100, true) })).toEqual(nothing);
    expect(cover({ high: at(0, false) })).toEqual(nothing);
    const root = { nodes: [{ level: 2, index: 0 }], edges: [] };
    expect(cover({})).toEqual(root);
    expect(cover({ low: at(0, true), high: at(99, true) })).toEqual(root);
  });

  test('a range fetches no more edge blocks than it has ends, whatever the ties', () => {
    // 1, then 2 over three whole blocks and two parts of blocks, then 3.
    const cells = Array.from({ length: 6000 }, (_, i) => (i < 500 ? 1 : i < 4300 ? 2 : 3));
    const { boundaries } = build([columnOf(4, cells)]);
    const two = { value: canonical(2), inclusive: true };
    expect(rangeCover(boundaries[0]!, two, two)).toEqual({
      nodes: expect.arrayContaining([
        { level: 0, index: 1 },
        { level: 1, index: 1 },
      ]),
      edges: [0, 4],
    });
  });
});

describe('sealed edge blocks', () => {
  const cells = Array.from({ length: 3000 }, (_, i) => (i * 7) % 1000);
  const built = build([columnOf(4, cells), columnOf(5, cells)]);
  const seal = (id: number, block: number): Uint8Array =>
    lookupSealed(built.index, edgeLabel(built.key, id, block))!;

  test('hold the values of their ranks, ascending, with their rows', () => {
    const ranked = cells.map((cell, row) => ({ cell, row }));
    ranked.sort((a, b) => a.cell - b.cell || a.row - b.row);
    const { values, starts, rows } = openEdge(built.key, 4, 1, seal(4, 1));
    const expected = ranked.slice(1024, 2048);
    expect([...rows]).toEqual(expected.map(({ row }) => row));
    const perRow = values.flatMap((value, i) =>
      Array.from({ length: starts[i + 1]! - starts[i]! }, () => value),
    );
    expect(perRow).toEqual(expected.map(({ cell }) => canonical(cell)));
  });

  test('open at no other place, under no other key, and not when altered', () => {
    const sealed = seal(4, 1);
    const open = (key: Uint8Array, id: number, block: number, bytes: Uint8Array): unknown =>
      refusal(() => openEdge(key, id, block, bytes));
    const flipped = sealed.slice();
    flipped[40]! ^= 1;
    expect(open(built.key, 4, 1, sealed)).toBe(undefined);
    expect(open(built.key, 4, 2, sealed)).toBe('BYTES_INVALID');
    expect(open(built.key, 5, 1, sealed)).toBe('BYTES_INVALID');
    expect(open(new Uint8Array(32), 4, 1, sealed)).toBe('BYTES_INVALID');
    expect(open(built.key, 4, 1, flipped)).toBe('BYTES_INVALID');
    expect(open(built.key, 4, 1, sealed.slice(0, 20))).toBe('BYTES_INVALID');
    expect(open(built.key, 4, 1, seal(4, 0))).toBe('BYTES_INVALID');
  });

  test('are not found at labels of others', () => {
    expect(lookupSealed(built.index, edgeLabel(built.key, 4, 3))).toBe(undefined);
    expect(lookupSealed(built.index, edgeLabel(built.key, 6, 0))).toBe(undefined);
    expect(lookupSealed(built.index, new Uint8Array(16))).toBe(undefined);
    expect(refusal(() => lookupSealed(built.index, new Uint8Array(15)))).toBe('BYTES_INVALID');
  });
});

describe('boundaries', () => {
  const some: ColumnBoundaries = {
    first: [canonical(-5), canonical(3)],
    last: [canonical(3), canonical(900)],
  };

  test('survive encoding', () => {
    for (const boundaries of [some, { first: [], last: [] }]) {
      expect(decodeBoundaries(encodeBoundaries(boundaries))).toEqual(boundaries);
    }
  });

  test('are refused when truncated, trailed or out of order', () => {
    const bytes = encodeBoundaries(some);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decodeBoundaries(bytes.slice(0, length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => decodeBoundaries(Uint8Array.of(...bytes, 0)))).toBe('BYTES_INVALID');
    const swapped = encodeBoundaries({ first: some.last, last: some.first });
    expect(refusal(() => decodeBoundaries(swapped))).toBe('BYTES_INVALID');
  });
});
