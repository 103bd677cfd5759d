import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildIndex } from '../../../../src/search/sse/build.ts';
import { lookupPosting } from '../../../../src/search/sse/eval.ts';
import { nullToken, valueToken, valueTokens } from '../../../../src/search/sse/token.ts';
import {
  build,
  canonical,
  columnOf,
  expectRows,
  generator,
  refusal,
  rowsWhere,
  type Cell,
} from './support.ts';

const numbers: fc.Arbitrary<Cell> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer(),
  fc.constant(null),
);
const texts: fc.Arbitrary<Cell> = fc.oneof(
  fc.constantFrom('', 'a', 'aa', 'b'),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constant(null),
);

describe('equality and IS NULL', () => {
  test('answer as plain arrays do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(numbers, texts), { minLength: 1, maxLength: 300 }),
        fc.boolean(),
        (table, range) => {
          const columns = [0, 1].map((i) => table.map((row) => row[i]!));
          const built = build([
            columnOf(7, columns[0]!, { range }),
            columnOf(300, columns[1]!, { range: !range }),
          ]);
          const { index, key } = built;
          columns.forEach((cells, i) => {
            const id = [7, 300][i]!;
            for (const cell of new Set(cells)) {
              const token =
                cell === null ? nullToken(key, id) : valueToken(key, id, canonical(cell));
              expectRows(
                lookupPosting(index, token).toArray(),
                rowsWhere(cells, (other) => other === cell),
              );
            }
          });
          const absent = canonical(i32Absent(columns[0]!));
          expect(lookupPosting(index, valueToken(key, 7, absent)).count).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([1, 2, 33, 1025, 70_000])('lists of every length in %i rows', (rows) => {
    // Value v has about 2^v rows, so that lists of one record, of many and bitmaps are all there.
    const next = generator(rows);
    const cells: Cell[] = Array.from({ length: rows }, () => 31 - Math.clz32(1 + (next() % rows)));
    const { index, key } = build([columnOf(1, cells)]);
    const values = [...new Set(cells)].map((cell) => cell as number);
    const tokens = valueTokens(key, 1, values.map(canonical));
    values.forEach((value, i) => {
      expectRows(
        lookupPosting(index, tokens[i]!).toArray(),
        rowsWhere(cells, (cell) => cell === value),
      );
    });
  });

  test('values without a row are not indexed, nor are columns without equality', () => {
    const built = build([
      {
        ...columnOf(1, [5, 5, null]),
        values: [3, 5, 9].map(canonical),
        codes: Int32Array.of(1, 1, -1),
      },
      columnOf(2, [5, 5, 6], { equality: false }),
    ]);
    const count = (id: number, value: number): number =>
      lookupPosting(built.index, valueToken(built.key, id, canonical(value))).count;
    expect([count(1, 3), count(1, 5), count(1, 9), count(2, 5)]).toEqual([0, 2, 0, 0]);
    expect(lookupPosting(built.index, nullToken(built.key, 2)).count).toBe(0);
  });

  test('a token of one segment, column or kind finds nothing in another', () => {
    const cells = [1, 2, 2, null, 3, null];
    const one = build([columnOf(1, cells), columnOf(2, cells)]);
    const other = build([columnOf(1, cells)]);
    const count = (key: Uint8Array, id: number): number =>
      lookupPosting(one.index, valueToken(key, id, canonical(2))).count;
    expect([count(one.key, 1), count(one.key, 2), count(one.key, 3)]).toEqual([2, 2, 0]);
    expect([count(other.key, 1), count(other.key, 2)]).toEqual([0, 0]);
    expect(lookupPosting(other.index, nullToken(one.key, 1)).count).toBe(0);
    expect(lookupPosting(one.index, nullToken(one.key, 1)).count).toBe(2);
    // NULL is not the empty text.
    const text = build([columnOf(1, ['', null, null])]);
    expect(lookupPosting(text.index, valueToken(text.key, 1, new Uint8Array(0))).count).toBe(1);
  });

  test('a malformed token is refused', () => {
    const { index } = build([columnOf(1, [1])]);
    for (const length of [0, 16, 31, 33]) {
      expect(refusal(() => lookupPosting(index, new Uint8Array(length)))).toBe('BYTES_INVALID');
    }
  });

  test('columns that are not as announced are refused', () => {
    const column = columnOf(1, [1, 2, null]);
    const key = randomBytes(32);
    const refused = (change: object, rows = 3, by = key): string | undefined =>
      refusal(() => buildIndex(by, rows, [{ ...column, ...change }]));
    expect(refused({})).toBe(undefined);
    expect(refused({ codes: Int32Array.of(0, 2, -1) })).toBe('INTERNAL');
    expect(refused({ codes: Int32Array.of(0, -3, -1) })).toBe('INTERNAL');
    expect(refused({ values: column.values.toReversed() })).toBe('INTERNAL');
    expect(refused({ values: [column.values[0], column.values[0]], range: false })).toBe(
      'INTERNAL',
    );
    expect(refused({ id: 65_536 })).toBe('INTERNAL');
    expect(refused({}, 4)).toBe('INTERNAL');
    expect(refused({}, 0)).toBe('INTERNAL');
    expect(refused({}, 3, new Uint8Array(16))).toBe('INTERNAL');
    expect(refusal(() => buildIndex(key, 3, [column, column]))).toBe('INTERNAL');
  });
});

function i32Absent(cells: readonly Cell[]): number {
  let candidate = 1e6;
  while (cells.includes(candidate)) candidate++;
  return candidate;
}
