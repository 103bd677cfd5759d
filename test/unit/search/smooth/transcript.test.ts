import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/bytes/hex.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildSmooth } from '../../../../src/search/smooth/build.ts';
import { estimateSmooth } from '../../../../src/search/smooth/estimate.ts';
import { parseSmooth } from '../../../../src/search/smooth/eval.ts';
import { smoothLeakage } from '../../../../src/search/smooth/leakage.ts';
import { decodeState } from '../../../../src/search/smooth/state.ts';
import { openSmooth } from '../../../../src/search/smooth/token.ts';
import { drawnPostings, nthKeyword, recording, zipf } from '../lists.ts';
import { generator } from '../sse/support.ts';

describe('what the store sees of lookups in a smoothed index', () => {
  const draw = zipf(40, 12);
  const postings = drawnPostings(4000, () => [draw()]);
  const key = randomBytes(32);
  const { part, state } = buildSmooth(key, postings);
  const index = parseSmooth(part);

  test('is as long for every keyword, there or not', async () => {
    expect(Math.max(...decodeState(state).lengths)).toBe(1);
    const shapes = new Map<string, number>();
    for (let i = 0; i < 60; i++) {
      const { ask, rounds } = recording(index);
      await openSmooth(key, state)([nthKeyword(i)], ask);
      const [{ queries, replies }] = rounds as [(typeof rounds)[0]];
      const shape = JSON.stringify([
        queries.map((query) => query.length),
        replies.map((reply) => reply!.length),
      ]);
      shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    }
    expect([...shapes.values()]).toEqual([60]);
  });

  test('are labels that are all read alike when lookups are as expected, and unlike when not', async () => {
    const seen = async (ask: () => number): Promise<number> => {
      const counts = new Map<string, number>();
      for (let i = 0; i < 500; i++) {
        const recorded = recording(index);
        await openSmooth(key, state)([postings.keywords[ask()]!], recorded.ask);
        for (const query of recorded.rounds.flatMap(({ queries }) => queries)) {
          counts.set(toHex(query), (counts.get(toHex(query)) ?? 0) + 1);
        }
      }
      const labels = 2 * postings.keywords.length;
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const expected = total / labels;
      let chi = (labels - counts.size) * expected;
      for (const count of counts.values()) chi += (count - expected) ** 2 / expected;
      return (chi - (labels - 1)) / Math.sqrt(2 * (labels - 1));
    };
    const next = generator(8);
    // A row drawn at random has each keyword as often as the default expects it.
    const owner = postings.keywords.flatMap((_, i) =>
      Array.from({ length: postings.starts[i + 1]! - postings.starts[i]! }, () => i),
    );
    expect(Math.abs(await seen(() => owner[next() % owner.length]!))).toBeLessThan(6);
    expect(await seen(() => 7)).toBeGreaterThan(20);
  });

  test('is of a list that takes several values their number, to the next power of two', async () => {
    const long = drawnPostings(20_000, (row) => [row % 2 === 0 ? 0 : row]);
    const built = buildSmooth(key, long);
    const { ask, rounds } = recording(parseSmooth(built.part));
    await openSmooth(key, built.state)([nthKeyword(0)], ask);
    const several = rounds[0]!.queries.length;
    rounds.length = 0;
    await openSmooth(key, built.state)([nthKeyword(5)], ask);
    expect(rounds[0]!.queries.length).toBe(12);
    expect(several).toBeGreaterThan(12);
  });

  test('is estimated and declared', () => {
    const lists = postings.keywords.map((_, i) => postings.starts[i + 1]! - postings.starts[i]!);
    const estimate = estimateSmooth({ rows: postings.rows, segments: 1, frequencies: lists });
    expect(estimate.bytes / part.length).toBeGreaterThan(0.7);
    expect(estimate.bytes / part.length).toBeLessThan(1.5);
    expect(estimate.bytesUp).toBe(12 * 16);
    expect(estimate.bytesDown / (12 * (decodeState(state).payload + 16))).toBeCloseTo(1, 0);
    const leak = smoothLeakage({ column: 'ward', rows: 4000, segments: 1, use: { asked: 1 } });
    expect(leak).toMatchObject({ index: 'smooth', expectedRecovery: null });
    expect(leak.onQuery.join()).toContain('follow each other');
  });
});
