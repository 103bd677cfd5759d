import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookupPosting, lookupSealed } from '../../../../src/search/sse/eval.ts';
import { parseIndex } from '../../../../src/search/sse/format.ts';
import { keystream } from '../../../../src/search/sse/keystream.ts';
import { findRecord } from '../../../../src/search/sse/region.ts';
import { edgeLabel, nodeToken, nullToken, valueToken } from '../../../../src/search/sse/token.ts';
import { build, canonical, columnOf, generator, refusal } from './support.ts';

const next = generator(9);
const cells = Array.from({ length: 3000 }, () => {
  const draw = next() % 100;
  return draw < 10 ? null : draw < 60 ? 1 : 1 + (draw % 30);
});
const { part, key } = build([columnOf(1, cells)]);
const tokens = [
  nullToken(key, 1),
  ...Array.from({ length: 30 }, (_, i) => valueToken(key, 1, canonical(i + 1))),
  nodeToken(key, 1, { level: 0, index: 0 }),
  nodeToken(key, 1, { level: 1, index: 0 }),
];
const label = edgeLabel(key, 1, 0);

/** Parse and look everything up: every outcome must be typed, within the segment, and soon. */
function probe(bytes: Uint8Array): string[] {
  const outcomes: string[] = [];
  const parsed = refusal(() => {
    const index = parseIndex(bytes);
    for (const token of tokens) {
      outcomes.push(
        refusal(() => {
          const rows = lookupPosting(index, token).toArray();
          if (rows.some((row) => row >= index.rows)) throw new Error('a row past the segment');
        }) ?? 'rows',
      );
    }
    outcomes.push(lookupSealed(index, label) === undefined ? 'no block' : 'block');
  });
  return parsed === undefined ? outcomes : [parsed];
}

const TYPED = new Set(['BYTES_INVALID', 'VERSION_UNSUPPORTED', 'rows', 'no block', 'block']);

describe('an index from outside', () => {
  test('unaltered is accepted whole', () => {
    expect(new Set(probe(part))).toEqual(new Set(['rows', 'block']));
  });

  test('with flipped bits gives typed errors or rows of the segment', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 7 })), { minLength: 1, maxLength: 20 }),
        (flips) => {
          const bytes = part.slice();
          for (const [at, bit] of flips) bytes[at % bytes.length]! ^= 1 << bit;
          expect(probe(bytes).filter((outcome) => !TYPED.has(outcome))).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('with every bit of the header flipped, alone, is refused', () => {
    for (let bit = 0; bit < 8 * 48; bit++) {
      const bytes = part.slice();
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      const [outcome, more] = probe(bytes);
      // Only the row count may be another valid one: lists then decode for other sizes, or fail.
      if (bit >= 128 && bit < 160 && more !== undefined) expect(TYPED).toContain(outcome);
      else expect(['BYTES_INVALID', 'VERSION_UNSUPPORTED']).toContain(outcome);
    }
  });

  test('truncated or extended is refused', () => {
    fc.assert(
      fc.property(fc.nat({ max: part.length - 1 }), (length) => {
        expect(probe(part.slice(0, length))).toEqual(['BYTES_INVALID']);
      }),
    );
    expect(probe(Uint8Array.of(...part, 0))).toEqual(['BYTES_INVALID']);
    expect(probe(new Uint8Array(0))).toEqual(['BYTES_INVALID']);
  });

  test('with a length that is not the list’s is refused', () => {
    const token = valueToken(key, 1, canonical(1));
    const index = parseIndex(part);
    const count = lookupPosting(index, token).count;
    const record =
      index.small.bytes.byteOffset -
      part.byteOffset +
      findRecord(index.small, keystream(token, 4), 0);
    const withLength = (length: number): Uint8Array => {
      const bytes = part.slice();
      const view = new DataView(bytes.buffer);
      view.setUint32(record + 16, view.getUint32(record + 16, true) ^ count ^ length, true);
      return bytes;
    };
    for (const length of [1, count - 1, count + 1, 3000]) {
      const bytes = withLength(length);
      expect(refusal(() => lookupPosting(parseIndex(bytes), token))).toBe('BYTES_INVALID');
    }
    for (const length of [0, 3001, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = withLength(length);
      expect(() => lookupPosting(parseIndex(bytes), token)).toThrow(
        'a list length is out of range',
      );
    }
  });

  test('that lacks a record of a list says so', () => {
    const token = valueToken(key, 1, canonical(1));
    const index = parseIndex(part);
    // The list's second record is a large one; its label follows the first record's 12 words.
    const found = findRecord(index.large, keystream(token, 16), 12);
    expect(found).toBeGreaterThanOrEqual(0);
    const bytes = part.slice();
    bytes[index.large.bytes.byteOffset - part.byteOffset + found + 15]! ^= 1;
    expect(() => lookupPosting(parseIndex(bytes), token)).toThrow('a record of a list is missing');
  });

  test('with records out of order or twice, or a row count that no segment has, is refused', () => {
    const start = parseIndex(part).small.bytes.byteOffset - part.byteOffset;
    const swapped = part.slice();
    swapped.set(part.slice(start, start + 48), start + 48);
    swapped.set(part.slice(start + 48, start + 96), start);
    const twice = part.slice();
    twice.copyWithin(start + 48, start, start + 48);
    expect([probe(swapped), probe(twice)]).toEqual([['BYTES_INVALID'], ['BYTES_INVALID']]);
    for (const rows of [0, 2 ** 18 + 1, 2 ** 32 - 1]) {
      const bytes = part.slice();
      new DataView(bytes.buffer).setUint32(16, rows, true);
      expect(probe(bytes)).toEqual(['BYTES_INVALID']);
    }
  });

  test('with counts that promise more than there is is refused without allocating', () => {
    for (const at of [20, 24, 28, 36]) {
      const bytes = part.slice();
      bytes.fill(0xff, at, at + 4);
      expect(probe(bytes)).toEqual(['BYTES_INVALID']);
    }
  });

  test('at an odd offset of a larger buffer reads the same', () => {
    const larger = new Uint8Array(part.length + 7);
    larger.set(part, 3);
    expect(new Set(probe(larger.subarray(3, 3 + part.length)))).toEqual(new Set(['rows', 'block']));
  });
});
