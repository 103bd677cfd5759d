import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatValue,
  parseCompact,
  parseDecimal,
  parseValue,
  type ValueFormat,
} from '../../../src/table/value-text.ts';
import type { ColumnType } from '../../../src/table/value.ts';
import { anyCharacter } from './any-text.ts';

const as = (type: ColumnType, scale = 0): ValueFormat => ({ type, scale });

describe('parseValue', () => {
  it.each<[string, ValueFormat, bigint | number | string | undefined]>([
    ['12', as('integer'), 12n],
    ['-0', as('integer'), 0n],
    ['+7', as('integer'), 7n],
    ['007', as('integer'), 7n],
    [' 12\t', as('integer'), 12n],
    ['12.0', as('integer'), 12n],
    ['1.2e1', as('integer'), 12n],
    ['12.5', as('integer'), undefined],
    ['', as('integer'), undefined],
    ['-', as('integer'), undefined],
    ['1 2', as('integer'), undefined],
    ['0x10', as('integer'), undefined],
    ['1_000', as('integer'), undefined],
    ['1,000', as('integer'), undefined],
    ['１２', as('integer'), undefined],
    ['9007199254740993', as('integer'), 9007199254740993n],
    ['-123456789012345678901234567890', as('integer'), -123456789012345678901234567890n],
    ['12.34', as('decimal', 2), 1234n],
    ['12.3', as('decimal', 2), 1230n],
    ['-.5', as('decimal', 2), -50n],
    ['5.', as('decimal', 2), 500n],
    ['.', as('decimal', 2), undefined],
    ['1.2.3', as('decimal', 2), undefined],
    ['12.340000', as('decimal', 2), 1234n],
    ['12.345', as('decimal', 2), undefined],
    ['1.5e-3', as('decimal', 4), 15n],
    ['1.5e-3', as('decimal', 3), undefined],
    ['1e3', as('decimal', 2), 100000n],
    ['0.1234567890123456789', as('decimal', 18), undefined],
    [
      '99999999999999999.999999999999999999',
      as('decimal', 18),
      99999999999999999999999999999999999n,
    ],
    ['1e999', as('integer'), 10n ** 999n],
    ['1e1000', as('integer'), undefined],
    ['1e99999999', as('integer'), undefined],
    ['1.5', as('real'), 1.5],
    ['-1.5e-300', as('real'), -1.5e-300],
    ['-0.0', as('real'), 0],
    ['1e400', as('real'), undefined],
    ['NaN', as('real'), undefined],
    ['Infinity', as('real'), undefined],
    ['', as('real'), undefined],
    ['TRUE', as('boolean'), 1n],
    ['f', as('boolean'), 0n],
    ['1', as('boolean'), 1n],
    ['yes', as('boolean'), undefined],
    ['1970-01-01', as('date'), 0n],
    ['1969-12-31', as('date'), -1n],
    ['2000-02-29', as('date'), 11016n],
    ['1900-02-29', as('date'), undefined],
    ['2001-02-29', as('date'), undefined],
    ['2001-13-01', as('date'), undefined],
    ['2001-00-01', as('date'), undefined],
    ['2001-01-00', as('date'), undefined],
    ['0001-01-01', as('date'), -719162n],
    ['0000-01-01', as('date'), undefined],
    ['9999-12-31', as('date'), 2932896n],
    ['2001-1-1', as('date'), undefined],
    ['2001-01-01 00:00', as('date'), undefined],
    ['1970-01-01 00:00:01', as('timestamp'), 1_000_000n],
    ['1970-01-01T00:00:01.5Z', as('timestamp'), 1_500_000n],
    ['1970-01-01T00:00:00.000001', as('timestamp'), 1n],
    ['1970-01-01T00:00:00.000001000', as('timestamp'), 1n],
    ['1970-01-01T00:00:00.0000001', as('timestamp'), undefined],
    ['1970-01-01 02:00+02', as('timestamp'), 0n],
    ['1970-01-01 00:00-05:30', as('timestamp'), 19_800_000_000n],
    ['1970-01-02', as('timestamp'), 86_400_000_000n],
    ['1970-01-02Z', as('timestamp'), undefined],
    ['1970-01-01 24:00', as('timestamp'), undefined],
    ['1970-01-01 00:60', as('timestamp'), undefined],
    ['1970-01-01 23:59:60', as('timestamp'), undefined],
    ['1970-01-01 00:00+16', as('timestamp'), undefined],
    ['1970-01-01 00:00+01:60', as('timestamp'), undefined],
    ['1970-02-30 00:00', as('timestamp'), undefined],
    ['1970-01-01  00:00', as('timestamp'), undefined],
    ['9999-12-31 23:59:59.999999', as('timestamp'), 253402300799999999n],
    ['0001-01-01 00:00:00.000001', as('timestamp'), -62135596799999999n],
    [' kept as it is ', as('text'), ' kept as it is '],
    ['', as('text'), ''],
    ['\ud800', as('text'), undefined],
    ['a document', as('document'), 'a document'],
  ])('%j as %o is %s', (text, format, expected) => {
    expect(parseValue(text, format)).toBe(expected);
  });

  it('agrees with Date on every day of four centuries and beyond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719162, max: 2932896 }), (day) => {
        const text = formatValue(BigInt(day), as('date'));
        const iso = new Date(day * 86_400_000).toISOString();
        expect(text).toBe(iso.slice(0, 10));
        expect(parseValue(text, as('date'))).toBe(BigInt(day));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('parseCompact', () => {
  it('gives the same integer as parseValue, as a number exactly where that is safe', () => {
    fc.assert(
      fc.property(fc.bigInt(-(1n << 70n), 1n << 70n), fc.nat(18), (digits, scale) => {
        const format = as('decimal', scale);
        const value = parseCompact(formatValue(digits, format), format);
        expect(typeof value).toBe(Number.isSafeInteger(Number(digits)) ? 'number' : 'bigint');
        expect(BigInt(value!)).toBe(digits);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatValue', () => {
  it.each<[bigint | number | string, ValueFormat, string]>([
    [1230n, as('decimal', 2), '12.3'],
    [1200n, as('decimal', 2), '12'],
    [-5n, as('decimal', 2), '-0.05'],
    [0n, as('decimal', 18), '0'],
    [10n ** 30n, as('integer'), '1000000000000000000000000000000'],
    [1n, as('boolean'), 'true'],
    [0.1, as('real'), '0.1'],
    [-1n, as('timestamp'), '1969-12-31 23:59:59.999999'],
    [1_500_000n, as('timestamp'), '1970-01-01 00:00:01.5'],
    [60_000_000n, as('timestamp'), '1970-01-01 00:01:00'],
    ['as it is', as('text'), 'as it is'],
  ])('%s as %o is %s', (value, format, expected) => {
    expect(formatValue(value, format)).toBe(expected);
  });

  it('is read back by parseValue', () => {
    const timestamp = fc.bigInt(-62135596800000000n, 253402300799999999n);
    const cases: [fc.Arbitrary<bigint | number | string>, ValueFormat][] = [
      [fc.bigInt(), as('integer')],
      [fc.bigInt(), as('decimal', 7)],
      [fc.double({ noNaN: true, noDefaultInfinity: true }), as('real')],
      [fc.bigInt(0n, 1n), as('boolean')],
      [timestamp, as('timestamp')],
      [fc.string({ unit: anyCharacter }), as('text')],
    ];
    for (const [arbitrary, format] of cases) {
      fc.assert(
        fc.property(arbitrary, (value) => {
          const back = parseValue(formatValue(value, format), format);
          expect(back).toBe(value === 0 ? 0 : value);
        }),
      );
    }
  });
});

describe('parseDecimal', () => {
  it.each<[string, { digits: bigint; scale: number } | undefined]>([
    ['12.50', { digits: 1250n, scale: 2 }],
    ['1.5e-3', { digits: 15n, scale: 4 }],
    ['15E2', { digits: 1500n, scale: 0 }],
    ['1.234e1', { digits: 1234n, scale: 2 }],
    ['-.5', { digits: -5n, scale: 1 }],
    ['0e99999', { digits: 0n, scale: 0 }],
    ['0e-99999', { digits: 0n, scale: 1000 }],
    ['1e-1000', { digits: 1n, scale: 1000 }],
    ['1e-1001', undefined],
    ['9'.repeat(1000), { digits: 10n ** 1000n - 1n, scale: 0 }],
    ['9'.repeat(1001), undefined],
    ['0'.repeat(1001), { digits: 0n, scale: 0 }],
    ['1e999999999999', undefined],
    ['', undefined],
    ['e5', undefined],
    ['--1', undefined],
    ['1e', undefined],
    ['1 000', undefined],
  ])('%s', (text, expected) => {
    expect(parseDecimal(text)).toEqual(expected);
  });
});
