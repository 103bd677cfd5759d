import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildPadded } from '../../../../src/search/padded/build.ts';
import { estimatePadded } from '../../../../src/search/padded/estimate.ts';
import { parsePadded } from '../../../../src/search/padded/eval.ts';
import { parsePart } from '../../../../src/search/padded/format.ts';
import { paddedLeakage } from '../../../../src/search/padded/leakage.ts';
import { openPadded } from '../../../../src/search/padded/token.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import { drawnPostings, recording, zipf } from '../lists.ts';

describe('the leakage of a padded index', () => {
  const profile = { column: 'ward', rows: 10, segments: 2, use: { asked: 1 } };

  test('is repetition, and with powers the logarithm of the volume', () => {
    const plain = paddedLeakage(profile, 0);
    expect(plain.index).toBe('sse-padded');
    expect(plain.onQuery.join()).toContain('whether the same were before');
    expect(plain.onQuery.join()).not.toContain('power');
    expect(plain.expectedRecovery).toBe(null);
    expect(plain.atRest.join()).toContain('2 segments');
    const powers = paddedLeakage(profile, 2);
    expect(powers.onQuery.join()).toContain('next power of 2');
    expect(powers.expectedRecovery).toBe(null);
  });

  test('is nothing where two lists at most are read whole, which is so of any two', () => {
    expect(paddedLeakage({ ...profile, frequencies: [9, 1] }, 0).expectedRecovery?.fraction).toBe(
      0,
    );
    expect(paddedLeakage({ ...profile, frequencies: [5, 4, 1] }, 0).expectedRecovery).toBe(null);
    expect(paddedLeakage({ ...profile, frequencies: [9, 1] }, 2).expectedRecovery).toBe(null);
    for (const odd of [2, 3, 10, 1000, 5000]) {
      const two = drawnPostings(5000, (row) => [row % odd === 0 ? 1 : 0]);
      expect(parsePart(buildPadded(randomBytes(32), two).part).shape.tables).toBe(1);
    }
  });
});

describe('the estimate of a padded index', () => {
  const word = zipf(400, 8);
  const columns: [string, Postings][] = [
    ['few values', drawnPostings(20_000, (row) => [row % 3])],
    ['Zipf', drawnPostings(20_000, () => [word()])],
    ['unique', drawnPostings(3000, (row) => [row])],
    ['documents', drawnPostings(2000, () => Array.from({ length: 15 }, word))],
  ];

  test.each(columns)('is near what is built of %s', async (_, postings) => {
    const lists = postings.keywords.map((__, i) => postings.starts[i + 1]! - postings.starts[i]!);
    const estimate = estimatePadded({ rows: postings.rows, segments: 1, frequencies: lists });
    const key = randomBytes(32);
    const { part, state } = buildPadded(key, postings);
    const { ask, rounds } = recording(parsePadded(part));
    await openPadded(key, state)([postings.keywords[0]!], ask);
    const [{ queries, replies }] = rounds as [(typeof rounds)[0]];
    expect(estimate.rounds).toBe(rounds.length);
    expect(estimate.bytesUp).toBe(queries[0]!.length);
    expect(estimate.bytes / part.length).toBeGreaterThan(0.7);
    expect(estimate.bytes / part.length).toBeLessThan(1.5);
    expect(estimate.bytesDown / replies[0]!.length).toBeGreaterThan(0.5);
    expect(estimate.bytesDown / replies[0]!.length).toBeLessThan(2);
  });

  test('grows with segments, and shrinks in bytes down with powers', () => {
    const lists = [10_000, 3000, 3000, 1000, 500, 200, 100, 50, 20, 10];
    const rows = lists.reduce((sum, count) => sum + count);
    const one = estimatePadded({ rows, segments: 1, frequencies: lists });
    const four = estimatePadded({ rows, segments: 4, frequencies: lists });
    expect(four.bytesUp).toBe(4 * one.bytesUp);
    const many = [20_000, ...Array.from({ length: 3000 }, () => 40)];
    const total = many.reduce((sum, count) => sum + count);
    const padded = estimatePadded({ rows: total, segments: 1, frequencies: many });
    const powers = estimatePadded({ rows: total, segments: 1, frequencies: many }, { base: 2 });
    expect(powers.bytesDown).toBeLessThan(padded.bytesDown / 2);
    expect([padded.rounds, powers.rounds]).toEqual([1, 2]);
  });
});
