import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/bytes/codec.ts';
import { randomBytes } from '../../../src/bytes/random.ts';
import { OpalineError } from '../../../src/errors/opaline-error.ts';
import { keyword, KEYWORD_KIND } from '../../../src/search/keyword.ts';
import { buildPadded } from '../../../src/search/padded/build.ts';
import { parsePadded } from '../../../src/search/padded/eval.ts';
import { WHAT } from '../../../src/search/padded/format.ts';
import { openPadded } from '../../../src/search/padded/token.ts';
import { keywordRung } from '../../../src/search/token-hiding.ts';
import type { KeywordCondition } from '../../../src/search/token-rung.ts';
import { nthKeyword, postingsOf, recording } from './lists.ts';

const key = randomBytes(32);
const lists = [
  [0, 1, 2, 3],
  [2, 3, 4],
  [3, 9],
];
const { part, state } = buildPadded(key, postingsOf(10, lists));
const rung = keywordRung(openPadded(key, state), WHAT, 'a part');
const has = (i: number): KeywordCondition => ({ kind: 'keyword', keyword: nthKeyword(i) });

describe('a hiding index of keywords', () => {
  test.each<[string, KeywordCondition, number[]]>([
    ['one', has(1), [2, 3, 4]],
    ['none', has(7), []],
    ['and', { kind: 'and', args: [has(0), has(1)] }, [2, 3]],
    ['or', { kind: 'or', args: [has(1), has(2), has(7)] }, [2, 3, 4, 9]],
    ['not', { kind: 'not', arg: has(0) }, [4, 5, 6, 7, 8, 9]],
    [
      'nested',
      {
        kind: 'and',
        args: [
          { kind: 'or', args: [has(0), has(2)] },
          { kind: 'not', arg: has(1) },
        ],
      },
      [0, 1, 9],
    ],
  ])('answers %s in one round trip', async (_, condition, expected) => {
    const { ask, rounds } = recording(parsePadded(part));
    const rows = await rung.lookup!({ kind: 'match', condition }, ask);
    expect([...rows]).toEqual(expected);
    expect(rounds.length).toBe(1);
  });

  test('answers several keywords apart in one round trip, and refuses a range', async () => {
    const { ask, rounds } = recording(parsePadded(part));
    const found = await rung.lookupEach!([nthKeyword(2), nthKeyword(0)], ask);
    expect(found.map((rows) => [...rows])).toEqual([lists[2], lists[0]]);
    expect(rounds.length).toBe(1);
    await expect(rung.lookup!({ kind: 'range' }, ask)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('blames the part for replies that are wrong, and passes on what a link refuses', async () => {
    const query = { kind: 'keyword', keyword: keyword(KEYWORD_KIND.value, utf8('x')) } as const;
    const nothing = rung.lookup!(query, (queries) => Promise.resolve(queries.map(() => undefined)));
    await expect(nothing).rejects.toMatchObject({
      code: 'PART_CORRUPT',
      details: { part: 'a part' },
    });
    for (const error of [
      new OpalineError('STORE_IO', { operation: 'read', reason: 'a test' }),
      new OpalineError('BYTES_INVALID', { what: 'a search request', reason: 'a test' }),
    ]) {
      await expect(rung.lookup!(query, () => Promise.reject(error))).rejects.toBe(error);
    }
  });
});
