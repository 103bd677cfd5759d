/** A file that a page was given is read as the same file is by its path. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { blobSource } from '../../../../src/client/ingest/blob-source.web.ts';
import { openSource } from '../../../../src/client/ingest/file.ts';
import type { Source } from '../../../../src/client/ingest/source.ts';
import { schemaToJson } from '../../../../src/table/schema-json.ts';
import type { Batch } from '../../../../src/table/value.ts';
import { vector, withSource } from './support.ts';

async function read(source: Source): Promise<unknown> {
  try {
    const schema = await source.infer();
    const batches: Batch[] = [];
    for await (const batch of source.batches(schema, { batchRows: 1000 })) batches.push(batch);
    return { schema: schemaToJson(schema), batches };
  } catch (error) {
    const { code, details } = error as { code: string; details: unknown };
    return { code, details };
  }
}

const LONG = Array.from(
  { length: 40_000 },
  (_, i) => `${i},${'äöü€😀'.slice(0, i % 7)}x${i},${i / 4}`,
);

const FILES: readonly (readonly [string, string, string | Uint8Array])[] = [
  ['of numbers and texts', 'a b.csv', 'id,name\n1,one\n2,\n'],
  ['with a byte order mark', 'mark.csv', '\ufeffid,name\r\n1,"a ""b"""\r\n'],
  [
    'of several blocks, with characters across their ends',
    'long.csv',
    `id,text,x\n${LONG.join('\n')}\n`,
  ],
  ['of tabs', 'tabs.tsv', 'id\tname\n1\tone\n'],
  ['of JSON', 'lines.ndjson', '{"id":1,"name":"é"}\n{"id":20000000000000000000}\n'],
  ['with nothing in it', 'empty.csv', ''],
  [
    'that is not UTF-8',
    'bad.csv',
    new Uint8Array([...Buffer.from('id,name\n1,one\n2,'), 0xc3, 0x28, 0x0a]),
  ],
  [
    'that ends within a character',
    'cut.csv',
    new Uint8Array([...Buffer.from('id\n1\n'), 0xe2, 0x82]),
  ],
  [
    'that is not UTF-8 far from its beginning',
    'far.csv',
    new Uint8Array([...Buffer.from(`id,text,x\n${LONG.join('\n')}\n7,`), 0xff, 0x0a]),
  ],
];

describe('a file', () => {
  it.each(FILES)('%s', async (_, name, content) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    await withSource(name, bytes, async (source) => {
      const expected = await read(source);
      const file = new Blob([bytes as Uint8Array<ArrayBuffer>]);
      expect(await read(blobSource(file, source.path))).toEqual(expected);
    });
  });

  it('of Parquet', async () => {
    const path = vector('parquet/types-v2-zstd.parquet');
    const expected = await read(await openSource(path));
    const file = new Blob([await readFile(path)]);
    expect(await read(blobSource(file, path))).toEqual(expected);
    expect(await read(blobSource(file.slice(0, -1), path))).toMatchObject({
      code: 'INPUT_MALFORMED',
    });
  });

  it('of an unknown kind is refused', () => {
    const code = expect.objectContaining({ code: 'INPUT_FORMAT_UNKNOWN' });
    expect(() => blobSource(new Blob(['x']), 'x.pdf')).toThrow(code);
  });
});
