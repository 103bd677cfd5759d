import { describe, expect, it } from 'vitest';
import { ColumnGuess } from '../../../../src/client/ingest/column-guess.ts';
import { inferSchema } from '../../../../src/client/ingest/file.ts';
import { tableName } from '../../../../src/client/ingest/table-name.ts';
import { refusal, rowsOf, withSource } from './support.ts';

describe('ColumnGuess', () => {
  it.each<[string, string[]]>([
    ['text', []],
    ['integer', ['0', '-0', '12', '-123456789012345678901234567890']],
    ['integer', [' 12 ', '3']],
    ['integer', ['1e3', '12']],
    ['integer', ['5.', '-7']],
    ['decimal 1', ['1', '2.5', '-.5']],
    ['decimal 2', ['1.50', '2']],
    ['decimal 4', ['1.5e-3', '1']],
    ['decimal 18', ['0.123456789012345678']],
    ['decimal 1', ['0.10000000000000000000000']],
    ['decimal 18', ['12345678901234567890123456789.123456789012345678']],
    ['real', ['0.1234567890123456789']],
    ['real', ['1e300', '1']],
    ['real', ['2.5e-19']],
    ['integer', ['1e30']],
    ['text', ['1e400', '1']],
    ['document', ['9'.repeat(1001)]],
    ['integer', ['9'.repeat(1000)]],
    ['text', ['02139', '10001']],
    ['text', ['10001', '02139']],
    ['text', ['-05']],
    ['decimal 1', ['0.5']],
    ['text', ['00.5']],
    ['text', ['+49123']],
    ['text', ['1,5']],
    ['text', ['1 000']],
    ['text', ['0x10']],
    ['text', ['NaN', '1']],
    ['text', ['1', 'NA']],
    ['text', ['-']],
    ['text', ['.']],
    ['boolean', ['true', 'FALSE', 'True']],
    ['text', ['true', '1']],
    ['text', ['t', 'f']],
    ['text', ['yes']],
    ['integer', ['0', '1']],
    ['date', ['2001-02-03', '0001-01-01']],
    ['text', ['2001-02-03', '2001-02-30']],
    ['text', ['2001-2-3']],
    ['text', ['03/02/2001']],
    ['timestamp', ['2001-02-03 04:05', '2001-02-03T04:05:06.789Z']],
    ['timestamp', ['2001-02-03', '2001-02-03 04:05:06', '2001-02-04']],
    ['text', ['2001-02-03 04:05', '04:05']],
    ['text', ['2001-02-03', '1']],
    ['text', ['1', '2001-02-03']],
    ['text', ['a', '1', '2']],
    ['text', ['x'.repeat(64)]],
    ['document', ['x'.repeat(65)]],
    ['text', ['x'.repeat(100), 'y']],
    ['document', ['ü'.repeat(33)]],
    ['text', ['   ']],
  ])('%s: %j', (expected, cells) => {
    const guess = new ColumnGuess();
    for (const cell of cells) guess.observe(cell);
    const { type, scale } = guess.result();
    expect(scale === 0 ? type : `${type} ${scale}`).toBe(expected);
  });
});

describe('inferSchema', () => {
  const infer = (name: string, content: string): Promise<unknown> =>
    withSource(name, content, async (source) => {
      const schema = await inferSchema(source);
      // Whatever is inferred, the file can be read under it.
      await rowsOf(source.batches(schema));
      expect(schema.columns.every(({ nullable }) => nullable)).toBe(true);
      return Object.fromEntries(
        schema.columns.map(({ name, type, scale }) => [
          name,
          scale === 0 ? type : `${type} ${scale}`,
        ]),
      );
    });

  it('takes empty CSV cells, quoted or not, as no evidence', async () => {
    const content = 'id,fee,zip,none,flag\n1,,02139,,true\n,2.50,10001,"",""\n3,1,,,false\n';
    expect(await infer('t.csv', content)).toEqual({
      id: 'integer',
      fee: 'decimal 2',
      zip: 'text',
      none: 'text',
      flag: 'boolean',
    });
  });

  it('sees every row, not a sample', async () => {
    const content = `n\n${'1\n'.repeat(200_000)}x\n`;
    expect(await infer('t.csv', content)).toEqual({ n: 'text' });
  });

  it('respects JSON’s own types, in order of first appearance', async () => {
    const content = [
      '{"n":1,"code":"1","day":"2001-02-03"}',
      '{"fee":2.50,"n":12345678901234567890,"flag":true,"at":"2001-02-03T04:05:06Z"}',
      '{"fee":null,"mixed":1,"empty":"","late":1e-2}',
      '{"mixed":"a","none":null,"day":"2001-02-04","flag":false}',
    ].join('\n');
    const found = await infer('t.ndjson', content);
    expect(found).toEqual({
      n: 'integer',
      code: 'text',
      day: 'date',
      fee: 'decimal 2',
      flag: 'boolean',
      at: 'timestamp',
      mixed: 'text',
      empty: 'text',
      late: 'decimal 2',
      none: 'text',
    });
    expect(Object.keys(found as object).slice(0, 4)).toEqual(['n', 'code', 'day', 'fee']);
  });

  it.each<[string, string, string]>([
    ['INPUT_EMPTY', 't.csv', ''],
    ['INPUT_EMPTY', 't.ndjson', '\n\n'],
    ['INPUT_EMPTY', 't.ndjson', '{}\n'],
    ['SCHEMA_INVALID', 't.csv', Array.from({ length: 257 }, (_, i) => `c${i}`).join()],
    ['SCHEMA_INVALID', 't.csv', `${'x'.repeat(64)}\n1\n`],
    ['SCHEMA_INVALID', 't.csv', '"a\nb"\n1\n'],
    ['SCHEMA_INVALID', 't.ndjson', JSON.stringify(Object.fromEntries(wide(257)))],
    ['CSV_MALFORMED 3', 't.csv', 'a,b\n1,2\n1\n'],
    ['INPUT_MALFORMED 2', 't.ndjson', '{"a":1}\n{"a":\n'],
    ['INPUT_MALFORMED 1 a', 't.ndjson', '{"a":{"b":1}}\n'],
  ])('%s for %s', async (expected, name, content) => {
    expect(await refusal(() => infer(name, content))).toBe(expected);
  });

  it('reports progress and stops with ABORTED', async () => {
    const content = `n,w\n${`1,${'x'.repeat(300)}\n`.repeat(3_000)}`;
    await withSource('t.csv', content, async (source) => {
      const seen: [number, number | undefined][] = [];
      await inferSchema(source, { onProgress: (...progress) => seen.push(progress) });
      expect(seen.length).toBeGreaterThan(2);
      expect(seen.at(-1)).toEqual([3_000, 1]);
      const controller = new AbortController();
      const { signal } = controller;
      const onProgress = (): void => controller.abort();
      expect(await refusal(() => inferSchema(source, { signal, onProgress }))).toBe('ABORTED');
    });
  });
});

describe('tableName', () => {
  it.each([
    ['/data/flights-3m.parquet', 'flights_3m'],
    ['Visits 2024.csv', 'visits_2024'],
    ['2024.csv', '_2024'],
    ['Übersicht.v2.csv', 'ubersicht_v2'],
    ['日本.csv', 'data'],
    ['--.csv', 'data'],
    [`${'x'.repeat(100)}.csv`, 'x'.repeat(60)],
  ])('%s gives %s', (path, name) => {
    expect(tableName(path)).toBe(name);
  });
});

function wide(count: number): [string, number][] {
  return Array.from({ length: count }, (_, i) => [`c${i}`, i]);
}
