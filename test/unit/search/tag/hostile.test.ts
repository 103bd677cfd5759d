import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { openTagIndex } from '../../../../src/search/tag/eval.ts';
import { HEADER_BYTES, parseTags, SEALED_BYTES } from '../../../../src/search/tag/format.ts';
import { decodeTagState } from '../../../../src/search/tag/state.ts';
import { openTagReply, tagQuery } from '../../../../src/search/tag/token.ts';
import { generator, refusal } from '../sse/support.ts';
import { build, keywordOf, lookup } from './support.ts';

const next = generator(11);
const cells = Array.from({ length: 300 }, () => next() % 60);
const BITS = 4;
const built = build(cells, BITS);
const { key, state, part, index } = built;
const asked = keywordOf(cells[0]!);
const query = tagQuery(key, state, asked);
const reply = index.answer!(query)!;
const RECORD = 4 + SEALED_BYTES;

const open = (bytes: Uint8Array | undefined): string =>
  refusal(() => openTagReply(key, state, asked, bytes)) ?? 'rows';

describe('a part from outside', () => {
  const parse = (bytes: Uint8Array): string => refusal(() => openTagIndex(bytes)) ?? 'index';

  test('with any bit of its header or its tags flipped is refused', () => {
    const tags = HEADER_BYTES + 4 * (2 ** BITS + 1) + 4 * cells.length;
    for (let bit = 0; bit < 8 * tags; bit++) {
      const bytes = part.slice();
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      // A boundary between two tags may move where rows ascend across it; what is sealed then does not open.
      if (bit >= 8 * HEADER_BYTES && parse(bytes) === 'index') {
        const moved = { ...built, index: openTagIndex(bytes) };
        const outcomes = new Set(
          [...new Set(cells)].map((cell) => refusal(() => lookup(moved, cell))),
        );
        expect(outcomes).toContain('BYTES_INVALID');
      } else {
        expect(['BYTES_INVALID', 'VERSION_UNSUPPORTED']).toContain(parse(bytes));
      }
    }
  });

  test('truncated or extended is refused', () => {
    fc.assert(
      fc.property(fc.nat({ max: part.length - 1 }), (length) => {
        expect(parse(part.slice(0, length))).toBe('BYTES_INVALID');
      }),
    );
    expect(parse(Uint8Array.of(...part, 0))).toBe('BYTES_INVALID');
  });

  test('with a row under two tags, or out of order, is refused', () => {
    const members = HEADER_BYTES + 4 * (2 ** BITS + 1);
    const { starts } = parseTags(part);
    const first = starts.findIndex((start, tag) => starts[tag + 1]! - start > 1);
    const at = members + 4 * starts[first]!;
    const swapped = part.slice();
    swapped.copyWithin(at, at + 4, at + 8);
    swapped.set(part.subarray(at, at + 4), at + 4);
    const twice = part.slice();
    twice.copyWithin(at, at + 4, at + 8);
    expect([parse(swapped), parse(twice)]).toEqual(['BYTES_INVALID', 'BYTES_INVALID']);
  });

  test('at an odd offset of a larger buffer reads the same', () => {
    const larger = new Uint8Array(part.length + 7);
    larger.set(part, 3);
    const moved = openTagIndex(larger.subarray(3, 3 + part.length));
    expect(moved.answer!(query)).toEqual(reply);
  });
});

describe('a query from outside', () => {
  test('of another length or beyond the tags is refused', () => {
    for (const wrong of [
      new Uint8Array(0),
      query.slice(0, 3),
      Uint8Array.of(...query, 0),
      Uint8Array.of(2 ** BITS, 0, 0, 0),
      Uint8Array.of(255, 255, 255, 255),
    ]) {
      expect(refusal(() => index.answer!(wrong))).toBe('BYTES_INVALID');
    }
  });
});

describe('a reply from the store', () => {
  test('is accepted unaltered', () => {
    expect(open(reply)).toBe('rows');
    expect(reply.length).toBeGreaterThan(4 + 2 * RECORD);
  });

  test('with any bit flipped is refused', () => {
    for (let bit = 0; bit < 8 * reply.length; bit++) {
      const bytes = reply.slice();
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      expect(open(bytes)).toBe('BYTES_INVALID');
    }
  });

  test('truncated, extended or absent is refused', () => {
    for (let length = 0; length < reply.length; length++) {
      expect(open(reply.slice(0, length))).toBe('BYTES_INVALID');
    }
    expect(open(Uint8Array.of(...reply, 0))).toBe('BYTES_INVALID');
    expect(open(undefined)).toBe('BYTES_INVALID');
  });

  test('that leaves out candidates, one or all, is refused', () => {
    const found = (reply.length - 4) / RECORD;
    for (let left = 0; left < found; left++) {
      const rows = reply.subarray(4, 4 + 4 * found);
      const sealed = reply.subarray(4 + 4 * found);
      const bytes = Uint8Array.of(
        found - 1,
        0,
        0,
        0,
        ...rows.subarray(0, 4 * left),
        ...rows.subarray(4 * left + 4),
        ...sealed.subarray(0, SEALED_BYTES * left),
        ...sealed.subarray(SEALED_BYTES * (left + 1)),
      );
      expect(open(bytes)).toBe('BYTES_INVALID');
    }
    expect(open(new Uint8Array(4))).toBe('BYTES_INVALID');
  });

  test('to another tag, of another build or under another key is refused', () => {
    for (let tag = 0; tag < 2 ** BITS; tag++) {
      if (tag === query[0]) continue;
      expect(open(index.answer!(Uint8Array.of(tag, 0, 0, 0)))).toBe('BYTES_INVALID');
    }
    const other = build(cells, BITS);
    const same = Array.from({ length: 2 ** BITS }, (_, tag) =>
      open(other.index.answer!(Uint8Array.of(tag, 0, 0, 0))),
    );
    expect(new Set(same)).toEqual(new Set(['BYTES_INVALID']));
    expect(refusal(() => openTagReply(randomBytes(32), state, asked, reply))).toBe('BYTES_INVALID');
  });

  test('without rows is believed of a tag that has none', () => {
    const few = build([1, 1, 1], 6);
    expect(lookup(few, 1)).toEqual(Uint32Array.of(0, 1, 2));
    const absent = Array.from({ length: 40 }, (_, i) => lookup(few, 100 + i).length);
    expect(new Set(absent)).toEqual(new Set([0]));
  });
});

describe('a state', () => {
  test('truncated, extended or out of range is refused', () => {
    const outcome = (bytes: Uint8Array): string => refusal(() => decodeTagState(bytes)) ?? 'state';
    expect(outcome(state)).toBe('state');
    for (let length = 0; length < state.length; length++) {
      expect(outcome(state.slice(0, length))).toBe('BYTES_INVALID');
    }
    expect(outcome(Uint8Array.of(...state, 0))).toBe('BYTES_INVALID');
    const long = state.slice();
    long[4] = 18;
    expect(outcome(long)).toBe('BYTES_INVALID');
    expect(outcome(new Uint8Array(state.length))).toBe('BYTES_INVALID');
  });
});
