import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInSlot, type Slot, slotForm } from '../../../../src/policy/tool/slot.ts';

const integers = fc
  .tuple(fc.maxSafeInteger(), fc.maxSafeInteger())
  .map(([a, b]): Slot => ({ kind: 'integer', min: Math.min(a, b), max: Math.max(a, b) }));

describe('integers', () => {
  test('are those of the range', () => {
    fc.assert(
      fc.property(integers, fc.maxSafeInteger(), (slot, value) => {
        if (slot.kind !== 'integer') throw new TypeError(slot.kind);
        const within = slot.min <= value && value <= slot.max;
        for (const form of [value + 0, String(value + 0), BigInt(value)]) {
          expect(isInSlot(slot, form)).toBe(within);
        }
      }),
    );
  });

  const slot: Slot = { kind: 'integer', min: -5, max: 5 };
  test.each([
    1.5,
    NaN,
    Infinity,
    '1.0',
    '01',
    '+1',
    ' 1',
    '1 ',
    '1e0',
    '0x1',
    '',
    '-0',
    null,
    undefined,
    true,
    [1],
    { valueOf: () => 1 },
    new Date(1),
    '1\n',
    '１',
  ])('%j is none', (value) => {
    expect(isInSlot(slot, value)).toBe(false);
  });
});

describe('decimals', () => {
  const cents = fc.integer({ min: -1_000_000, max: 1_000_000 });
  const text = (value: number): string => {
    const digits = String(Math.abs(value)).padStart(3, '0');
    return `${value < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  };

  test('are those of the range, exactly', () => {
    fc.assert(
      fc.property(cents, cents, cents, (a, b, value) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const slot: Slot = { kind: 'decimal', min: text(min), max: text(max) };
        expect(isInSlot(slot, text(value))).toBe(min <= value && value <= max);
      }),
    );
  });

  test('differ in their last place', () => {
    const slot: Slot = { kind: 'decimal', min: '0', max: '0.100000000000000001' };
    expect(isInSlot(slot, '0.100000000000000001')).toBe(true);
    expect(isInSlot(slot, '0.100000000000000002')).toBe(false);
    expect(isInSlot(slot, 0.1)).toBe(true);
    expect(isInSlot(slot, 1e-7)).toBe(false);
  });

  test.each(['1e3', '.5', '1.', '--1', '1,0', '', NaN, null, true])('%j is none', (value) => {
    expect(isInSlot({ kind: 'decimal', min: '-9', max: '9999' }, value)).toBe(false);
  });
});

describe('texts, dates and truth values', () => {
  test('a text is one of the set', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 }),
        fc.string(),
        (values, value) => {
          const slot: Slot = { kind: 'text', values };
          expect(isInSlot(slot, value)).toBe(values.includes(value));
          expect(isInSlot(slot, values[0])).toBe(true);
          expect(isInSlot(slot, `${values.join('')}'`)).toBe(false);
        },
      ),
    );
  });

  test('a date is a day of the range', () => {
    const slot: Slot = { kind: 'date', min: '2024-02-28', max: '2024-03-01' };
    for (const day of ['2024-02-28', '2024-02-29', '2024-03-01']) {
      expect(isInSlot(slot, day)).toBe(true);
    }
    for (const other of [
      '2024-02-27',
      '2024-02-30',
      '2024-2-29',
      '2024-02-29T00:00:00Z',
      0,
      null,
    ]) {
      expect(isInSlot(slot, other)).toBe(false);
    }
  });

  test('a truth value', () => {
    expect([true, false, 'true', 'false'].every((one) => isInSlot({ kind: 'boolean' }, one))).toBe(
      true,
    );
    expect([1, 0, 't', 'TRUE', null].some((one) => isInSlot({ kind: 'boolean' }, one))).toBe(false);
  });
});

test.each<unknown>([
  { kind: 'any' },
  { kind: 'integer', min: 0 },
  { kind: 'integer', min: 0, max: 2 ** 53 },
  { kind: 'integer', min: 0.5, max: 1 },
  { kind: 'decimal', min: '2', max: '1' },
  { kind: 'decimal', min: '1e3', max: '1e4' },
  { kind: 'date', min: '2024-02-30', max: '2024-03-01' },
  { kind: 'text', values: ['a', 'a'] },
  { kind: 'boolean', values: [true] },
])('%j is no slot', (slot) => {
  expect(slotForm.safeParse(slot).success).toBe(false);
});
