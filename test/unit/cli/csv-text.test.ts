import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvText } from '../../../src/cli/output/csv-text.ts';

test('RFC 4180: CRLF, doubled quotes, header; NULL is empty and the empty text is ""', () => {
  expect(
    csvText(
      ['a', 'b,c'],
      [
        ['x"y', null],
        ['', 'line\nbreak'],
        [1.5, true],
      ],
    ),
  ).toBe('a,"b,c"\r\n"x""y",\r\n"","line\nbreak"\r\n1.5,true\r\n');
});

test('a CSV parser reads back every text', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', 'é', '\u2028') });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const parsed: unknown = parse(csvText(['p', 'q'], rows), { record_delimiter: '\r\n' });
      expect(parsed).toEqual([['p', 'q'], ...rows]);
    }),
  );
});
