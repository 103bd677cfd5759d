/** Files that a page is given, read with csv-parse's build for browsers. */
import { describe, expect, it } from 'vitest';
import { blobSource } from '../../../src/client/ingest/blob-source.web.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';

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

it('NDJSON', async () => {
  expect(await read('{"id":1,"name":"é"}\n{"id":2}\n', 't.ndjson')).toEqual([
    [1, 'é'],
    [2, null],
  ]);
});
