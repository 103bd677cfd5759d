import fc from 'fast-check';
import type { Column } from '../../../src/table/schema.ts';
import type { Value } from '../../../src/table/value.ts';

export const isNumeric = (column: Column): boolean =>
  column.type === 'integer' || column.type === 'decimal';

/** Of documents: some are several keywords, one is none. */
export const WORDS: readonly string[] = [
  'tall',
  'Dark',
  'LIGHT',
  'green-light',
  'naïve',
  'x²',
  '東京',
  'a',
  '!',
];

/** Cells of a column: small numbers most of the time, so that they meet and group. */
export function values({ type }: Column, large: boolean): fc.Arbitrary<NonNullable<Value>> {
  const bound = 2n ** 62n;
  switch (type) {
    case 'integer':
    case 'decimal':
      return fc.oneof(
        { weight: 9, arbitrary: fc.bigInt(-40n, 60n) },
        { weight: 3, arbitrary: fc.bigInt(-1_000_000n, 1_000_000n) },
        { weight: large ? 1 : 0, arbitrary: fc.bigInt(-bound, bound) },
      );
    case 'boolean':
      return fc.constantFrom(0n, 1n);
    case 'date':
      return fc.oneof(fc.bigInt(-3n, 3n), fc.bigInt(-700_000n, 2_900_000n));
    case 'timestamp':
      return fc.oneof(
        fc.constantFrom(0n, 86_400_000_000n, -1n, 1_000n, 500_000n, 259_200_000_000n),
        fc.bigInt(-60_000_000_000_000_000n, 250_000_000_000_000_000n),
      );
    case 'real':
      return fc.constantFrom(0, 0.5, -0.5, 1.5, 0.1, -2, 1e300, -5e-324, 123456.789);
    case 'document':
      return fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }).map((words) => words.join(' '));
    default:
      return fc.constantFrom(
        '',
        'a',
        'b',
        'B',
        "it's",
        'é',
        '\uffff',
        '😀',
        'a b',
        'ab',
        '0',
        '-1',
        'abba',
        'ab\nba',
        '😀é😀éb',
        '50%_off\\',
      );
  }
}
