import { describe, expect, test } from 'vitest';
import { limitIndexes } from '../../../src/client/write/index-limits.ts';
import { SEGMENT_ROWS } from '../../../src/table/manifest.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';
import type { Batch, ColumnData } from '../../../src/table/value.ts';

const schema = parseSchema({
  version: 1,
  table: 't',
  columns: {
    code: { type: 'integer', nullable: true, search: 'tag' },
    amount: { type: 'integer', nullable: true, search: 'ore' },
  },
});

const whole = (rows: number, value: (row: number) => number): ColumnData => ({
  kind: 'int',
  values: Float64Array.from({ length: rows }, (_, row) => value(row)),
  valid: new Uint8Array(rows).fill(1),
});

const big = (...values: bigint[]): ColumnData => ({
  kind: 'big',
  values,
  valid: new Uint8Array(values.length).fill(1),
});

const batchOf = (rows: number, code: (row: number) => number): Batch => ({
  rows,
  columns: [whole(rows, code), whole(rows, () => 0)],
});

/** Rows that came through, and the error that ended them. */
async function read(
  batches: readonly Batch[],
  created: boolean,
): Promise<{ rows: number; error?: unknown }> {
  let rows = 0;
  try {
    for await (const batch of limitIndexes(schema, created, from(batches))) rows += batch.rows;
  } catch (error) {
    return { rows, error };
  }
  return { rows };
}

async function* from(batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

const refusal = (column: string, needs: string): unknown => ({
  error: expect.objectContaining({
    code: 'CAPABILITY_MISSING',
    details: expect.objectContaining({
      column,
      needs: expect.stringContaining(needs) as string,
    }) as object,
  }) as object,
});

describe('the values of a new table', () => {
  const half = SEGMENT_ROWS / 2;

  test('are judged by the first segment alone, as soon as it is full', async () => {
    const many = batchOf(half, (row) => row % 3000);
    const one = batchOf(half, () => 7);
    expect(await read([many, many, one, one], true)).toEqual({ rows: 4 * half });
    const few = batchOf(half, (row) => row % 2000);
    expect(await read([few, few, many], true)).toMatchObject({
      rows: half,
      ...(refusal('"code"', '2048 distinct values') as object),
    });
    expect(await read([many, one, many], true)).toMatchObject({
      rows: half,
      ...(refusal('"code"', 'an eighth') as object),
    });
  });

  test('are judged at the end where there are fewer, NULL being one of them', async () => {
    const nulls = { ...whole(900, (row) => row % 200), valid: new Uint8Array(900).fill(1) };
    nulls.valid.fill(0, 0, 200);
    const batch = { rows: 900, columns: [nulls, whole(900, () => 0)] };
    expect(await read([batch], true)).toMatchObject(
      refusal('"code"', 'one has 200 of 900') as object,
    );
    expect(await read([batchOf(900, (row) => row % 200)], true)).toEqual({ rows: 900 });
    expect(await read([], true)).toEqual({ rows: 0 });
    expect(await read([batchOf(3, () => 1)], true)).toEqual({ rows: 3 });
  });
});

describe('values that are appended', () => {
  test('may repeat as they like', async () => {
    expect(await read([batchOf(5000, () => 1)], false)).toEqual({ rows: 5000 });
  });

  test('need codes of 64 bits for an ore index', async () => {
    const limit = 2n ** 63n;
    const rows = (...values: bigint[]): Batch => ({
      rows: values.length,
      columns: [whole(values.length, (row) => row), big(...values)],
    });
    expect(await read([rows(limit - 1n, 1n - limit)], false)).toEqual({ rows: 2 });
    for (const beyond of [limit, -limit]) {
      for (const created of [true, false]) {
        expect(await read([rows(0n), rows(1n, beyond)], created)).toMatchObject({
          rows: 1,
          ...(refusal('"amount"', '±2^63') as object),
        });
      }
    }
  });
});
