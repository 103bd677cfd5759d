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
