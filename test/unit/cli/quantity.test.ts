import { expect, test } from 'vitest';
import { byteText, countText } from '../../../src/cli/output/quantity.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [9996, '10.0 kB'],
  [12_345, '12.3 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [1_040_000_000, '1.04 GB'],
  [5e15, '5000 TB'],
])('byteText(%i) is %s', (bytes, text) => {
  expect(byteText(bytes)).toBe(text);
});

test('countText counts', () => {
  expect([0, 1, 3_000_000].map((n) => countText(n, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '3,000,000 rows',
  ]);
});
