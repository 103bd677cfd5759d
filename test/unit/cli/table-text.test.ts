import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../src/cli/output/display-width.ts';
import { oneLine } from '../../../src/cli/output/one-line.ts';
import { tableText } from '../../../src/cli/output/table-text.ts';

describe('tableText', () => {
  test('numbers are right-aligned, exact ones too; text is left-aligned', () => {
    const text = tableText(
      ['origin', 'count', 'avg'],
      [
        ['ATL', '29', '8.25'],
        ['Ödland', '1203', '-0.333333333333333333333333333333'],
      ],
    );
    expect(text).toBe(
      [
        'origin  count                                avg',
        '──────  ─────  ─────────────────────────────────',
        'ATL        29                               8.25',
        'Ödland   1203  -0.333333333333333333333333333333',
        '',
      ].join('\n'),
    );
  });

  test('NULL, the text NULL and the empty text can be told apart', () => {
    const lines = tableText(['a'], [[null], ['NULL'], ['']]).split('\n');
    expect(lines.slice(2, 5)).toEqual(['NULL', '"NULL"', '']);
  });

  test('a style marks NULL without moving anything', () => {
    const styled = tableText(['n'], [[null], ['12345']], { styleNull: (text) => `<${text}>` });
    expect(styled).toBe('    n\n─────\n <NULL>\n12345\n');
  });

  test('a column with one word among its numbers is text', () => {
    expect(tableText(['x'], [['1'], ['one']])).toContain('\n1\n');
  });

  test('no rows: header and rule', () => {
    expect(tableText(['a', 'bc'], [])).toBe('a  bc\n─  ──\n');
  });

  test('every line is as wide as the others or ends where its text ends', () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(null), fc.integer());
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
        const lines = tableText(['first', 'second'], rows).trimEnd().split('\n');
        const rule = displayWidth(lines[1]!);
        return lines.every((line) => displayWidth(line) <= rule);
      }),
    );
  });

  test('data cannot steer the terminal or break a line', () => {
    const hostile = '\u001b[2J\n\r\u009b31m\u202egnp';
    const text = tableText([hostile], [[hostile]]);
    expect(text.split('\n')).toHaveLength(4);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(oneLine('a\tb\u0000')).toBe('a\\tb\\u0000');
  });
});

test.each([
  ['abc', 3],
  ['', 0],
  ['日本', 4],
  ['한국어', 6],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['ｗｉｄｅ', 8],
  ['\u200b', 0],
])('displayWidth(%j) is %i', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});
