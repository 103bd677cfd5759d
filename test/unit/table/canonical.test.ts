import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpalineError } from '../../../src/errors/opaline-error.ts';
import { canonicalBytes, decodeCanonical } from '../../../src/table/canonical.ts';
import { anyCharacter } from './any-text.ts';

const text = fc.string({ unit: anyCharacter });
const real = fc.double({ noNaN: true, noDefaultInfinity: true });
const integer = fc.oneof(fc.bigInt(), fc.bigInt({ min: -300n, max: 300n }), huge());

describe('canonicalBytes', () => {
  it('orders integers of any size as the integers', () => {
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        const order = compare(canonicalBytes(a, 'integer'), canonicalBytes(b, 'integer'));
        expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('orders integers at every change of length', () => {
    const edges = [1, 7, 8, 16, 63, 64, 1007, 1008, 1009, 1016, 2048].map((k) => 1n << BigInt(k));
    const values = edges.flatMap((e) => [-e - 1n, -e, 1n - e, e - 1n, e, e + 1n]);
    const sorted = [0n, ...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    for (let i = 1; i < sorted.length; i++) {
      const [a, b] = [sorted[i - 1]!, sorted[i]!];
      const expected = a === b ? 0 : -1;
      expect(compare(canonicalBytes(a, 'integer'), canonicalBytes(b, 'integer'))).toBe(expected);
    }
  });

  it('orders reals as the reals, with one zero', () => {
    fc.assert(
      fc.property(real, real, (a, b) => {
        const order = compare(canonicalBytes(a, 'real'), canonicalBytes(b, 'real'));
        expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      { numRuns: 2000 },
    );
    expect(canonicalBytes(-0, 'real')).toEqual(canonicalBytes(0, 'real'));
  });

  it('orders text by code point', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const order = compare(canonicalBytes(a, 'text'), canonicalBytes(b, 'text'));
        expect(order).toBe(compareNumbers(codePoints(a), codePoints(b)));
      }),
      { numRuns: 2000 },
    );
    // UTF-16 order would put the surrogate pair first.
    const [bmp, astral] = [canonicalBytes('\uff5e', 'text'), canonicalBytes('\u{1f600}', 'text')];
    expect(compare(bmp, astral)).toBe(-1);
  });

  it('round-trips every value', () => {
    const roundTrip = (
      value: bigint | number | string,
      type: 'integer' | 'real' | 'text',
    ): void => {
      expect(decodeCanonical(canonicalBytes(value, type), type)).toBe(value === 0 ? 0 : value);
    };
    fc.assert(fc.property(integer, (value) => roundTrip(value, 'integer')));
    fc.assert(fc.property(real, (value) => roundTrip(value, 'real')));
    fc.assert(fc.property(text, (value) => roundTrip(value, 'text')));
    roundTrip('\ufeffstarts with a byte order mark', 'text');
  });

  it('takes safe numbers for integers, giving the same bytes', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        expect(canonicalBytes(n, 'timestamp')).toEqual(canonicalBytes(BigInt(n), 'timestamp'));
      }),
    );
  });

  it('is the documented layout', () => {
    const hex = (value: bigint): string =>
      Buffer.from(canonicalBytes(value, 'integer')).toString('hex');
    expect([0n, 1n, 255n, 256n, -1n, -256n].map(hex)).toEqual([
      '80',
      '8101',
      '81ff',
      '820100',
      '7efe',
      '7dfeff',
    ]);
    expect(hex(1n << 1008n)).toMatch(/^ff0000007f010+$/);
  });

  it.each([
    ['text', 1n],
    ['text', '\ud800'],
    ['real', Number.NaN],
    ['real', 1n],
    ['integer', 0.5],
    ['integer', 2 ** 53],
    ['date', '2001-01-01'],
  ] as const)('refuses a value that is no %s: %s', (type, value) => {
    expect(() => canonicalBytes(value, type)).toThrow(/internal error/);
  });
});

describe('decodeCanonical', () => {
  it.each([
    ['integer', ''],
    ['integer', '8001'],
    ['integer', '7f'],
    ['integer', '81'],
    ['integer', '8100'],
    ['integer', '820001'],
    ['integer', '82ff'],
    ['integer', '81ffff'],
    ['integer', 'ff00000001ff'],
    ['integer', 'ff0000'],
    ['integer', 'ffffffffff01'],
    ['real', '00'],
    ['real', 'fff0000000000000'],
    ['real', '7fffffffffffffff'],
    ['text', 'ff'],
    ['text', 'eda080'],
  ] as const)('refuses %s bytes %s', (type, hex) => {
    expect(code(() => decodeCanonical(Buffer.from(hex, 'hex'), type))).toBe('BYTES_INVALID');
  });

  it('accepts no other bytes than those of the value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        for (const type of ['integer', 'real', 'text'] as const) {
          let value;
          try {
            value = decodeCanonical(bytes, type);
          } catch (error) {
            expect(isOpalineError(error, 'BYTES_INVALID')).toBe(true);
            continue;
          }
          expect(canonicalBytes(value, type)).toEqual(Uint8Array.from(bytes));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function huge(): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.nat(2100), fc.bigInt({ min: -9n, max: 9n }), fc.boolean())
    .map(([k, d, sign]) => (sign ? -1n : 1n) * ((1n << BigInt(k)) + d));
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function codePoints(value: string): number[] {
  return Array.from(value, (c) => c.codePointAt(0)!);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

function code(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return isOpalineError(error) ? error.code : String(error);
  }
  return undefined;
}
