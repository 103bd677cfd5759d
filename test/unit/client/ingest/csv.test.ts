import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inferSchema, openSource } from '../../../../src/client/ingest/file.ts';
import { formatValue } from '../../../../src/table/value-text.ts';
import { anyCharacter } from '../../table/any-text.ts';
import { refusal, rowsOf, table, vector, withSource } from './support.ts';

const FEES = table({ id: 'integer', fee: { type: 'decimal', scale: 2 }, ward: 'text' });
const read = (content: string | Uint8Array, schema = FEES, options = {}): Promise<unknown[]> =>
  withSource('t.csv', content, (source) => rowsOf(source.batches(schema, options)));

describe('reading CSV', () => {
  it('matches columns by name, takes empty cells as NULL and skips blank lines', async () => {
    const rows = await read('ward,id,fee\r\nA,1,2.5\r\n\r\n"",2,\r\n"B\n2",,0.01');
    expect(rows).toEqual([
      [1n, 250n, 'A'],
      [2n, null, null],
      [null, 1n, 'B\n2'],
    ]);
  });

  it('drops a byte order mark, and only that one', async () => {
    expect(await read('\ufeffid\n1\n', table({ id: 'integer' }))).toEqual([[1n]]);
    expect(await read('w\n\ufeffx\n', table({ w: 'text' }))).toEqual([['\ufeffx']]);
  });

  it('takes a blank line as a NULL row where there is one column', async () => {
    expect(await read('\nid\n1\n\n3\n', table({ id: 'integer' }))).toEqual([[1n], [null], [3n]]);
  });

  it('keeps integers beyond 2^53 exact, and says which batch has them', async () => {
    const content = 'id\n9007199254740991\n\n9007199254740993\n1\n2\n3\n';
    await withSource('t.csv', content, async (source) => {
      const kinds: string[] = [];
      const batches = source.batches(table({ id: 'integer' }), { batchRows: 3 });
      for await (const batch of batches) kinds.push(batch.columns[0]!.kind);
      expect(kinds).toEqual(['big', 'int']);
    });
    expect(await read(content, table({ id: 'integer' }))).toEqual(
      [9007199254740991n, null, 9007199254740993n, 1n, 2n, 3n].map((value) => [value]),
    );
  });

  it('makes batches of exactly the size asked for, up to the row limit', async () => {
    const content = `id\n${Array.from({ length: 100 }, (_, i) => i).join('\n')}\n`;
    const schema = table({ id: 'integer' });
    const sizes = (options: object): Promise<number[]> =>
      withSource('t.csv', content, async (source) => {
        const found: number[] = [];
        for await (const { rows, columns } of source.batches(schema, options)) {
          found.push(rows);
          expect([columns[0]!.values.length, columns[0]!.valid.length]).toEqual([rows, rows]);
        }
        return found;
      });
    expect(await sizes({ batchRows: 32 })).toEqual([32, 32, 32, 4]);
    expect(await sizes({ batchRows: 50 })).toEqual([50, 50]);
    expect(await sizes({ batchRows: 32, rowLimit: 40 })).toEqual([32, 8]);
    expect(await sizes({ batchRows: 32, rowLimit: 32 })).toEqual([32]);
    expect(await sizes({ rowLimit: 0 })).toEqual([]);
    expect(await sizes({})).toEqual([100]);
  });

  it('reads tab- and semicolon-separated files', async () => {
    const rows = await withSource('t.tsv', 'id\tward\n1\ta,b\n', (source) =>
      rowsOf(source.batches(table({ id: 'integer', ward: 'text' }))),
    );
    expect(rows).toEqual([[1n, 'a,b']]);
    const semicolon = await withSource('t.csv', 'id;fee\n1;2\n', async ({ path }) => {
      const source = await openSource(path, 'csv', ';');
      return rowsOf(source.batches(table({ id: 'integer', fee: 'integer' })));
    });
    expect(semicolon).toEqual([[1n, 2n]]);
  });

  it('reports progress up to the whole file', async () => {
    const shares: (number | undefined)[] = [];
    const content = `id,fee,ward\n${`1,2,${'x'.repeat(200)}\n`.repeat(4_000)}`;
    const onProgress = (rows: number, share: number | undefined): void => {
      if (rows > 0) shares.push(share);
    };
    await read(content, FEES, { onProgress });
    expect(shares.length).toBeGreaterThan(2);
    expect(shares).toEqual(shares.toSorted((a, b) => a! - b!));
    expect(shares.at(-1)).toBe(1);
  });

  it.each<[string, string | Uint8Array]>([
    ['INPUT_EMPTY', ''],
    ['INPUT_EMPTY', '\n\n'],
    ['INPUT_EMPTY', '\ufeff'],
    ['CSV_MALFORMED 1', 'id,,ward\n'],
    ['CSV_MALFORMED 1', 'id,fee,ward,\n'],
    ['CSV_MALFORMED 1 id', 'id,fee,id\n'],
    ['UNKNOWN_COLUMN nights', 'id,fee,ward,nights\n'],
    ['UNKNOWN_COLUMN ID', 'ID,fee,ward\n'],
    ['SCHEMA_MISMATCH', 'id,ward\n1,A\n'],
    ['CSV_MALFORMED 3', 'id,fee,ward\n1,2,A\n1,2\n'],
    ['CSV_MALFORMED 2', 'id,fee,ward\n1,2,A,\n'],
    ['CSV_MALFORMED 5', 'id,fee,ward\n1,2,"A\n\nB"\n1\n'],
    ['CSV_MALFORMED 3', 'id,fee,ward\n1,2,A\n1,2,"A\n'],
    ['CSV_MALFORMED 2', 'id,fee,ward\n1,2,A "B"\n'],
    ['CSV_MALFORMED 3', bytes('id,fee,ward\n1,2,ü\n1,2,', 0xff, 10)],
    ['CSV_MALFORMED 4', bytes('id,fee,ward\n1,2,ü\n1,2,A\n1,2,', 0xe2, 0x82)],
    ['CSV_MALFORMED 40002', bytes(`id,fee,ward\n${'1,2,ü\n'.repeat(40_000)}`, 0xc3, 0x28)],
    ['VALUE_INVALID 2 id', 'id,fee,ward\nx,2,A\n'],
    ['VALUE_INVALID 2 id', 'id,fee,ward\n1.5,2,A\n'],
    ['VALUE_INVALID 3 fee', 'id,fee,ward\n1,2,A\n1,2.345,A\n'],
    ['VALUE_INVALID 6 fee', 'id,fee,ward\r\n1,2,"A\r\n\r\nB"\r\n\r\n1,two,A\r\n'],
    ['FIELD_TOO_LARGE 2 ward', `id,fee,ward\n1,2,${'x'.repeat((1 << 20) + 1)}\n`],
    ['FIELD_TOO_LARGE 2 ward', `id,fee,ward\n1,2,${'ü'.repeat((1 << 19) + 1)}\n`],
    ['CSV_MALFORMED 2', `id,fee,ward\n1,2,"${'x\n'.repeat(1 << 20)}`],
    ['FIELD_TOO_LARGE 2 ward', `id,fee,ward\n1,2,"${'x\n'.repeat(1 << 24)}`],
    ['accepted', `id,fee,ward\n1,2,${'ü'.repeat(1 << 19)}\n`],
    ['accepted', 'id,fee,ward\n'],
    ['accepted', 'id,fee,ward'],
  ])('%s', async (expected, content) => {
    expect(await refusal(() => read(content))).toBe(expected);
  });

  it('checks ranges and NULL with the line, in one place for every format', async () => {
    const schema = table({
      id: { type: 'integer', nullable: false },
      fee: { type: 'decimal', scale: 2, range: ['-0.5', '9007199254740993'] },
    });
    const cases: [string, string][] = [
      ['1,-0.5', 'accepted'],
      ['1,9007199254740993.00', 'accepted'],
      ['1,', 'accepted'],
      ['1,-0.51', 'VALUE_OUT_OF_RANGE 2 fee'],
      ['1,9007199254740993.01', 'VALUE_OUT_OF_RANGE 2 fee'],
      ['1,1e30', 'VALUE_OUT_OF_RANGE 2 fee'],
      [',1', 'NULL_NOT_ALLOWED 2 id'],
    ];
    for (const [row, expected] of cases) {
      expect(await refusal(() => read(`id,fee\n${row}\n`, schema))).toBe(expected);
    }
  });

  it('never repeats a cell in an error', async () => {
    for (const row of ['secret-1,2,A', '1,secret-2,A', '1,2,"secret-3"x', '1,2,secret-4"']) {
      const error = await read(`id,fee,ward\n${row}\n`).catch((thrown: unknown) => thrown);
      expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    }
  });

  it('stops with ABORTED, before and in the middle', async () => {
    const content = `id,fee,ward\n${'1,2,x\n'.repeat(200_000)}`;
    const early = AbortSignal.abort();
    expect(await refusal(() => read(content, FEES, { signal: early }))).toBe('ABORTED');
    const controller = new AbortController();
    let rows = 0;
    const onProgress = (done: number): void => {
      rows = done;
      controller.abort();
    };
    const options = { signal: controller.signal, onProgress };
    expect(await refusal(() => read(content, FEES, options))).toBe('ABORTED');
    expect(rows).toBeLessThan(100_000);
  });
});

