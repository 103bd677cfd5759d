import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ReadOptions } from '../../../../src/client/ingest/reading.ts';
import { batchesFromRows, type Row } from '../../../../src/client/ingest/rows.ts';
import { refusal, rowsOf, table, type Cells } from './support.ts';

const ALL = table({
  n: 'integer',
  d: { type: 'decimal', scale: 2 },
  r: 'real',
  b: 'boolean',
  day: 'date',
  at: 'timestamp',
  w: 'text',
});
const read = (
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: ReadOptions = {},
): Promise<Cells[]> => rowsOf(batchesFromRows(ALL, rows, options));
const one = async (row: Row): Promise<Cells> => (await read([row]))[0]!;

describe('batchesFromRows', () => {
  it('takes every kind of cell', async () => {
    const instant = new Date('2001-02-03T04:05:06.789Z');
    const row = { n: 1, d: 2.5, r: -0, b: true, day: new Date('1970-01-02'), at: instant, w: 'x' };
    expect(await one(row)).toEqual([1n, 250n, 0, 1n, 1n, 981173106789000n, 'x']);
    const texts = {
      n: '1',
      d: '2.5',
      r: '0.5',
      b: 'f',
      day: '1970-01-02',
      at: '1970-01-01',
      w: '',
    };
    expect(await one(texts)).toEqual([1n, 250n, 0.5, 0n, 1n, 0n, '']);
    expect(await one({ n: 10n ** 30n, d: -5n, b: 1, w: 7n })).toEqual([
      10n ** 30n,
      -500n,
      null,
      1n,
      null,
      null,
      '7',
    ]);
    expect(await one({ n: null, d: undefined })).toEqual(ALL.columns.map(() => null));
    expect(await one({ d: 1e-2, r: 1e300, w: 0.1 })).toEqual([
      null,
      1n,
      1e300,
      null,
      null,
      null,
      '0.1',
    ]);
    expect(await one({ d: Number.MAX_SAFE_INTEGER })).toEqual(
      expect.arrayContaining([900719925474099100n]),
    );
  });

  it.each<[string, Row]>([
    ['VALUE_INVALID 1 n', { n: 1.5 }],
    ['VALUE_INVALID 1 n', { n: 2 ** 53 }],
    ['VALUE_INVALID 1 n', { n: Number.NaN }],
    ['VALUE_INVALID 1 n', { n: '' }],
    ['VALUE_INVALID 1 n', { n: new Date(0) }],
    ['VALUE_INVALID 1 n', { n: [1] }],
    ['VALUE_INVALID 1 n', { n: () => 1 }],
    ['VALUE_INVALID 1 n', { n: Symbol('1') }],
    ['VALUE_INVALID 1 d', { d: 0.001 }],
    ['VALUE_INVALID 1 d', { d: 1e21 }],
    ['VALUE_INVALID 1 r', { r: Infinity }],
    ['VALUE_INVALID 1 b', { b: 2 }],
    ['VALUE_INVALID 1 day', { day: new Date('1970-01-02T00:00:01Z') }],
    ['VALUE_INVALID 1 day', { day: 5 }],
    ['VALUE_INVALID 1 at', { at: new Date(Number.NaN) }],
    ['VALUE_INVALID 1 at', { at: new Date(8.64e15) }],
    ['VALUE_INVALID 1 at', { at: 0 }],
    ['VALUE_INVALID 1 w', { w: {} }],
    ['VALUE_INVALID 1 w', { w: new Date(0) }],
    ['VALUE_INVALID 1 w', { w: '\udc00' }],
    ['FIELD_TOO_LARGE 1 w', { w: 'x'.repeat(2 ** 20 + 1) }],
    ['UNKNOWN_COLUMN x', { n: 1, x: 1 }],
    ['UNKNOWN_COLUMN __proto__', JSON.parse('{"__proto__":1}') as Row],
  ])('refuses with %s', async (expected, row) => {
    expect(await refusal(() => read([row]))).toBe(expected);
  });

  it('gives the number of the row, and refuses what is no row', async () => {
    const rows = [{ n: 1 }, { n: 2 }, { n: 'x' }];
    expect(await refusal(() => read(rows))).toBe('VALUE_INVALID 3 n');
    for (const row of [null, 1, [], 'n']) {
      expect(await refusal(() => read([{ n: 1 }, row as unknown as Row]))).toBe(
        'INPUT_MALFORMED 2',
      );
    }
  });

  it('makes full batches from iterables and streams, up to the limit', async () => {
    async function* slow(): AsyncGenerator<Row> {
      for (const row of numbers(25)) {
        if (row['n'] === 7) await sleep(1);
        yield row;
      }
    }
    for (const source of [() => numbers(25), slow, () => Readable.from(slow())]) {
      const sizes: number[] = [];
      for await (const { rows } of batchesFromRows(ALL, source(), { batchRows: 10 }))
        sizes.push(rows);
      expect(sizes).toEqual([10, 10, 5]);
      expect((await read(source(), { batchRows: 10, rowLimit: 12 })).length).toBe(12);
    }
  });

  it('closes the source when the reader fails or leaves', async () => {
    let closed = 0;
    async function* source(): AsyncGenerator<Row> {
      try {
        yield { n: 1 };
        yield { n: 'x' };
      } finally {
        closed++;
      }
    }
    expect(await refusal(() => read(source()))).toBe('VALUE_INVALID 2 n');
    expect(closed).toBe(1);
    for await (const batch of batchesFromRows(ALL, source(), { batchRows: 1, rowLimit: 1 })) {
      expect(batch.rows).toBe(1);
    }
    expect(closed).toBe(2);
  });

  it('passes on what the source throws, as it is', async () => {
    const failure = new Error('the source failed');
    async function* source(): AsyncGenerator<Row> {
      yield { n: 1 };
      throw failure;
    }
    await expect(read(source())).rejects.toBe(failure);
  });

  it('stops with ABORTED before the first row, in a busy loop, and while the source hangs', async () => {
    expect(await refusal(() => read(numbers(1), { signal: AbortSignal.abort() }))).toBe('ABORTED');
    expect(await refusal(() => read(numbers(Infinity), { signal: AbortSignal.timeout(20) }))).toBe(
      'ABORTED',
    );
    async function* hanging(): AsyncGenerator<Row> {
      yield { n: 1 };
      await new Promise(() => {});
    }
    const started = performance.now();
    expect(await refusal(() => read(hanging(), { signal: AbortSignal.timeout(20) }))).toBe(
      'ABORTED',
    );
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

function* numbers(count: number): Generator<Row> {
  for (let n = 0; n < count; n++) yield { n };
}
