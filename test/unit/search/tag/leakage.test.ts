import { describe, expect, test } from 'vitest';
import { buildTags } from '../../../../src/search/tag/build.ts';
import { recoveredByMatching } from '../../../../src/search/sse/leakage.ts';
import { estimateTags, recoveredByTags, tagLeakage } from '../../../../src/search/tag/leakage.ts';
import { parseTags, tagIndexBytes } from '../../../../src/search/tag/format.ts';
import { generator } from '../sse/support.ts';
import { build, lookup, postingsOf } from './support.ts';

const zipf = (values: number, rows: number): number[] => {
  const harmonic = Array.from({ length: values }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b);
  return Array.from({ length: values }, (_, i) =>
    Math.max(1, Math.round(rows / (i + 1) / harmonic)),
  );
};

/** The attack: tags drawn, the heaviest frequency under each named, ties of the histogram at random. */
function attackOnce(frequencies: readonly number[], bits: number, next: () => number): number {
  const ties = new Map<number, number>();
  for (const f of frequencies) ties.set(f, (ties.get(f) ?? 0) + 1);
  const under = new Map<number, number[]>();
  for (const f of frequencies) {
    const tag = next() % 2 ** bits;
    under.set(tag, [...(under.get(tag) ?? []), f]);
  }
  let gained = 0;
  for (const values of under.values()) {
    const heaviest = Math.max(...values);
    const such = values.filter((f) => f === heaviest).length;
    // The name is one of all values with that frequency; it is right if it is one of those under the tag.
    if (next() % ties.get(heaviest)! < such) gained += heaviest;
  }
  return gained / frequencies.reduce((a, b) => a + b);
}

describe('expected recovery', () => {
  test.each([
    ['of a Zipf column of 200 values, 6 bits', zipf(200, 20_000), 6],
    ['of a Zipf column of 200 values, 4 bits', zipf(200, 20_000), 4],
    ['of equal frequencies', Array.from({ length: 50 }, () => 10), 3],
    ['of many ties', Array.from({ length: 300 }, (_, i) => 1 + (i % 7)), 5],
    ['without tags', [5, 3, 2], 0],
  ])('%s is what the attack recovers on average', (_, frequencies, bits) => {
    const next = generator(7);
    const runs = 3000;
    let total = 0;
    for (let i = 0; i < runs; i++) total += attackOnce(frequencies, bits, next);
    expect(Math.abs(total / runs - recoveredByTags(frequencies, bits))).toBeLessThan(0.015);
  });

  test('is that of whole tags when tags are long, and grows with their length', () => {
    const frequencies = [...zipf(100, 5000), 4, 4, 4];
    expect(recoveredByTags(frequencies, 40)).toBeCloseTo(
      recoveredByMatching(frequencies, frequencies),
      6,
    );
    const by = Array.from({ length: 12 }, (_, bits) => recoveredByTags(frequencies, bits));
    expect(by).toEqual(by.toSorted((a, b) => a - b));
    expect(by[0]).toBeCloseTo(Math.max(...frequencies) / frequencies.reduce((a, b) => a + b), 12);
    expect(recoveredByTags([], 4)).toBe(0);
  });
});

describe('an index as built', () => {
  test('loses to the attack what is expected', () => {
    const next = generator(9);
    const frequencies = zipf(60, 700);
    const cells = frequencies.flatMap((rows, value) => Array.from({ length: rows }, () => value));
    const postings = postingsOf(cells);
    const [runs, bits] = [40, 4];
    let recovered = 0;
    for (let run = 0; run < runs; run++) {
      const key = new Uint8Array(32).fill(run);
      const { starts, members } = parseTags(buildTags(key, postings, bits).part);
      // Each tag, as the store sees its rows, gets the name of a value with the highest frequency under it.
      for (let tag = 0; tag < 2 ** bits; tag++) {
        const under = [...members.subarray(starts[tag]!, starts[tag + 1]!)].map((r) => cells[r]!);
        const most = Math.max(...under.map((value) => frequencies[value]!));
        const such = [...frequencies.keys()].filter((value) => frequencies[value] === most);
        if (under.length > 0 && under.includes(such[next() % such.length]!)) recovered += most;
      }
    }
    const expected = recoveredByTags(frequencies, bits);
    expect(Math.abs(recovered / runs / cells.length - expected)).toBeLessThan(0.03);
  });
});

describe('the declaration and the estimate', () => {
  const next = generator(5);
  const cells = Array.from({ length: 4096 }, () => next() % 700);
  const counts = new Map<number, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const frequencies = [...counts.values()];
  const profile = { column: 'ward', rows: 4096, segments: 1, frequencies, asked: 1 };

  test('say what is seen at rest and on a query', () => {
    const leak = tagLeakage(profile);
    expect(leak).toMatchObject({ index: 'tag', node: 'equality on ward' });
    expect(leak.atRest.join()).toContain('7 bits for each of 4096 rows');
    expect(leak.onQuery.length).toBeGreaterThan(1);
    expect(leak.expectedRecovery!.fraction).toBeCloseTo(recoveredByTags(frequencies, 7), 12);
    const { frequencies: _, ...unknown } = profile;
    expect(tagLeakage(unknown).expectedRecovery).toBe(null);
    expect(tagLeakage({ ...profile, segments: 2, asked: 3 }).onQuery[0]).toContain('3 keywords');
  });

  test('give the bytes that an index of that column takes and a lookup costs', () => {
    const built = build(cells, 7);
    const estimate = estimateTags(profile);
    expect(built.part.length).toBe(estimate.bytes);
    expect(estimate.bytes).toBe(tagIndexBytes(4096, 7));
    let down = 0;
    const counting = {
      ...built,
      index: {
        ...built.index,
        answer: (query: Uint8Array): Uint8Array | undefined => {
          const reply = built.index.answer!(query);
          down += reply!.length;
          return reply;
        },
      },
    };
    for (const value of counts.keys()) lookup(counting, value);
    expect(down / counts.size / estimate.bytesDown).toBeGreaterThan(0.9);
    expect(down / counts.size / estimate.bytesDown).toBeLessThan(1.1);
  });
});
