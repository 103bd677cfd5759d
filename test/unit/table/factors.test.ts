import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFactors, parseFactors } from '../../../src/table/factors.ts';
import { anyCharacter } from './any-text.ts';

const of = (...factors: [string, number][]): object[] =>
  factors.map(([name, power]) => ({ name, power }));

test.each<[string, object[]]>([
  ['x', of(['x', 1])],
  ['x*x', of(['x', 1], ['x', 1])],
  [' x ^ 3 * y ', of(['x', 3], ['y', 1])],
  ['unit price*days', of(['unit price', 1], ['days', 1])],
  ['"a*b"*"say ""so"""^2', of(['a*b', 1], ['say "so"', 2])],
  ['x^64', of(['x', 64])],
])('%s', (text, factors) => {
  expect(parseFactors(text)).toEqual(factors);
});

test.each([
  '',
  ' ',
  '*',
  'x*',
  '*x',
  'x**y',
  'x^',
  'x^0',
  'x^-1',
  'x^2^2',
  'x^1.5',
  'x^65',
  'x^40*y^25',
])('%j is no product', (text) => {
  expect(parseFactors(text)).toBeUndefined();
});

test.each(['lag(x)', 'x,y', '"x', '"x"y', '""'])('%j is no product either', (text) => {
  expect(parseFactors(text)).toBeUndefined();
});

test('any names come back', () => {
  const factor = fc.record({
    name: fc
      .string({ unit: anyCharacter, minLength: 1, maxLength: 12 })
      .filter((name) => !/\p{Cc}/u.test(name)),
    power: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(factor, { minLength: 1, maxLength: 6 }), (factors) => {
      expect(parseFactors(formatFactors(factors))).toEqual(factors);
    }),
  );
});
