import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildOre } from '../../../../src/search/ore/build.ts';
import { MAX_BLOCKS, oreIndexBytes } from '../../../../src/search/ore/format.ts';
import type { ColumnType } from '../../../../src/table/value.ts';
import { expectRows, generator, refusal, rowsWhere } from '../sse/support.ts';
import {
  answer,
  build,
  codesOf,
  columnOf,
  type End,
  inside,
  nulls,
  type Numeric,
  type Range,
} from './support.ts';

function expectRanges(type: ColumnType, cells: readonly Numeric[], ranges: readonly Range[]): void {
  const built = build(type, cells);
  for (const range of ranges) {
    const expected = cells.flatMap((cell, row) => (inside(cell, range) ? [row] : []));
    expectRows(answer(built, range), Uint32Array.from(expected));
  }
  expectRows(nulls(built), Uint32Array.from(cells.flatMap((c, row) => (c === null ? [row] : []))));
}

function rangesOf<T extends bigint | number>(value: fc.Arbitrary<T>): fc.Arbitrary<Range[]> {
  const end = fc.record({ value, inclusive: fc.boolean() });
  return fc.array(fc.record({ low: end, high: end }, { requiredKeys: [] }), {
    minLength: 1,
    maxLength: 5,
  });
}

/** Values, and ranges whose ends are often values themselves. */
function cases<T extends bigint | number>(
  value: fc.Arbitrary<T>,
): fc.Arbitrary<{ cells: (T | null)[]; ranges: Range[] }> {
  return fc.array(fc.option(value, { freq: 6 }), { minLength: 1, maxLength: 60 }).chain((cells) => {
    const present = cells.filter((cell) => cell !== null);
    const end = present.length === 0 ? value : fc.oneof(value, fc.constantFrom(...present));
    return fc.record({ cells: fc.constant(cells), ranges: rangesOf(end) });
  });
}

const runs = { numRuns: 60 };

describe('a range by order-revealing encryption finds the rows of a plaintext scan', () => {
  test('of few small integers', () => {
    fc.assert(
      fc.property(cases(fc.bigInt({ min: -20n, max: 20n })), ({ cells, ranges }) =>
        expectRanges('integer', cells, ranges),
      ),
      runs,
    );
  });

  test('of integers within 64 bits, wherever they lie', () => {
    const wide = fc
      .tuple(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), fc.integer({ min: 0, max: 61 }))
      .chain(([base, bits]) => cases(fc.bigInt({ min: base, max: base + 2n ** BigInt(bits) })));
    fc.assert(
      fc.property(wide, ({ cells, ranges }) => expectRanges('decimal', cells, ranges)),
      runs,
    );
  });

  test('of reals, infinities apart', () => {
    const real = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 1, -1, Number.MIN_VALUE, -Number.MIN_VALUE),
    );
    fc.assert(
      fc.property(cases(real), ({ cells, ranges }) => expectRanges('real', cells, ranges)),
      runs,
    );
  });

  test('of timestamps and dates', () => {
    const stamps = fc.bigInt({ min: 0n, max: 4_102_444_800_000_000n });
    fc.assert(
      fc.property(cases(stamps), ({ cells, ranges }) => expectRanges('timestamp', cells, ranges)),
      runs,
    );
    fc.assert(
      fc.property(cases(fc.bigInt({ min: -800n, max: 30_000n })), ({ cells, ranges }) =>
        expectRanges('date', cells, ranges),
      ),
      runs,
    );
  });

  test('of a segment larger than its batches', () => {
    const next = generator(2);
    const cells = Array.from({ length: 9000 }, () =>
      next() % 50 === 0 ? null : BigInt(next() % 100_000),
    );
    const end = (value: bigint, inclusive = true): End => ({ value, inclusive });
    expectRanges('integer', cells, [
      { low: end(1000n), high: end(60_000n, false) },
      { low: end(50_000n, false) },
      { high: end(99_999n) },
      { low: end(7n), high: end(7n) },
      {},
    ]);
  });

  test('of one value, and of NULL alone', () => {
    expectRanges('integer', [5n, 5n, 5n], [{ low: { value: 5n, inclusive: true } }, {}]);
    expectRanges('integer', [null, null], [{}, { high: { value: 0n, inclusive: true } }]);
  });
});

