import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeState, encodeState } from '../../../../src/search/pir/state.ts';
import { generator } from '../sse/support.ts';
import {
  clientOf,
  askOf,
  build,
  postingsOf,
  rowsOfWord,
  subset,
  word,
  type Multimap,
} from './support.ts';
import { pirKeys, placer } from '../../../../src/search/pir/token/keywords.ts';
import { buildPir } from '../../../../src/search/pir/build.ts';

describe('a lookup', () => {
  test('gives the rows of the reference, for every keyword and for absent ones', async () => {
    const list = fc.integer({ min: 1, max: 3000 }).chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        lists: fc.dictionary(
          fc.string({ maxLength: 6 }),
          fc.uniqueArray(fc.nat({ max: rows - 1 }), { minLength: 1, maxLength: 40 }),
          { maxKeys: 12 },
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(list, fc.string({ maxLength: 6 }), async ({ rows, lists }, other) => {
        const map = new Map(
          Object.entries(lists).map(([text, ids]) => [text, ids.sort((a, b) => a - b)]),
        );
        const built = build(rows, map);
        const texts = [...map.keys(), other];
        const found = await built.client.find(texts.map(word), askOf(built.store));
        expect(found.map((set) => [...set.toArray()])).toEqual(texts.map((t) => map.get(t) ?? []));
      }),
      { numRuns: 25 },
    );
  });

  test('of lists that fill several buckets puts the parts together', async () => {
    const rows = 40_000;
    const next = generator(3);
    const map = new Map([
      ['all', Array.from({ length: rows }, (_, r) => r)],
      ['half', subset(rows, rows / 2, next)],
      ['hundredth', subset(rows, rows / 100, next)],
      ...Array.from({ length: 300 }, (_, i): [string, number[]] => [`rare ${i}`, [i * 100]]),
    ]);
    const built = build(rows, map);
    expect(decodeState(built.state).layout.parts).toBeGreaterThan(1);
    for (const text of ['all', 'half', 'hundredth', 'rare 7', 'none']) {
      expect(await rowsOfWord(built, text)).toEqual(map.get(text) ?? []);
    }
  });

  test('of a table of nothing finds nothing', async () => {
    expect(await rowsOfWord(build(10, new Map()), 'anything')).toEqual([]);
  });

  test('of none asks for no bucket', async () => {
    const { client, store } = build(10, new Map([['a', [1]]]));
    expect(await client.find([], askOf(store))).toEqual([]);
  });

  test('finds what is on the stash', async () => {
    const map: Multimap = new Map(
      Array.from({ length: 400 }, (_, i): [string, number[]] => [`word ${i}`, [i]]),
    );
    const { key, state, store } = build(400, map);
    const known = decodeState(state);
    // The same table as if one keyword had found no place: its record, moved.
    const { tag } = placer(pirKeys(key).keyword, known.layout.columns)(word('unplaced'), 0);
    const content = Uint8Array.of(1, 9, 1);
    const client = clientOf(key, encodeState({ ...known, stash: [{ tag, content }] }));
    const [rows] = await client.find([word('unplaced')], askOf(store));
    expect([...rows!.toArray()]).toEqual([9]);
  });

  test('takes one round trip, and the hint once', async () => {
    const { client, store } = build(100, new Map([['a', [1, 2]]]));
    const lengths: number[][] = [];
    for (let i = 0; i < 2; i++) {
      await client.find([word('a'), word('b')], async (queries) => {
        lengths.push(queries.map((query) => query.length));
        return queries.map((query) => store.answer!(query));
      });
    }
    expect(lengths).toEqual([
      [1, 64, 64, 64, 64],
      [64, 64, 64, 64],
    ]);
  });
});

describe('a table', () => {
  test('has a size that depends on the lists’ lengths alone', () => {
    const next = generator(11);
    const sizes = Array.from({ length: 500 }, () => 1 + (next() % 40));
    const make = (name: string): number => {
      const lists = sizes.map((size, i): [string, number[]] => [
        name + i,
        subset(9000, size, next),
      ]);
      return build(9000, new Map(lists)).part.length;
    };
    expect(make('one way')).toBe(make('another'));
  });

  test('is refused where its key is none', () => {
    const postings = postingsOf(3, new Map([['a', [0]]]));
    expect(() => buildPir(new Uint8Array(31), postings)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});
