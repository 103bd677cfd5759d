import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { inferSchema, openSource } from '../../../../src/client/ingest/file.ts';
import { isOpalineError } from '../../../../src/errors/opaline-error.ts';
import { parseSchema, schemaToJson } from '../../../../src/table/schema-json.ts';
import { failure, refusal, rowsOf, table, vector, withFile, type Cells } from './support.ts';

const file = (name: string): string => vector(`parquet/${name}.parquet`);

/** Rows and types of a vector, under the schema inferred from it. */
async function readInferred(path: string): Promise<{ types: string[]; rows: Cells[] }> {
  const source = await openSource(path);
  const schema = await inferSchema(source);
  const types = schema.columns.map(({ type, scale }) => (scale === 0 ? type : `${type} ${scale}`));
  return { types, rows: await rowsOf(source.batches(schema)) };
}

describe('reading Parquet', () => {
  it.each(['types-v1-snappy', 'types-v1-gzip', 'types-v1-lz4', 'types-v2-zstd', 'types-v2-brotli'])(
    '%s holds what its writer put into CSV',
    async (name) => {
      const source = await openSource(file(name));
      const schema = await inferSchema(source);
      const csv = await openSource(vector('parquet/types.csv'));
      expect(schemaToJson(schema)).toEqual(
        schemaToJson(await inferSchema(csv, { table: schema.table })),
      );
      const rows = await rowsOf(source.batches(schema, { batchRows: 64 }));
      expect(rows.length).toBe(300);
      expect(rows).toEqual(await rowsOf(csv.batches(schema)));
    },
  );

  it('converts to the types of a given schema as CSV would', async () => {
    const schema = table({
      id: 'text',
      flag: 'integer',
      tiny: { type: 'decimal', scale: 3 },
      unsigned_small: 'real',
      unsigned_int: { type: 'decimal', scale: 1 },
      big: 'text',
      unsigned_big: 'text',
      decimal_4_1: { type: 'decimal', scale: 6 },
      decimal_9_2: 'text',
      decimal_18_3: { type: 'decimal', scale: 4 },
      decimal_38_10: { type: 'decimal', scale: 18 },
      whole: 'integer',
      single: 'real',
      quarters: { type: 'decimal', scale: 2 },
      wide: 'text',
      day: 'timestamp',
      instant: 'text',
      millis: 'text',
      nanos: 'timestamp',
      zoned: 'timestamp',
      word: 'document',
      uuid: 'text',
    });
    // Booleans are no integers, in either format.
    const flags = { ...(schemaToJson(schema) as { columns: object }) };
    flags.columns = { ...flags.columns, flag: { type: 'text', nullable: true } };
    const text = parseSchema(flags);
    const source = await openSource(file('types-v1-snappy'));
    expect(await refusal(() => rowsOf(source.batches(schema)))).toBe('VALUE_INVALID 2 flag');
    const rows = await rowsOf(source.batches(text));
    expect(rows[1]!.slice(0, 8)).toEqual([
      '2',
      'false',
      null,
      526,
      42949672930n,
      '9223372034854775793',
      '18446744073709551613',
      -14800000n,
    ]);
    expect(rows[1]!.slice(8, 17)).toEqual([
      '-1827159.16',
      -1827160477385000n,
      -1827160477382716047721827160477200000000n,
      -148000001036n,
      0.2,
      -450n,
      '2.8108220814391768e-129',
      -694828n * 86_400_000_000n,
      '0067-08-16 08:00:00.000001',
    ]);
  });

  it('reads the encodings and annotations of other writers', async () => {
    const { types, rows } = await readInferred(file('encodings'));
    expect(types).toEqual(['integer', 'decimal 3', 'decimal 1', 'text', 'timestamp', 'integer']);
    const start = BigInt(Date.UTC(2001, 1, 3, 4, 5, 6, 789)) * 1000n;
    const expected = Array.from({ length: 40 }, (_, i) => [
      BigInt(i),
      BigInt(i * 125 - 2000),
      BigInt(i),
      i % 6 === 2 ? null : `word ${i % 4}`,
      start + BigInt(i * 37) * 86_400_000_000n,
      BigInt(-i * i),
    ]);
    expect(rows).toEqual(expected);
    const converted = await readInferred(file('converted'));
    expect(converted.rows).toEqual(expected.map(([id, , ...rest]) => [id, ...rest]));
    const int96 = await readInferred(file('int96'));
    expect(int96.types).toEqual(['timestamp']);
    expect(int96.rows).toEqual(
      expected.map(([, , , , at], i) => [i % 5 === 1 ? null : (at as bigint) + 12n]),
    );
  });

  it('fills batches across row groups, up to the limit, and reports progress', async () => {
    const schema = table({ digit: 'integer', id: 'integer' });
    const source = await openSource(file('groups'));
    const expected = Array.from({ length: 6000 }, (_, i) => [
      i % 4096 < 2048 ? BigInt(i % 10) : null,
      BigInt(i),
    ]);
    for (const [options, sizes] of [
      [{ batchRows: 2500 }, [2500, 2500, 1000]],
      [{ batchRows: 3000, rowLimit: 4000 }, [3000, 1000]],
      [{}, [6000]],
    ] as const) {
      const shares: (number | undefined)[] = [];
      const onProgress = (_: number, share: number | undefined): void => void shares.push(share);
      const found: number[] = [];
      const rows: Cells[] = [];
      for await (const batch of source.batches(schema, { ...options, onProgress })) {
        found.push(batch.rows);
        rows.push(...(await rowsOf(one(batch))));
      }
      expect(found).toEqual(sizes);
      expect(rows).toEqual(expected.slice(0, rows.length));
      expect(shares.length).toBeGreaterThan(1);
      expect(shares.at(-1)).toBe(1);
    }
  });

  it('knows empty files and empty columns', async () => {
    expect(await readInferred(file('no-rows'))).toEqual({ types: ['integer'], rows: [] });
    expect(await readInferred(file('all-null'))).toEqual({
      types: ['real'],
      rows: [[null], [null]],
    });
  });

  it.each<[string, string]>([
    ['nested', 'INPUT_MALFORMED 0 list'],
    ['time', 'INPUT_MALFORMED 0 clock'],
    ['twice', 'INPUT_MALFORMED 0'],
    ['blob', 'INPUT_MALFORMED 1 b'],
    ['nan', 'VALUE_INVALID 2 x'],
    ['sub-micro', 'VALUE_INVALID 1 t'],
  ])('refuses %s with %s', async (name, expected) => {
    expect(await refusal(() => readInferred(file(name)))).toBe(expected);
  });

  it('names columns that file and schema do not share', async () => {
    const source = await openSource(file('groups'));
    const missing = table({ id: 'integer', digit: 'integer', more: 'text' });
    expect(await refusal(() => rowsOf(source.batches(missing)))).toBe('SCHEMA_MISMATCH');
    const fewer = table({ id: 'integer' });
    expect(await refusal(() => rowsOf(source.batches(fewer)))).toBe('UNKNOWN_COLUMN digit');
  });

  it('says what is wrong with a file that is no Parquet', async () => {
    const bytes = await readFile(file('groups'));
    for (const broken of [
      '',
      'PAR1',
      'id,digit\n1,2\n',
      bytes.subarray(0, 9000),
      bytes.subarray(9),
    ]) {
      const error = await withFile('t.parquet', broken, (path) =>
        failure(() => readInferred(path)),
      );
      expect(error.code).toBe('INPUT_MALFORMED');
      expect(error.message).toMatch(/^malformed input/);
    }
  });

  it('survives damage anywhere: rows or a refusal, never another error', async () => {
    const seen = new Set<string>();
    for (const name of ['int96', 'converted', 'all-null', 'encodings']) {
      const bytes = await readFile(file(name));
      const step = Math.max(1, Math.floor(bytes.length / 25));
      for (let at = 0; at < bytes.length; at += step) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 1 << (at % 8);
        const outcome = await withFile('t.parquet', damaged, (path) =>
          readInferred(path).then(
            () => 'rows',
            (error: unknown) => {
              if (!isOpalineError(error)) throw error;
              return error.code;
            },
          ),
        );
        seen.add(outcome);
      }
    }
    expect([...seen]).toContain('INPUT_MALFORMED');
    for (const outcome of seen) {
      expect([
        'rows',
        'INPUT_MALFORMED',
        'VALUE_INVALID',
        'SCHEMA_INVALID',
        'INPUT_EMPTY',
      ]).toContain(outcome);
    }
  });

  it('stops with ABORTED, before and in the middle', async () => {
    const path = vector('../../node_modules/vega-datasets/data/flights-3m.parquet');
    const source = await openSource(path);
    const signal = AbortSignal.abort();
    expect(await refusal(() => inferSchema(source, { signal }))).toBe('ABORTED');
    const schema = table({
      date: 'timestamp',
      delay: 'integer',
      distance: 'integer',
      origin: 'text',
      destination: 'text',
    });
    const controller = new AbortController();
    let batches = 0;
    const run = async (): Promise<void> => {
      for await (const batch of source.batches(schema, { signal: controller.signal })) {
        expect(batch.rows).toBe(65_536);
        batches++;
        controller.abort();
      }
    };
    expect(await refusal(run)).toBe('ABORTED');
    // Those decoded already are handed out; the next window is not begun.
    expect(batches).toBeLessThan(9);
  });
});

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item;
}
