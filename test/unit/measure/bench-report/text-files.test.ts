import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvFiles } from '../../../../src/measure/bench-report/csv-files.ts';
import { csv } from '../../../../src/measure/bench-report/csv.ts';
import { escaped, markup } from '../../../../src/measure/bench-report/markup.ts';
import * as quantity from '../../../../src/measure/bench-report/quantity.ts';
import { medianOf } from '../../../../src/measure/bench-report/summary.ts';
import { inventedResult } from '../../../support/bench-result.ts';

describe('CSV', () => {
  test('a reader gets every text back', () => {
    const rows = fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 });
    fc.assert(
      fc.property(rows, (given) => {
        const text = csv(['a', 'b'], given);
        expect(parse(text, { record_delimiter: '\r\n' }).slice(1)).toEqual(given);
      }),
    );
  });

  test('tells the empty text from nothing', () => {
    expect(csv(['a', 'b'], [['', null]])).toBe('a,b\r\n"",\r\n');
  });

  test('holds every measurement of a result', () => {
    const result = inventedResult(1);
    const text = csvFiles(result).get('measurements.csv')!;
    const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<
      string,
      string
    >[];
    const all = result.suites.flatMap((suite) => suite.measurements);
    expect(rows).toHaveLength(all.length);
    for (const [i, row] of rows.entries()) {
      const { scheme, rows: count, ms, bytesAtRest, privacy } = all[i]!;
      expect(row['scheme']).toBe(scheme);
      expect(Number(row['rows'])).toBe(count);
      expect(Number(row['ms_median'])).toBe(ms.toSorted((a, b) => a - b)[5]);
      expect(Number(row['bytes_at_rest'])).toBe(bytesAtRest);
      expect(Number(row['advantage'])).toBe(privacy.advantage.mean);
    }
    expect(rows.filter(({ standing }) => standing === 'frontier').length).toBeGreaterThan(3);
  });
});

describe('markup', () => {
  test('escapes what is put in, and not what is markup', () => {
    const inner = markup`<b>${'<i>'}</b>`;
    expect(markup`<p title="${`"'&`}">${inner}${['a', 'b']}${3}</p>`.toString()).toBe(
      '<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b>ab3</p>',
    );
  });

  test('no text leaves its place, or shows as another', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escaped(text)).not.toMatch(/[<>"']|[\u202a-\u202e\u2066-\u2069]/);
        expect(escaped(text)).toSatisfy((one: string) => one.isWellFormed());
      }),
    );
  });
});

describe('quantities', () => {
  test.each([
    [0.000_45, '0.45 µs'],
    [0.0123, '12.3 µs'],
    [0.9999, '1 ms'],
    [4.564, '4.56 ms'],
    [999.9, '1 s'],
    [78_000, '78 s'],
    [0, '0 µs'],
  ])('%d ms is %s', (ms, text) => {
    expect(quantity.timeText(ms)).toBe(text);
  });

  test.each([
    [0, '0 B'],
    [812, '812 B'],
    [12_345, '12.3 kB'],
    [999_900, '1 MB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(quantity.byteText(bytes)).toBe(text);
  });

  test.each([
    [3e-7, '3.0e-7'],
    [1234, '1,230'],
    [0, '0'],
  ])('%d to three digits is %s', (value, text) => {
    expect(quantity.digitsText(value)).toBe(text);
  });
});

describe('the median', () => {
  test('has the pair of order statistics that tables give', () => {
    // Ranks for 95 %, of Conover, Practical Nonparametric Statistics: n = 6: 1 and 6; 10: 2 and 9; 25: 8 and 18.
    for (const [count, rank] of [
      [1, 1],
      [5, 1],
      [6, 1],
      [10, 2],
      [25, 8],
    ] as const) {
      const numbers = Array.from({ length: count }, (_, i) => i + 1);
      const { low, high } = medianOf(numbers);
      expect([low, high]).toEqual([rank, count + 1 - rank]);
    }
  });

  test('is between its bounds, and does not depend on the order', () => {
    const numbers = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (given) => {
        const { value, low, high } = medianOf(given);
        expect(low <= value && value <= high).toBe(true);
        expect(medianOf(given.toReversed())).toEqual({ value, low, high });
      }),
    );
  });
});
