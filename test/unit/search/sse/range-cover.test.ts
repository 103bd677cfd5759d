/** The cover of a range against libmongocrypt's minimal covers (test/vectors/range-cover). */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { coverBlocks, type RangeNode } from '../../../../src/search/sse/tree.ts';

interface Case {
  readonly lower: string;
  readonly include_lower: boolean;
  readonly upper: string;
  readonly include_upper: boolean;
  readonly min: string;
  readonly max: string;
  readonly cover: readonly string[];
}

/** The tree counts in 32 bits: segments have at most 256 blocks. */
const WIDEST = 2n ** 30n;

const ends = ({ level, index }: RangeNode): [number, number] => [
  index * 2 ** level,
  (index + 1) * 2 ** level,
];

it.each(['int32', 'int64'])('is exact and no longer than the minimal one, %s', (type) => {
  const file = new URL(`../../../vectors/range-cover/mincover_${type}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };
  let checked = 0;
  for (const one of cases) {
    const [min, max] = [BigInt(one.min), BigInt(one.max)];
    if (max - min >= WIDEST) continue;
    const low = BigInt(one.lower) - min + (one.include_lower ? 0n : 1n);
    const high = BigInt(one.upper) - min + (one.include_upper ? 1n : 0n);
    if (low >= high) continue;
    const blocks = Number(max - min + 1n);
    const cover = coverBlocks(Number(low), Number(high), blocks);
    expect(cover.length).toBeLessThanOrEqual(one.cover.length);
    let at = Number(low);
    for (const [from, to] of cover.map(ends).toSorted(([a], [b]) => a - b)) {
      expect(from).toBe(at);
      // What a node holds past the last block is empty.
      at = Math.min(to, blocks);
    }
    expect(at).toBe(Number(high));
    checked++;
  }
  expect(checked).toBeGreaterThan(20);
});