describe('CSV written and read back', () => {
  it('gives the same rows for any values', async () => {
    const schema = table({
      n: 'integer',
      d: { type: 'decimal', scale: 3 },
      r: 'real',
      b: 'boolean',
      day: 'date',
      at: 'timestamp',
      w: 'text',
    });
    const row = fc.tuple(
      fc.option(fc.bigInt(-(1n << 70n), 1n << 70n)),
      fc.option(fc.bigInt(-(1n << 70n), 1n << 70n)),
      fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x))),
      fc.option(fc.bigInt(0n, 1n)),
      fc.option(fc.bigInt(-719162n, 2932896n)),
      fc.option(fc.bigInt(-62135596800000000n, 253402300799999999n)),
      fc.option(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 30 })),
    );
    const rows = fc.array(row, { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (written, end) => {
        const lines = written.map((cells) =>
          cells.map((cell, i) => {
            const text = cell === null ? '' : formatValue(cell, schema.columns[i]!);
            return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          }),
        );
        const content = [schema.columns.map((column) => column.name), ...lines].join(end);
        expect(await read(content, schema, { batchRows: 7 })).toEqual(written);
      }),
      { numRuns: 30 },
    );
  });
});

interface Expected {
  readonly rows: number;
  readonly queries: readonly { sql: string; columns: string[]; rows: (number | string)[][] }[];
}

