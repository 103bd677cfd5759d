import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/bytes/hex.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildPadded } from '../../../../src/search/padded/build.ts';
import { parsePadded } from '../../../../src/search/padded/eval.ts';
import { levelOf, parsePart, placesOf } from '../../../../src/search/padded/format.ts';
import { decodeState } from '../../../../src/search/padded/state.ts';
import { openPadded } from '../../../../src/search/padded/token.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import { drawnPostings, nthKeyword, recording, type Round, zipf } from '../lists.ts';

const draw = zipf(200, 11);
const postings = drawnPostings(8000, () => [draw()]);
const ABSENT = 50;

interface Seen {
  readonly keyword: number;
  readonly rounds: readonly Round[];
}

/** What the store sees of a lookup of every keyword, and of some that are not there. */
async function transcripts(
  of: Postings,
  base: number,
): Promise<{ part: Uint8Array; seen: Seen[] }> {
  const key = randomBytes(32);
  const { part, state } = buildPadded(key, of, { base });
  const index = parsePadded(part);
  const seen: Seen[] = [];
  for (let i = 0; i < of.keywords.length + ABSENT; i++) {
    const { ask, rounds } = recording(index);
    await openPadded(key, state)([nthKeyword(i)], ask);
    seen.push({ keyword: i, rounds });
  }
  return { part, seen };
}

const shapeOf = ({ rounds }: Seen): string =>
  JSON.stringify(
    rounds.map(({ queries, replies }) => [
      queries.map((query) => query.length),
      replies.map((reply) => reply!.length),
    ]),
  );

describe('what the store sees of lookups in a padded index', () => {
  test('is as long for every keyword, there or not', async () => {
    const { part, seen } = await transcripts(postings, 0);
    const { shape } = parsePart(part);
    expect(shape.tables).toBe(2);
    expect(new Set(seen.map(shapeOf)).size).toBe(1);
    expect(seen[0]!.rounds[0]!.replies[0]!.length).toBe(2 * shape.longest * (shape.payload + 16));
  });

  test('are places that are random: as often filled, and as often each other’s, whatever the volume', async () => {
    const { part, seen } = await transcripts(postings, 0);
    const { shape } = parsePart(part);
    const visits = new Uint32Array(2 * shape.side);
    for (const { rounds } of seen) {
      for (const place of placesOf(
        rounds[0]!.queries[0]!,
        { from: 0, to: shape.longest },
        shape.side,
      )) {
        visits[place]! += 1;
      }
    }
    // Pearson's statistic against uniform: within 6 standard deviations, which are √(2 · degrees).
    const expected = (2 * shape.longest * seen.length) / visits.length;
    const chi = visits.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    const degrees = visits.length - 1;
    expect(Math.abs(chi - degrees)).toBeLessThan(6 * Math.sqrt(2 * degrees));
  });

  test('tells a repetition, and in another build not even that', async () => {
    const first = await transcripts(postings, 0);
    const queries = first.seen.map(({ rounds }) => toHex(rounds[0]!.queries[0]!));
    expect(new Set(queries).size).toBe(queries.length);
    const second = await transcripts(postings, 0);
    const others = second.seen.map(({ rounds }) => toHex(rounds[0]!.queries[0]!));
    expect(others.filter((query) => queries.includes(query))).toEqual([]);
  });

  test('is nothing at all where the index is read whole', async () => {
    const few = drawnPostings(4000, (row) => [row % 7 === 0 ? 1 : 0]);
    const { seen } = await transcripts(few, 0);
    expect(new Set(seen.map(({ rounds }) => JSON.stringify(rounds))).size).toBe(1);
  });

  test('is with powers the logarithm of the volume, and no more', async () => {
    const { part, seen } = await transcripts(postings, 2);
    const { shape } = parsePart(part);
    const cells = new Map<string, Set<number>>();
    for (const one of seen) {
      const volume = postings.starts[one.keyword + 1]! - postings.starts[one.keyword]!;
      const rounds = one.rounds.length;
      const level = rounds === 1 ? 0 : one.rounds[1]!.queries[0]![32]!;
      const shown = shapeOf(one);
      cells.set(shown, (cells.get(shown) ?? new Set()).add(level));
      if (Number.isNaN(volume)) expect(rounds).toBe(1);
    }
    // One shape for each level and one level for each shape.
    expect(cells.size).toBeGreaterThan(2);
    expect(cells.size).toBeLessThanOrEqual(1 + levelOf(shape, shape.longest));
    for (const levels of cells.values()) expect(levels.size).toBe(1);
  });
});

describe('what lies at the store', () => {
  test('has a size and a state that follow from totals, not from who has how much', () => {
    // The same 64 cells of the same size, once as lists of like length, once as a long one and short ones.
    const built = (lists: number[]): [number, number] => {
      let row = 0;
      const rows = lists.flatMap((count, list) =>
        Array.from({ length: count }, () => [row++, list] as const),
      );
      const { part, state } = buildPadded(
        randomBytes(32),
        drawnPostings(row, (r) => [rows[r]![1]]),
      );
      return [part.length, state.length];
    };
    expect(built([1, 2, 3, 4, 5, 6, 7])).toEqual(built([7, 6, 5, 4, 3, 2, 1]));
    const state = decodeState(buildPadded(randomBytes(32), postings).state);
    expect(state.stash.length).toBeLessThanOrEqual(16);
  });

  test('is without structure: two builds of the same lists share no cell', () => {
    const key = randomBytes(32);
    const [one, other] = [0, 0].map(() => buildPadded(key, postings).part);
    const { shape, cells } = parsePart(one!);
    const size = shape.payload + 16;
    const known = new Set<string>();
    for (let at = 0; at < cells.length; at += size) known.add(toHex(cells.subarray(at, at + 16)));
    const again = parsePart(other!).cells;
    let shared = 0;
    for (let at = 0; at < again.length; at += size) {
      if (known.has(toHex(again.subarray(at, at + 16)))) shared++;
    }
    expect([known.size, shared]).toEqual([2 * shape.side, 0]);
  });
});
