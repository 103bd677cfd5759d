import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openOreIndex } from '../../../../src/search/ore/eval.ts';
import { FAN, HEADER_BYTES, oreIndexBytes } from '../../../../src/search/ore/format.ts';
import { decodeOreState, encodeOreState } from '../../../../src/search/ore/state.ts';
import { rangeToken } from '../../../../src/search/ore/token.ts';
import { generator, refusal } from '../sse/support.ts';
import { build } from './support.ts';

const next = generator(21);
const cells = Array.from({ length: 500 }, () => (next() % 9 === 0 ? null : BigInt(next() % 3000)));
const { part, state, key, parsed } = build('integer', cells);
const codes = { low: 100n, high: 2000n };
const token = rangeToken(key, parsed, codes);

/** Parse and search: every outcome is typed, and rows are the segment's. */
function probe(bytes: Uint8Array, by = token): string {
  return (
    refusal(() => {
      const index = openOreIndex(bytes);
      const found = index.find!(by).toArray();
      if (found.some((row) => row >= index.rows)) throw new Error('a row past the segment');
    }) ?? 'rows'
  );
}

describe('a part from outside', () => {
  test('unaltered is accepted', () => {
    expect(probe(part)).toBe('rows');
    expect(part.length).toBe(oreIndexBytes(500, parsed.blocks));
  });

  test('with any bit of the header flipped is refused', () => {
    for (let bit = 0; bit < 8 * HEADER_BYTES; bit++) {
      const bytes = part.slice();
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      // Under another salt the pads are others: nonsense, as of another index.
      expect(['BYTES_INVALID', 'VERSION_UNSUPPORTED']).toContain(probe(bytes));
    }
  });

  test('truncated or extended is refused', () => {
    fc.assert(
      fc.property(fc.nat({ max: part.length - 1 }), (length) => {
        expect(probe(part.slice(0, length))).toBe('BYTES_INVALID');
      }),
    );
    expect(probe(Uint8Array.of(...part, 0))).toBe('BYTES_INVALID');
  });

  test('with other words gives rows of the segment or a typed error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 7 })), { minLength: 1, maxLength: 40 }),
        (flips) => {
          const bytes = part.slice();
          for (const [at, bit] of flips) {
            bytes[HEADER_BYTES + (at % (bytes.length - HEADER_BYTES))]! ^= 1 << bit;
          }
          expect(['rows', 'BYTES_INVALID']).toContain(probe(bytes));
        },
      ),
    );
  });

  test('at an odd offset of a larger buffer reads the same', () => {
    const larger = new Uint8Array(part.length + 7);
    larger.set(part, 3);
    const moved = openOreIndex(larger.subarray(3, 3 + part.length));
    expect(moved.find!(token).toArray()).toEqual(openOreIndex(part).find!(token).toArray());
  });
});

describe('a token from outside', () => {
  test('truncated, extended or with an entry that no block has is refused', () => {
    for (let length = 0; length < token.length; length++) {
      expect(probe(part, token.slice(0, length))).toBe(length === 0 ? 'rows' : 'BYTES_INVALID');
    }
    expect(probe(part, Uint8Array.of(...token, 0))).toBe('BYTES_INVALID');
    for (const at of [1, parsed.blocks, 1 + 17 * parsed.blocks]) {
      const wrong = token.slice();
      wrong[at] = FAN;
      expect(probe(part, wrong)).toBe('BYTES_INVALID');
    }
    for (const flags of [0, 1, 2, 4, 255]) {
      const wrong = token.slice();
      wrong[0] = flags;
      expect(probe(part, wrong)).toBe('BYTES_INVALID');
    }
  });

  test('without bytes stands for no row, and without ends for all', () => {
    const index = openOreIndex(part);
    expect(index.find!(new Uint8Array(0)).count).toBe(0);
    expect(index.find!(Uint8Array.of(0)).count).toBe(500);
  });

  test('with any bit flipped gives rows of the segment or a typed error', () => {
    const outcomes = new Map<string, number>();
    for (let bit = 0; bit < 8 * token.length; bit++) {
      const wrong = token.slice();
      wrong[bit >>> 3]! ^= 1 << (bit & 7);
      const outcome = probe(part, wrong);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // A key of a later block may meet so few rows that none of them is nonsense.
    expect([...outcomes.keys()].filter((o) => o !== 'rows' && o !== 'BYTES_INVALID')).toEqual([]);
    expect(outcomes.get('BYTES_INVALID')).toBeGreaterThan(8 * 16);
  });
});

describe('a state', () => {
  const outcome = (bytes: Uint8Array): string => refusal(() => decodeOreState(bytes)) ?? 'state';

  test('truncated, extended or out of range is refused', () => {
    expect(outcome(state)).toBe('state');
    for (let length = 0; length < state.length; length++) {
      expect(outcome(state.slice(0, length))).toBe('BYTES_INVALID');
    }
    expect(outcome(Uint8Array.of(...state, 0))).toBe('BYTES_INVALID');
    const good = { rows: 9, blocks: 4, kind: 'whole', nulls: false } as const;
    for (const wrong of [
      { ...good, span: { least: 5n, most: 4n } },
      { ...good, span: { least: 0n, most: 2n ** 16n } },
      { ...good, blocks: 17, span: undefined },
      { ...good, rows: 0, span: undefined },
    ]) {
      expect(outcome(encodeOreState(wrong))).toBe('BYTES_INVALID');
    }
    for (const at of [5, 6, 7]) {
      const wrong = state.slice();
      wrong[at] = 2;
      expect(outcome(wrong)).toBe('BYTES_INVALID');
    }
  });
});