describe('the width of codes', () => {
  test.each([
    [0n, 2],
    [253n, 2],
    [254n, 2],
    [255n, 4],
    [65_534n, 4],
    [65_535n, 6],
    [2n ** 32n - 2n, 8],
    [2n ** 63n, 16],
    [2n ** 63n + 5n, 16],
  ])('of values that span %i is %i blocks, wherever they lie', (span, blocks) => {
    for (const base of [0n, -(2n ** 63n) + 1n, 2n ** 62n]) {
      if (base + span >= 2n ** 63n) continue;
      const cells = [base, base + span, null];
      const built = build('integer', cells);
      expect(built.parsed.blocks).toBe(blocks);
      expect(built.part.length).toBe(oreIndexBytes(3, blocks));
      const end = { value: base + span, inclusive: true };
      expectRows(
        answer(built, { low: end }),
        span === 0n ? Uint32Array.of(0, 1) : Uint32Array.of(1),
      );
      expectRows(
        answer(built, { high: { ...end, inclusive: false } }).slice(0, 1),
        span === 0n ? new Uint32Array(0) : Uint32Array.of(0),
      );
    }
    expect(blocks).toBeLessThanOrEqual(MAX_BLOCKS);
  });

  test('has room for any whole numbers below 2^63, so that segments merge', () => {
    const most = 2n ** 63n - 1n;
    const built = build('integer', [-most, most, 0n]);
    expect(built.parsed.blocks).toBe(MAX_BLOCKS);
    expectRows(answer(built, { high: { value: 0n, inclusive: false } }), Uint32Array.of(0));
    for (const beyond of [2n ** 63n, -(2n ** 63n), 10n ** 30n]) {
      const column = columnOf('integer', [beyond]);
      expect(() => buildOre(randomBytes(32), column, 'total')).toThrow(/ore index on total.*"sse"/);
      expect(refusal(() => buildOre(randomBytes(32), column))).toBe('CAPABILITY_MISSING');
    }
  });
});

describe('the ends that a token has', () => {
  const codes = (cells: readonly (bigint | null)[], range: Range) =>
    codesOf(build('integer', cells), range);
  const end = (value: bigint, inclusive = true): End => ({ value, inclusive });

  test('are those that leave a row out', () => {
    const cells = [10n, 20n, 30n];
    expect(codes(cells, { low: end(10n), high: end(30n) })).toEqual({});
    expect(codes(cells, { low: end(10n, false) })).toEqual({ low: 2n });
    expect(codes(cells, { high: end(30n, false) })).toEqual({ high: 20n });
    expect(codes(cells, { low: end(15n), high: end(25n) })).toEqual({ low: 6n, high: 16n });
    expect(codes([...cells, null], { high: end(99n) })).toEqual({ low: 1n });
  });

  test('are none where no value can be in the range', () => {
    const cells = [10n, 20n, null];
    for (const range of [
      { low: end(21n) },
      { high: end(9n) },
      { high: end(10n, false) },
      { low: end(20n, false) },
      { low: end(15n), high: end(14n) },
      { low: end(15n, false), high: end(16n, false) },
    ]) {
      expect(codes(cells, range)).toBe(undefined);
    }
    expect(codes([null], {})).toBe(undefined);
  });

  test('are the same whether an end is included or the next number is not', () => {
    const cells = [10n, 20n, 30n];
    expect(codes(cells, { low: end(14n, false), high: end(26n, false) })).toEqual(
      codes(cells, { low: end(15n), high: end(25n) }),
    );
  });
});

describe('a column that cannot be encrypted so', () => {
  test.each([
    ['text', 'a prefix of it would make ranges fuzzy'],
    ['document', '"sse"'],
    ['boolean', '"sse" answers ='],
  ] as const)('of type %s is refused with the reason', (type, reason) => {
    const cells = type === 'boolean' ? [0n, 1n] : ['a', 'b'];
    const column = columnOf(type, cells);
    expect(() => buildOre(randomBytes(32), column)).toThrow(reason);
    expect(refusal(() => buildOre(randomBytes(32), column))).toBe('CAPABILITY_MISSING');
  });

  test('is the caller’s mistake where it is none', () => {
    const good = columnOf('integer', [3n, 1n, 2n]);
    const key = randomBytes(32);
    for (const wrong of [
      { ...good, values: good.values.toReversed() },
      { ...good, values: [good.values[0]!, good.values[0]!, good.values[1]!] },
      { ...good, codes: Int32Array.of(0, 1, 3) },
      { ...good, codes: Int32Array.of(0, 1, -3) },
      { ...good, codes: Int32Array.of(0, 1) },
      { ...good, rows: 0, codes: new Int32Array(0) },
    ]) {
      expect(refusal(() => buildOre(key, wrong))).toBe('INTERNAL');
    }
    expect(refusal(() => buildOre(key.subarray(1), good))).toBe('INTERNAL');
  });
});

test('erased rows are in no range', () => {
  const cells = Array.from({ length: 50 }, (_, row) => BigInt(row % 10));
  const erased = [0, 13, 49];
  const built = build('integer', cells, erased);
  const expected = rowsWhere([...cells.keys()], (row) => !erased.includes(Number(row)));
  expectRows(answer(built, {}), expected);
});
