/** Files that a page is given, read with csv-parse's build for browsers, and Parquet with codecs in JavaScript. */
import { describe, expect, it } from 'vitest';
import { blobSource } from '../../../src/client/ingest/blob-source.web.ts';
import type { Source } from '../../../src/client/ingest/source.ts';
import { parseSchema, schemaToJson } from '../../../src/table/schema-json.ts';
import type { Schema } from '../../../src/table/schema.ts';

const SCHEMA = parseSchema({
  version: 1,
  table: 't',
  columns: { id: { type: 'integer' }, name: { type: 'text', nullable: true } },
});

async function read(content: string | Uint8Array, name = 't.csv'): Promise<unknown> {
  const rows: unknown[][] = [];
  try {
    const source = blobSource(new Blob([content as BlobPart]), name);
    for await (const batch of source.batches(SCHEMA, { batchRows: 1000 })) {
      for (let row = 0; row < batch.rows; row++) {
        rows.push(
          batch.columns.map(({ values, valid }) => (valid[row] === 0 ? null : values[row])),
        );
      }
    }
    return rows;
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { line?: number } };
    return code === undefined ? String(error) : [code, details?.line].join(' ').trim();
  }
}

describe('CSV', () => {
  it.each<[string, string | Uint8Array, unknown]>([
    [
      'rows',
      'id,name\n1,one\n2,\n',
      [
        [1, 'one'],
        [2, null],
      ],
    ],
    ['no line end after the last', 'name,id\none,1', [[1, 'one']]],
    ['quotes, breaks and CRLF', 'id,name\r\n1,"a ""b""\nc"\r\n', [[1, 'a "b"\nc']]],
    ['a byte order mark', '\ufeffid,name\n1,é😀\n', [[1, 'é😀']]],
    ['nothing', '', 'INPUT_EMPTY'],
    ['a field too many', 'id,name\n1,one\n2,two,three\n', 'CSV_MALFORMED 3'],
    ['an open quote', 'id,name\n1,one\n2,"two\n3,three\n', 'CSV_MALFORMED 3'],
    ['text after a quote', 'id,name\n1,"one"x\n2,two\n', 'CSV_MALFORMED 2'],
    ['a quote within a field', 'id,name\n1,one\n2,tw"o\n', 'CSV_MALFORMED 3'],
    ['a value of another type', 'id,name\n1,one\nx,two\n', 'VALUE_INVALID 3'],
    ['bytes that are not UTF-8', Uint8Array.of(105, 100, 10, 0xff, 10), 'CSV_MALFORMED 2'],
    ['other columns', 'id,other\n1,one\n', 'UNKNOWN_COLUMN'],
  ])('%s', async (_, content, expected) => {
    expect(await read(content)).toEqual(expected);
  });

  it('of several blocks', async () => {
    const lines = Array.from(
      { length: 60_000 },
      (_, i) => `${i},${[...'äö😀'].slice(0, i % 4).join('')}x`,
    );
    const found = (await read(`id,name\n${lines.join('\n')}\n`)) as unknown[][];
    expect(found.map((row) => row.join())).toEqual(lines);
  });
});

describe('Parquet', () => {
  const fetched = async (name: string): Promise<Source> => {
    const response = await fetch(`/vectors/parquet/${name}`);
    if (!response.ok) throw new Error(`no vector ${name}`);
    return blobSource(await response.blob(), name);
  };
  const rowsOf = async (source: Source, schema: Schema): Promise<unknown[][]> => {
    const rows: unknown[][] = [];
    for await (const { rows: count, columns } of source.batches(schema, { batchRows: 64 })) {
      for (let row = 0; row < count; row++) {
        rows.push(columns.map(({ values, valid }) => (valid[row] === 0 ? null : values[row])));
      }
    }
    return rows;
  };

  it.each(['types-v1-snappy', 'types-v1-gzip', 'types-v1-lz4', 'types-v2-zstd', 'types-v2-brotli'])(
    '%s holds what its writer put into CSV',
    async (name) => {
      const [source, csv] = [await fetched(`${name}.parquet`), await fetched('types.csv')];
      const schema = await source.infer();
      expect(schemaToJson(schema)).toEqual(schemaToJson(await csv.infer({ table: schema.table })));
      const rows = await rowsOf(source, schema);
      expect(rows.length).toBe(300);
      expect(rows).toEqual(await rowsOf(csv, schema));
    },
  );

  it('that is damaged is refused, whatever is cut off or changed', async () => {
    const response = await fetch('/vectors/parquet/types-v2-zstd.parquet');
    const whole = new Uint8Array(await response.arrayBuffer());
    const codeOf = async (bytes: Uint8Array): Promise<string> => {
      try {
        const source = blobSource(new Blob([bytes as BlobPart]), 'x.parquet');
        await rowsOf(source, await source.infer());
        return 'read';
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    };
    expect(await codeOf(whole)).toBe('read');
    for (const bytes of [0, 3, 11, 1000, whole.length - 1]) {
      expect(await codeOf(whole.subarray(0, bytes))).toBe('INPUT_MALFORMED');
    }
    for (let at = 5; at < whole.length; at += Math.ceil(whole.length / 150)) {
      const altered = whole.slice();
      altered[at]! ^= 0x55;
      // A flipped bit of a value is a value.
      expect(await codeOf(altered)).toMatch(/^(read|[A-Z]+_[A-Z]+)$/);
    }
  });
});

it('NDJSON', async () => {
  expect(await read('{"id":1,"name":"é"}\n{"id":2}\n', 't.ndjson')).toEqual([
    [1, 'é'],
    [2, null],
  ]);
});