describe.each(['penguins', 'tips', 'taxis'])('%s', (name) => {
  it('is inferred and read to the published counts, sums and extremes', async () => {
    const expected = JSON.parse(
      await readFile(vector(`tabular/${name}/expected.json`), 'utf8'),
    ) as Expected;
    const source = await openSource(vector(`tabular/${name}/data.csv`));
    const schema = await inferSchema(source, { table: name });
    const rows = await rowsOf(source.batches(schema));
    expect(rows.length).toBe(expected.rows);
    let checked = 0;
    for (const { sql, columns, rows: answers } of expected.queries) {
      const name = /^SELECT COUNT\("(\w+)"\), SUM\("\1"\), AVG_EXACT[^W]*$/.exec(sql)?.[1];
      if (name === undefined || /WHERE|GROUP/.test(sql)) continue;
      const at = schema.columns.findIndex((column) => column.name === name);
      const cells = rows.map((row) => row[at]!).filter((cell) => typeof cell === 'bigint');
      const sorted = cells.toSorted((a, b) => Number(a - b));
      const answer = (label: string): unknown => answers[0]![columns.indexOf(`${label}(${name})`)];
      expect(cells.length).toBe(answer('count'));
      expect(Number(cells.reduce((a, b) => a + b, 0n))).toBe(answer('sum'));
      expect(Number(cells.reduce((a, b) => a + b * b, 0n))).toBe(answer('sum_squares'));
      expect([Number(sorted[0]), Number(sorted.at(-1))]).toEqual([answer('min'), answer('max')]);
      checked++;
    }
    expect(checked).toBeGreaterThan(1);
  });
});

function bytes(text: string, ...more: number[]): Uint8Array {
  return Buffer.concat([Buffer.from(text), Uint8Array.from(more)]);
}
