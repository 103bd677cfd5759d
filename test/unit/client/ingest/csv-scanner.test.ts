import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvScanner } from '../../../../src/client/ingest/csv-scanner.ts';
import { MAX_FIELD_BYTES } from '../../../../src/client/ingest/reading.ts';
import { isOpalineError } from '../../../../src/errors/opaline-error.ts';

type Record_ = readonly [line: number, ...fields: string[]];

describe('CsvScanner', () => {
  it.each<[string, Record_[]]>([
    ['', []],
    ['a,b', [[1, 'a', 'b']]],
    ['a,b\n', [[1, 'a', 'b']]],
    [
      'a\r\nb\nc\r\n',
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
    ],
    [',\n', [[1, '', '']]],
    [
      '\n\na\n',
      [
        [1, ''],
        [2, ''],
        [3, 'a'],
      ],
    ],
    ['"a"\n', [[1, 'a']]],
    [
      '""\n"",""\n',
      [
        [1, ''],
        [2, '', ''],
      ],
    ],
    ['"a,b",c\n', [[1, 'a,b', 'c']]],
    ['"a ""b"" c"\n', [[1, 'a "b" c']]],
    ['"""",""""""\n', [[1, '"', '""']]],
    [
      '"a\nb","c\r\nd"\ne,f\n',
      [
        [1, 'a\nb', 'c\r\nd'],
        [4, 'e', 'f'],
      ],
    ],
    [
      '"a"\r\n"b"\r\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['a,"b"', [[1, 'a', 'b']]],
    ['a,"b",', [[1, 'a', 'b', '']]],
    ['a, "\n', []],
    ['"a\rb"\n', [[1, 'a\rb']]],
    [
      'ü,😀\n日本,\u2028\n',
      [
        [1, 'ü', '😀'],
        [2, '日本', '\u2028'],
      ],
    ],
  ])('splits %j, wherever the blocks are cut', (text, expected) => {
    if (text === 'a, "\n') return expect(scan([text])).toContain('quote');
    for (let cut = 0; cut <= text.length; cut++) {
      expect(scan([text.slice(0, cut), text.slice(cut)])).toEqual(expected);
    }
    expect(scan([...text])).toEqual(expected);
    return undefined;
  });

  it.each<[string, string]>([
    ['a,b\n"c', '2: a quoted field is never closed'],
    ['a\n"b\n\nc', '2: a quoted field is never closed'],
    ['"x\ny","c', '2: a quoted field is never closed'],
    ['a"b\n', '1: a quote inside an unquoted field'],
    ['x,5" pipe\n', '1: a quote inside an unquoted field'],
    ['a,"b"c\n', '1: text after a closing quote'],
    ['a,"b" ,c\n', '1: text after a closing quote'],
    ['a\rb\n', '1: a carriage return without a line feed'],
    ['a\r', '1: a carriage return without a line feed'],
    ['"a",b\rc\n', '1: a carriage return without a line feed'],
    ['a,b\rc,d\re', '1: a carriage return without a line feed'],
    ['"a"\r', '1: text after a closing quote'],
  ])('refuses %j, wherever the blocks are cut', (text, expected) => {
    for (let cut = 0; cut <= text.length; cut++) {
      expect(scan([text.slice(0, cut), text.slice(cut)])).toBe(expected);
    }
  });

  it('stops at the record for which the receiver says so', () => {
    let records = 0;
    const scanner = new CsvScanner(',', () => ++records < 2, String);
    expect(scanner.feed('a\nb\nc\n', false)).toBe(false);
    expect(records).toBe(2);
    const quoted = new CsvScanner(',', () => false, String);
    expect(quoted.feed('"a"\nb\n', false)).toBe(false);
  });

  it('gives up on an open field that is too large, long before the end of the input', () => {
    for (const opening of ['a\nb,"', 'a\nb,']) {
      let fed = 0;
      let error: unknown;
      const scanner = new CsvScanner(
        ',',
        () => true,
        (field) => `column ${field}`,
      );
      try {
        scanner.feed(opening, false);
        for (; fed < 64; fed++) scanner.feed('x'.repeat(1 << 18), false);
      } catch (thrown) {
        error = thrown;
      }
      expect(isOpalineError(error, 'FIELD_TOO_LARGE') && error.details).toMatchObject({
        line: 2,
        column: 'column 1',
        limit: MAX_FIELD_BYTES,
      });
      expect(fed).toBeLessThan(12);
    }
  });

  it('agrees with csv-parse on anything that both accept, and with what was written', () => {
    const field = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '7', 'é', '😀'),
      maxLength: 6,
    });
    const records = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(records, fc.constantFrom('\n', '\r\n'), fc.nat(60), (rows, end, cut) => {
        const text = rows.map((row) => row.map(write).join(',') + end).join('');
        const found = scan([text.slice(0, cut), text.slice(cut)]);
        const options = { relax_column_count: true, record_delimiter: ['\r\n', '\n'] };
        expect(withoutLines(found)).toEqual(parse(text, options));
        expect(withoutLines(found)).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  it('takes linear time, whether or not quotes and carriage returns occur', () => {
    const line = 'some,plain,fields,12345\n';
    const time = (lines: number): number => {
      const text = line.repeat(lines);
      let best = Infinity;
      for (let run = 0; run < 3; run++) {
        const started = performance.now();
        scan([text], false);
        best = Math.min(best, performance.now() - started);
      }
      return best;
    };
    time(2_000);
    // 16 times the text; a search that starts over for each record would take 256 times as long.
    expect(time(64_000) / time(4_000)).toBeLessThan(80);
  });
});

function scan(blocks: readonly string[], keep = true): Record_[] | string {
  const records: Record_[] = [];
  const scanner = new CsvScanner(
    ',',
    (fields, count, line) => {
      if (keep) records.push([line, ...fields.slice(0, count)]);
      return true;
    },
    String,
  );
  try {
    for (const block of blocks) scanner.feed(block, false);
    scanner.feed('', true);
  } catch (error) {
    if (!isOpalineError(error, 'CSV_MALFORMED')) throw error;
    return `${error.details.line}: ${error.details.reason}`;
  }
  return records;
}

function withoutLines(records: Record_[] | string): unknown {
  return typeof records === 'string' ? records : records.map(([, ...fields]) => fields);
}

function write(field: string): string {
  return /[",\n\r]/.test(field) || field === '' ? `"${field.replaceAll('"', '""')}"` : field;
}
