import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../../../src/client/ingest/file.ts';
import { refusal, rowsOf, table, vector, withFile } from './support.ts';

describe('openSource', () => {
  it.each([
    ['t.csv', 'csv', ','],
    ['T.CSV', 'csv', ','],
    ['t.tsv', 'csv', '\t'],
    ['t.ndjson', 'ndjson', ','],
    ['t.jsonl', 'ndjson', ','],
    ['t.parquet', 'parquet', ','],
  ])('%s is %s', async (name, format, delimiter) => {
    await withFile(name, '1234', async (path) => {
      expect(await openSource(path)).toMatchObject({ path, format, delimiter, bytes: 4 });
    });
  });

  it('takes the format given over the name', async () => {
    await withFile('t.txt', '{"a":1}', async (path) => {
      expect(await refusal(() => openSource(path))).toBe('INPUT_FORMAT_UNKNOWN');
      const source = await openSource(path, 'ndjson');
      expect(await rowsOf(source.batches(table({ a: 'integer' })))).toEqual([[1n]]);
    });
  });

  it('refuses what it cannot read', async () => {
    expect(await refusal(() => openSource(vector('no-such-file.csv')))).toBe('INPUT_NOT_FOUND');
    await withFile('t.csv', 'a\n1\n', async (path) => {
      const folder = join(dirname(path), 'folder.csv');
      await mkdir(folder);
      expect(await refusal(() => openSource(folder))).toBe('INPUT_NOT_FOUND');
      for (const delimiter of ['', '"', '\n', ', ']) {
        expect(await refusal(() => openSource(path, 'csv', delimiter))).toBe('USAGE');
      }
    });
  });

  it('reads the file anew each time, and says so when it is gone', async () => {
    const schema = table({ a: 'integer' });
    const source = await withFile('t.csv', 'a\n1\n', async (path) => {
      const opened = await openSource(path);
      expect(await rowsOf(opened.batches(schema))).toEqual([[1n]]);
      expect(await rowsOf(opened.batches(schema))).toEqual([[1n]]);
      return opened;
    });
    expect(await refusal(() => rowsOf(source.batches(schema)))).toBe('INPUT_NOT_FOUND');
  });
});
