import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildOre } from '../../../../src/search/ore/build.ts';
import { MAX_BLOCKS, oreIndexBytes } from '../../../../src/search/ore/format.ts';
import type { ColumnType } from '../../../../src/table/value.ts';
import { expectRows, generator, refusal, rowsWhere } from '../sse/support.ts';
import { answer, build, columnOf, inside, nulls, type Numeric, type Range } from './support.ts';

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
      .tuple(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.integer({ min: 0, max: 62 }))
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
    const end = (value: bigint, inclusive = true): Range['low'] => ({ value, inclusive });
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
    [2n ** 64n - 2n, 16],
  ])('of values that span %i is %i blocks, wherever they lie', (span, blocks) => {
    for (const base of [0n, -(2n ** 70n), 10n ** 30n]) {
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

  test('beyond 64 bits is refused, naming another index', () => {
    const column = columnOf('integer', [0n, 2n ** 64n - 1n]);
    expect(() => buildOre(randomBytes(32), column, 'total')).toThrow(/ore index on total.*"sse"/);
    expect(refusal(() => buildOre(randomBytes(32), column))).toBe('CAPABILITY_MISSING');
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
