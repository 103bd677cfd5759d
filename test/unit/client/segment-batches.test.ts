import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { limitIndexes } from '../../../src/client/write/index-limits.ts';
import { pairsInBatch, segmentBatches } from '../../../src/client/write/segment-batches.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';
import type { Batch } from '../../../src/table/value.ts';

const [MOST_ROWS, MOST_PAIRS] = [12, 20];
vi.mock('../../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  SEGMENT_ROWS: 12,
}));
vi.mock('../../../src/search/iex/size.ts', async (original) => ({
  ...(await original<object>()),
  SEGMENT_PAIRS: 20,
  MAX_KEYWORDS: 9,
}));

const document = { type: 'document', nullable: true } as const;
const schema = parseSchema({
  version: 1,
  table: 't',
  columns: {
    note: { ...document, search: 'iex' },
    other: { ...document, search: ['sse', 'iex'] },
    third: { ...document, search: 'mitra' },
  },
});

type Row = readonly (readonly number[] | null)[];
const textOf = (words: readonly number[]): string => words.map((w) => `word${w}`).join(' ');
const batchOf = (rows: readonly Row[]): Batch => ({
  rows: rows.length,
  columns: schema.columns.map((_, c) => ({
    kind: 'text',
    values: rows.map((row) => textOf(row[c] ?? [])),
    valid: Uint8Array.from(rows, (row) => (row[c] === null ? 0 : 1)),
  })),
});

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const cell = fc.option(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 9 }));
const row = fc.tuple(cell, cell, cell);
const batches = fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 5 });

/** Pairs of a row in its fullest column that pairs keywords. */
const pairs = (of: readonly Row[], column: number): number =>
  of.reduce((sum, cells) => {
    const k = new Set(cells[column] ?? []).size;
    return sum + (k * (k - 1)) / 2;
  }, 0);

describe('segments of a table whose keywords are paired', () => {
  test('hold every row in order, and end just where the next one would be too many', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const rows = given.flat();
        const made = await collect(segmentBatches(schema, from(given.map(batchOf))));
        const [note] = batchOf(rows).columns;
        expect(made.flatMap(({ columns }) => [...columns[0]!.values])).toEqual([...note!.values]);
        expect(made.flatMap(({ columns }) => [...columns[0]!.valid])).toEqual([...note!.valid]);
        let at = 0;
        for (const batch of made) {
          const own = rows.slice(at, (at += batch.rows));
          const most = Math.max(pairs(own, 0), pairs(own, 1));
          expect(pairsInBatch(schema, batch)).toBe(most);
          expect(batch.rows).toBeLessThanOrEqual(MOST_ROWS);
          if (batch.rows > 1) expect(most).toBeLessThanOrEqual(MOST_PAIRS);
          if (at === rows.length) continue;
          const more = [...own, rows[at]!];
          const larger = Math.max(pairs(more, 0), pairs(more, 1));
          expect(more.length > MOST_ROWS || larger > MOST_PAIRS).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('are as large as any without such an index', async () => {
    const { columns } = schema;
    const plain = { ...schema, columns: [columns[2]!, columns[2]!, columns[2]!] };
    const full: Row = [[1, 2, 3, 4, 5, 6, 7], [], []];
    const made = await collect(
      segmentBatches(plain, from([batchOf(Array.from({ length: 30 }, () => full))])),
    );
    expect(made.map(({ rows }) => rows)).toEqual([12, 12, 6]);
    expect(pairsInBatch(plain, made[0]!)).toBe(0);
  });
});

test('a document of more keywords than can be paired is refused as it is read', async () => {
  const fits: Row = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9], null, null];
  const large: Row = [null, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], null];
  const elsewhere: Row = [null, null, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]];
  for (const created of [true, false]) {
    const taken = limitIndexes(schema, created, from([batchOf([fits, elsewhere])]));
    expect(await collect(taken)).toHaveLength(1);
    const refused = limitIndexes(schema, created, from([batchOf([fits]), batchOf([fits, large])]));
    await expect(collect(refused)).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
      details: {
        operation: 'an iex index',
        column: '"other"',
        needs: 'documents of at most 9 distinct keywords: declare "mitra" or "sse"',
      },
    });
  }
});
