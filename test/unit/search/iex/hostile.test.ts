import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iexIndex } from '../../../../src/search/iex/eval.ts';
import { parseIex } from '../../../../src/search/iex/format.ts';
import { decodeQuery, encodeQuery, type IexQuery } from '../../../../src/search/iex/query.ts';
import { decodeTiny, encodeTiny, longestTiny } from '../../../../src/search/iex/tiny.ts';
import { iexToken } from '../../../../src/search/iex/token.ts';
import { postingsOf } from '../../../support/postings.ts';
import { refusal } from '../sse/support.ts';
import { and, build, not, or, word } from './support.ts';

const rows = Array.from({ length: 300 }, (_, row) =>
  ['2', '3', '50', '149'].filter((w) => row % Number(w) === 0),
);
const { key, part } = build(postingsOf(rows));
const formula = and(or(word('2'), word('50')), or(word('3'), word('149')), not(word('7')));
const tokens = [iexToken(key, formula), iexToken(key, not(word('149')))];

/** Parse and look up: every outcome must be typed, and rows those of the segment. */
function probe(bytes: Uint8Array, asked: readonly Uint8Array[] = tokens): string[] {
  const outcomes: string[] = [];
  const parsed = refusal(() => {
    const index = iexIndex(bytes);
    for (const token of asked) {
      outcomes.push(
        refusal(() => {
          if (
            index
              .find(token)
              .toArray()
              .some((row) => row >= index.rows)
          )
            throw new Error('a row past the segment');
        }) ?? 'rows',
      );
    }
  });
  return parsed === undefined ? outcomes : [parsed];
}

const TYPED = ['BYTES_INVALID', 'VERSION_UNSUPPORTED', 'rows'];

describe('an index from outside', () => {
  test('with flipped bits gives typed errors or rows of the segment', () => {
    expect(probe(part)).toEqual(['rows', 'rows']);
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(flips, (all) => {
        const bytes = part.slice();
        for (const [at, bit] of all) bytes[at % bytes.length]! ^= 1 << bit;
        for (const outcome of probe(bytes)) expect(TYPED).toContain(outcome);
      }),
      { numRuns: 200 },
    );
  });

  test('truncated or extended is refused', () => {
    for (let length = 0; length < part.length; length += 11) {
      expect(probe(part.slice(0, length))).toEqual(['BYTES_INVALID']);
    }
    expect(probe(Uint8Array.of(...part, 0))).toEqual(['BYTES_INVALID']);
  });

  test('with counts or rows that no part has, or records out of order, is refused', () => {
    for (const at of [16, 20, 24, 28]) {
      const bytes = part.slice();
      bytes.fill(0xff, at, at + 4);
      expect(probe(bytes)).toEqual(['BYTES_INVALID']);
    }
    const twice = part.slice();
    twice.copyWithin(32, 48, 64);
    expect(probe(twice)).toEqual(['BYTES_INVALID']);
  });

  test('whose tiny records are damaged is refused, or has as many rows', () => {
    const index = parseIex(part);
    const start = index.tiny.bytes.byteOffset - part.byteOffset;
    for (let record = 0; record < index.tiny.count; record++) {
      for (let bit = 0; bit < 32; bit++) {
        const bytes = part.slice();
        bytes[start + record * 16 + 12 + (bit >>> 3)]! ^= 1 << (bit & 7);
        for (const outcome of probe(bytes)) expect(TYPED).toContain(outcome);
      }
    }
  });
});

describe('a token from outside', () => {
  test('truncated or extended is refused', () => {
    for (const token of tokens) {
      for (let length = 0; length < token.length; length++) {
        expect(probe(part, [token.slice(0, length)])).toEqual(['BYTES_INVALID']);
      }
      expect(probe(part, [Uint8Array.of(...token, 0)])).toEqual(['BYTES_INVALID']);
    }
  });

  test('with flipped bits is refused or finds rows of the segment', () => {
    fc.assert(
      fc.property(fc.constantFrom(...tokens), fc.nat(), fc.nat(7), (token, at, bit) => {
        const bytes = token.slice();
        bytes[at % bytes.length]! ^= 1 << bit;
        expect(TYPED).toContain(probe(part, [bytes])[0]);
      }),
      { numRuns: 500 },
    );
  });

  test('that refers forward, to nothing or to too much is refused', () => {
    const list = new Uint8Array(32);
    const base: IexQuery = {
      first: [list],
      terms: [{ first: 0 }],
      formula: [{ kind: 'term', term: 0 }],
    };
    const refused = (query: Partial<IexQuery>): string | undefined =>
      refusal(() => decodeQuery(encodeQuery({ ...base, ...query })));
    expect(refused({})).toBe(undefined);
    for (const query of [
      { terms: [{ first: 1 }] },
      { formula: [] },
      { formula: [{ kind: 'term', term: 1 }] },
      { formula: [{ kind: 'not', arg: 0 }] },
      {
        formula: [
          { kind: 'term', term: 0 },
          { kind: 'and', args: [] },
        ],
      },
      {
        formula: [
          { kind: 'term', term: 0 },
          { kind: 'or', args: [0, 1] },
        ],
      },
      { first: Array.from({ length: 255 }, () => list) },
      { terms: Array.from({ length: 2048 }, () => ({ tokens: [list] })) },
      { formula: Array.from({ length: 1025 }, () => ({ kind: 'term', term: 0 })) },
    ] satisfies Partial<IexQuery>[]) {
      expect(refused(query)).toBe('BYTES_INVALID');
    }
  });

  test('is read as it was written', () => {
    for (const token of tokens) expect(encodeQuery(decodeQuery(token))).toEqual(token);
  });
});

describe('a tiny list', () => {
  test('holds every list up to the longest, and is refused above', () => {
    for (const count of [1, 2, 27, 28, 29, 200, 5000, 2 ** 18]) {
      const longest = longestTiny(count);
      expect(longest).toBeGreaterThanOrEqual(1);
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: longest }),
          (list) => {
            const sorted = Uint32Array.from(list).sort();
            const room = new Uint32Array(1);
            const word32 = encodeTiny(sorted, 0, sorted.length, count, room);
            expect(room[0]).toBe(0);
            expect(decodeTiny(word32, count)!.toArray()).toEqual(sorted);
          },
        ),
        { numRuns: 50 },
      );
      expect(decodeTiny(0, count)).toBe(undefined);
      if (longest < 15) expect(decodeTiny(longest + 1, count)).toBe(undefined);
    }
  });
});
