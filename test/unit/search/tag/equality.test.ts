import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildTags } from '../../../../src/search/tag/build.ts';
import { parseTags, SEALED_BYTES, tagIndexBytes } from '../../../../src/search/tag/format.ts';
import { tagQuery } from '../../../../src/search/tag/token.ts';
import { type Cell, expectRows, generator, refusal, rowsWhere } from '../sse/support.ts';
import { build, keywordOf, lookup, postingsOf } from './support.ts';

const cell = fc.oneof(fc.constant(null), fc.integer({ min: -40, max: 40 }), fc.maxSafeInteger());
const text = fc.oneof(fc.constant(null), fc.string({ unit: 'grapheme', maxLength: 40 }));

describe('a lookup by tag', () => {
  test('finds exactly the rows of a plaintext scan, whatever the tag length', () => {
    const cells = fc.oneof(
      fc.array(cell, { minLength: 1, maxLength: 120 }),
      fc.array(text, { minLength: 1, maxLength: 120 }),
    );
    fc.assert(
      fc.property(cells, fc.integer({ min: 0, max: 8 }), cell, (rows, bits, other) => {
        const built = build(rows, bits);
        const probes: Cell[] = [...new Set<Cell>([...rows, null])];
        if (!rows.some((c) => typeof c === 'string')) probes.push(other);
        for (const probe of probes) {
          expectRows(
            lookup(built, probe),
            rowsWhere(rows, (c) => c === probe),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test('tells apart texts that begin alike and are too long to be sealed whole', () => {
    const long = 'x'.repeat(300);
    const cells = [`${long}a`, `${long}b`, long, 'x'.repeat(14), 'x'.repeat(15), `${long}a`, ''];
    const built = build(cells, 0);
    for (const probe of [...cells, `${long}c`]) {
      expectRows(
        lookup(built, probe),
        rowsWhere(cells, (c) => c === probe),
      );
    }
  });

  test('finds no erased row, which at rest looks like any other', () => {
    const cells = Array.from({ length: 64 }, (_, row) => row % 4);
    const erased = [0, 7, 63];
    const built = build(cells, 2, erased);
    for (let value = 0; value < 4; value++) {
      const expected = rowsWhere(cells, (c) => c === value).filter((r) => !erased.includes(r));
      expectRows(lookup(built, value), expected);
    }
    expect(parseTags(built.part).members.length).toBe(64);
  });

  test('is fuzzy at the store: candidates have other values too', () => {
    const next = generator(3);
    const cells = Array.from({ length: 4000 }, () => next() % 1000);
    const built = build(cells, 6);
    const reply = built.index.answer!(tagQuery(built.key, built.state, keywordOf(17)))!;
    const candidates = (reply.length - 4) / (4 + SEALED_BYTES);
    expect(candidates).toBeGreaterThan(lookup(built, 17).length);
    expect(candidates).toBeLessThan(4000 / 16);
  });
});

describe('a part at rest', () => {
  test('has a size of rows and bits alone, and another tag for a value in each build', () => {
    const cells = Array.from({ length: 500 }, (_, row) => row);
    const wide = cells.map((n) => `${n}${'y'.repeat(n)}`);
    const parts = [build(cells, 4), build(wide, 4)];
    for (const { part } of parts) expect(part.length).toBe(tagIndexBytes(500, 4));
    const tags = Array.from({ length: 20 }, () =>
      tagQuery(randomBytes(32), build(cells, 8).state, keywordOf(1)).join(),
    );
    expect(new Set(tags).size).toBeGreaterThan(1);
  });

  test('spreads values over all tags', () => {
    const cells = Array.from({ length: 1 << 14 }, (_, row) => row);
    const { starts } = parseTags(build(cells, 7).part);
    // 128 rows a tag, standard deviation 11.3: ten of them for 128 tags.
    for (let tag = 0; tag < 128; tag++) {
      expect(Math.abs(starts[tag + 1]! - starts[tag]! - 128)).toBeLessThan(113);
    }
  });

  test('is refused to a caller who gives it wrong postings', () => {
    const postings = postingsOf([1, 2, 3]);
    const key = randomBytes(32);
    const twice = { ...postings, members: Uint32Array.of(0, 0, 2) };
    const beyond = { ...postings, members: Uint32Array.of(0, 1, 3) };
    for (const wrong of [
      () => buildTags(key, twice, 1),
      () => buildTags(key, beyond, 1),
      () => buildTags(key, postings, 18),
      () => buildTags(key.subarray(1), postings, 1),
      () => buildTags(key, { ...postings, rows: 0 }, 1),
    ]) {
      expect(refusal(wrong)).toBe('INTERNAL');
    }
  });
});
