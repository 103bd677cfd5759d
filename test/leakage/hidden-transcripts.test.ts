/**
 * The transcript distinguisher against indexes that hide their answers. A class is told from another where the rung
 * says so, and not where it says not: five standard errors around 0.5.
 */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { distinguish, type Transcript } from '../../src/measure/attacks/distinguisher.ts';
import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';
import { buildPadded } from '../../src/search/padded/build.ts';
import { parsePadded } from '../../src/search/padded/eval.ts';
import { parsePart, placesOf, spanOf } from '../../src/search/padded/format.ts';
import { openPadded } from '../../src/search/padded/token.ts';
import type { Postings } from '../../src/search/postings.ts';
import { buildSmooth } from '../../src/search/smooth/build.ts';
import { parseSmooth } from '../../src/search/smooth/eval.ts';
import { parsePart as parseSmoothPart } from '../../src/search/smooth/format.ts';
import { openSmooth } from '../../src/search/smooth/token.ts';
import { buildTagRung } from '../../src/search/tag/build.ts';
import { openTagIndex } from '../../src/search/tag/eval.ts';
import { tagQuery } from '../../src/search/tag/token.ts';
import { nthKeyword, postingsOf, recording, type Round } from '../unit/search/lists.ts';

const EACH = 120;
const ROWS = 6000;

/** Keywords 0 to EACH − 1 have 200 rows each, the next EACH one, the rest are not there. */
const postings: Postings = (() => {
  const random = new SeededRandom(1);
  const lists = Array.from({ length: 2 * EACH }, (_, i) => {
    const list = new Set<number>();
    while (list.size < (i < EACH ? 200 : 1)) list.add(random.below(ROWS));
    return [...list].sort((a, b) => a - b);
  });
  return postingsOf(ROWS, lists);
})();
const classes = { frequent: 0, rare: EACH, absent: 2 * EACH } as const;
type Class = keyof typeof classes;

/** Half of the scores of either class are a test’s: EACH of both together. */
const ERROR = Math.sqrt((EACH + 1) / (12 * (EACH / 2) * (EACH / 2)));
const expectNothing = (auc: number): void => {
  expect(Math.abs(auc - 0.5)).toBeLessThan(5 * ERROR);
};

function padded(base: number): (of: Class) => Promise<Transcript[]> {
  const key = randomBytes(32);
  const { part, state } = buildPadded(key, postings, { base });
  const index = parsePadded(part);
  const { shape } = parsePart(part);
  const lookup = openPadded(key, state);
  const touched = (query: Uint8Array): number[] => {
    const span = spanOf(shape, base === 0 ? 0 : query[32]!)!;
    return [...placesOf(query.subarray(0, 32), span, shape.side)];
  };
  return async (of) => {
    const seen: Transcript[] = [];
    for (let i = 0; i < EACH; i++) {
      const { ask, rounds } = recording(index);
      await lookup([nthKeyword(classes[of] + i)], ask);
      seen.push(transcriptOf(rounds, touched));
    }
    return seen;
  };
}

function transcriptOf(
  rounds: readonly Round[],
  touched: (query: Uint8Array) => (string | number)[],
): Transcript {
  return rounds.map(({ queries, replies }) => ({
    up: queries.reduce((sum, query) => sum + query.length, 0),
    down: replies.reduce((sum, reply) => sum + (reply?.length ?? 0), 0),
    touched: queries.flatMap(touched),
  }));
}

describe('a padded index', () => {
  it.each([
    ['frequent', 'rare'],
    ['frequent', 'absent'],
    ['rare', 'absent'],
  ] as const)('does not tell %s keywords from %s ones, each asked for once', async (a, b) => {
    const ask = padded(0);
    const { auc } = distinguish(await ask(a), await ask(b), new SeededRandom(2));
    expectNothing(auc);
  });

  it('with replies of powers tells frequent from rare, not rare from absent', async () => {
    const ask = padded(2);
    const [frequent, rare, absent] = [
      await ask('frequent'),
      await ask('rare'),
      await ask('absent'),
    ];
    expect(distinguish(frequent, rare, new SeededRandom(3)).auc).toBe(1);
    expectNothing(distinguish(rare, absent, new SeededRandom(4)).auc);
  });

  it('tells whether the same was asked before: one keyword from another, asked for again and again', async () => {
    const key = randomBytes(32);
    const { part, state } = buildPadded(key, postings);
    const lookup = openPadded(key, state);
    const again = async (i: number): Promise<Transcript[]> => {
      const seen: Transcript[] = [];
      for (let run = 0; run < 16; run++) {
        const { ask, rounds } = recording(parsePadded(part));
        await lookup([nthKeyword(i)], ask);
        seen.push(transcriptOf(rounds, (query) => [toHex(query)]));
      }
      return seen;
    };
    expect(distinguish(await again(0), await again(1), new SeededRandom(5)).auc).toBe(1);
  });
});

