import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather } from '../../../../src/client/seal/gather.ts';
import { randomPermutation } from '../../../../src/bytes/permutation.ts';
import { permuteBatch } from '../../../../src/client/seal/permutation.ts';
import { multiplyColumns } from '../../../../src/client/seal/product.ts';
import { rankColumn } from '../../../../src/client/seal/rank.ts';
import { decodeCanonical } from '../../../../src/table/canonical.ts';
import type { Batch, ColumnData } from '../../../../src/table/value.ts';

const ints = (cells: readonly (number | null)[]): ColumnData => ({
  kind: 'int',
  values: Float64Array.from(cells, (cell) => cell ?? 0),
  valid: Uint8Array.from(cells, (cell) => (cell === null ? 0 : 1)),
});
const bigs = (cells: readonly (bigint | null)[]): ColumnData => ({
  kind: 'big',
  values: cells.map((cell) => cell ?? 0n),
  valid: Uint8Array.from(cells, (cell) => (cell === null ? 0 : 1)),
});
const texts = (cells: readonly (string | null)[]): ColumnData => ({
  kind: 'text',
  values: cells.map((cell) => cell ?? ''),
  valid: Uint8Array.from(cells, (cell) => (cell === null ? 0 : 1)),
});
const cellsOf = ({ values, valid }: ColumnData): unknown[] =>
  Array.from(valid, (v, i) => (v === 0 ? null : values[i]));

describe('ranking', () => {
  const check = (
    column: ColumnData,
    type: 'integer' | 'text',
    value: (cell: unknown) => unknown,
  ): void => {
    const { keywords, codes, nulls } = rankColumn(column, type);
    const cells = cellsOf(column);
    expect(nulls).toBe(cells.filter((cell) => cell === null).length);
    cells.forEach((cell, row) => {
      if (cell === null) expect(codes[row]).toBe(-1);
      else expect(decodeCanonical(keywords[codes[row]!]!, type)).toEqual(value(cell));
    });
    const order = keywords.map((keyword) => Buffer.from(keyword).toString('hex'));
    expect(order).toEqual([...new Set(order)].sort());
  };

  it('numbers each distinct value in order', () => {
    const small = fc.option(fc.integer({ min: -5, max: 5 }));
    fc.assert(
      fc.property(fc.array(small), (cells) =>
        check(ints(cells), 'integer', (c) => BigInt(c as number)),
      ),
    );
    const large = fc.option(fc.constantFrom(0n, 1n, -1n, 1n << 70n, -(1n << 70n)));
    fc.assert(fc.property(fc.array(large), (cells) => check(bigs(cells), 'integer', (c) => c)));
    const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 3 }));
    fc.assert(fc.property(fc.array(text), (cells) => check(texts(cells), 'text', (c) => c)));
  });
});

describe('products', () => {
  it('are exact, whatever the sizes, and NULL counts as 0', () => {
    const cell = fc.option(fc.oneof(fc.integer(), fc.maxSafeInteger()));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const [x, y] = [rows.map(([a]) => a), rows.map(([, b]) => b)];
        const wanted = rows.map(([a, b]) => BigInt(a ?? 0) * BigInt(b ?? 0));
        const { values, maxAbs } = multiplyColumns([ints(x), ints(y)]);
        expect(Array.from(values as ArrayLike<number | bigint>, (v) => BigInt(v))).toEqual(wanted);
        expect(maxAbs).toBe(wanted.reduce((m, v) => (v > m ? v : -v > m ? -v : m), 0n));
        const mixed = multiplyColumns([
          bigs(x.map((a) => (a === null ? null : BigInt(a) * 2n ** 60n))),
          ints(y),
        ]);
        expect(Array.from(mixed.values, BigInt)).toEqual(wanted.map((v) => v * 2n ** 60n));
      }),
    );
  });
});

describe('placing rows', () => {
  it('a permutation holds every row once, and differs each time', () => {
    fc.assert(
      fc.property(fc.nat(300), (count) => {
        expect([...randomPermutation(count)].sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, i) => i),
        );
      }),
    );
    expect([...randomPermutation(100)]).not.toEqual([...randomPermutation(100)]);
  });

  it('puts each of 3 rows in each place about equally often', () => {
    const seen = Array.from({ length: 3 }, () => [0, 0, 0]);
    for (let i = 0; i < 3000; i++)
      randomPermutation(3).forEach((row, place) => (seen[row]![place]! += 1));
    // 1000 expected, standard deviation 26: eight of them.
    for (const count of seen.flat()) expect(Math.abs(count - 1000)).toBeLessThan(8 * 26);
  });

  it('keeps the cells of a row together', () => {
    const batch: Batch = {
      rows: 4,
      columns: [ints([1, null, 3, 4]), texts(['a', 'b', null, 'd'])],
    };
    const { columns } = permuteBatch(batch, Uint32Array.of(2, 0, 3, 1));
    expect(columns.map(cellsOf)).toEqual([
      [3, 1, 4, null],
      [null, 'a', 'd', 'b'],
    ]);
  });
});

describe('gathering', () => {
  it('regroups batches of any size, mixing safe and large integers', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 7 }), async (lengths, rows) => {
        let next = 0;
        const batches: Batch[] = lengths.map((length, i) => {
          const cells = Array.from({ length }, () => (next++ % 4 === 3 ? null : next));
          const column =
            i % 3 === 2 ? bigs(cells.map((c) => (c === null ? null : BigInt(c)))) : ints(cells);
          return { rows: length, columns: [column] };
        });
        const wanted = batches
          .flatMap(({ columns }) => cellsOf(columns[0]!))
          .map((c) => (c === null ? null : BigInt(c as number)));
        const out: Batch[] = [];
        for await (const batch of gather(
          (async function* () {
            yield* batches;
          })(),
          rows,
        ))
          out.push(batch);
        expect(out.slice(0, -1).every((batch) => batch.rows === rows)).toBe(true);
        expect(
          out
            .flatMap(({ columns }) => cellsOf(columns[0]!))
            .map((c) => (c === null ? null : BigInt(c as number))),
        ).toEqual(wanted);
      }),
    );
  });
});