describe('an index of tags', () => {
  // A row has one keyword: 120 values of 40 rows and 120 of one.
  const lists = postingsOf(
    41 * EACH,
    Array.from({ length: 2 * EACH }, (_, i) =>
      i < EACH ? Array.from({ length: 40 }, (_row, j) => 40 * i + j) : [40 * EACH + i - EACH],
    ),
  );

  it('tells one keyword from another by the same distinguisher, and frequent ones from rare ones somewhat', async () => {
    // A fixed one: how far classes differ depends on which keywords share a tag.
    const key = new Uint8Array(32).fill(7);
    const input = { type: 'text', rows: lists.rows, postings: lists } as const;
    const { part, state } = buildTagRung(key, input, {});
    const index = openTagIndex(part);
    const tagOf = (keyword: number): Uint8Array => tagQuery(key, state, nthKeyword(keyword));
    const of = async (keywords: readonly number[]): Promise<Transcript[]> => {
      const seen: Transcript[] = [];
      for (const keyword of keywords) {
        const { ask, rounds } = recording(index);
        await ask([tagOf(keyword)]);
        seen.push(transcriptOf(rounds, (query) => [toHex(query)]));
      }
      return seen;
    };
    const again = (keyword: number): Promise<Transcript[]> => of(Array<number>(16).fill(keyword));
    // Several keywords have one tag: another of the same frequency that has another.
    const other = lists.keywords.findIndex((_, i) => i > 0 && toHex(tagOf(i)) !== toHex(tagOf(0)));
    expect(other).toBeLessThan(EACH);
    const one = distinguish(await again(0), await again(other), new SeededRandom(9));
    expect(one.auc).toBeGreaterThan(0.9);
    // Here rare ones share tags with frequent ones, which is what short tags are for.
    const every = (first: number): number[] => Array.from({ length: EACH }, (_, i) => first + i);
    const classed = distinguish(
      await of(every(classes.frequent)),
      await of(every(classes.rare)),
      new SeededRandom(10),
    );
    expect(classed.auc).toBeGreaterThan(0.55);
    expect(classed.auc).toBeLessThan(0.9);
  });
});

describe('a smoothed index', () => {
  const key = randomBytes(32);
  const { part, state } = buildSmooth(key, postings);
  const index = parseSmooth(part);
  const lookup = openSmooth(key, state);
  const { values } = parseSmoothPart(part);
  const random = new SeededRandom(6);

  const looking = async (draw: () => number): Promise<Transcript[]> => {
    const seen: Transcript[] = [];
    for (let i = 0; i < EACH; i++) {
      const { ask, rounds } = recording(index);
      await lookup([nthKeyword(draw())], ask);
      // A second round comes once in 4,096 times.
      seen.push(transcriptOf(rounds.slice(0, 1), (label) => [toHex(label)]));
    }
    return seen;
  };
  /** What nobody can tell anything from: as many labels, each drawn at random. */
  const uniform = (of: readonly Transcript[]): Transcript[] =>
    of.map((calls) =>
      calls.map((call) => ({
        ...call,
        touched: call.touched.map(() => {
          const at = values.stride * random.below(values.count);
          return toHex(values.bytes.subarray(at, at + 16));
        }),
      })),
    );
  /** As the index expects it: as often as a keyword has rows. */
  const expected = (): number => {
    const member = random.below(postings.members.length);
    return postings.starts.findIndex((start) => start > member) - 1;
  };

  it('shows labels that are as good as drawn at random when keywords are asked for as expected', async () => {
    const real = await looking(expected);
    expectNothing(distinguish(real, uniform(real), new SeededRandom(7)).auc);
  });

  it('shows it when one keyword is asked for all the time', async () => {
    const real = await looking(() => 3);
    expect(distinguish(real, uniform(real), new SeededRandom(8)).auc).toBeGreaterThan(0.9);
  });

  it('is as long for frequent, rare and absent keywords', async () => {
    const lengths = new Set<string>();
    for (const first of Object.values(classes)) {
      let i = first;
      for (const calls of await looking(() => i++)) {
        lengths.add(JSON.stringify(calls.map(({ up, down }) => [up, down])));
      }
    }
    expect(lengths.size).toBe(1);
  });
});
