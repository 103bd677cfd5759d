import { beforeAll, describe, expect, test } from 'vitest';
import { wordsOf } from '../../../../src/bytes/codec.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { SCALE_BITS } from '../../../../src/search/pir/lwe/parameters.ts';
import { gaussianWords } from '../../../../src/search/pir/lwe/token/gaussian.ts';
import { decodeState } from '../../../../src/search/pir/state.ts';
import { pirKeys, placer } from '../../../../src/search/pir/token/keywords.ts';
import { askOf, build, word, type Built } from './support.ts';

/** What the store sees of one lookup. */
type Transcript = readonly { readonly query: Uint8Array; readonly reply: Uint8Array }[];

const LOOKUPS = 150;
const map = new Map<string, number[]>([
  ['everywhere', Array.from({ length: 2000 }, (_, r) => r)],
  ['once', [17]],
  ...Array.from({ length: 3000 }, (_, i): [string, number[]] => [`filler ${i}`, [i % 2000]]),
]);
const WORDS = ['everywhere', 'once', 'absent'] as const;

let built: Built;
const transcripts = new Map<string, Transcript[]>();

beforeAll(async () => {
  built = build(2000, map);
  await built.client.find([], askOf(built.store));
  // Turn by turn, so that nothing but the word tells the runs apart.
  for (let i = 0; i < LOOKUPS; i++) {
    for (const text of WORDS) {
      const seen: { query: Uint8Array; reply: Uint8Array }[] = [];
      await built.client.find([word(text)], async (queries) => {
        const replies = queries.map((query) => built.store.answer!(query)!);
        queries.forEach((query, q) => seen.push({ query, reply: replies[q]! }));
        return replies;
      });
      transcripts.set(text, [...(transcripts.get(text) ?? []), seen]);
    }
  }
});

describe('what the store sees of a lookup', () => {
  test('has the same lengths whatever was asked', () => {
    const shapes = new Set(
      [...transcripts.values()]
        .flat()
        .map((seen) => JSON.stringify(seen.map((s) => [s.query.length, s.reply.length]))),
    );
    expect(shapes.size).toBe(1);
  });

  test('never repeats, though the same was asked', () => {
    const queries = [...transcripts.values()].flat(2).map(({ query }) => query.join());
    expect(new Set(queries).size).toBe(queries.length);
  });

  test.each([
    ['everywhere', 'once'],
    ['once', 'absent'],
  ])('tells %j from %j no better than a coin', (one, other) => {
    for (const [name, feature] of features(one)) {
      const [a, b] = [one, other].map((text) => transcripts.get(text)!.map(feature));
      const auc = areaUnderCurve(a!, b!);
      // 4.5 standard deviations of the Mann–Whitney statistic: 1 in 150,000 a feature.
      const sigma = Math.sqrt((2 * LOOKUPS + 1) / (12 * LOOKUPS * LOOKUPS));
      expect(Math.abs(auc - 0.5), name).toBeLessThan(4.5 * sigma);
    }
  });

  test('would tell them apart if the queries were not masked: the distinguisher works', () => {
    const { columns } = decodeState(built.state).layout;
    const unmasked = (text: string): Transcript =>
      bucketsOf(text).map((bucket) => {
        const query = gaussianWords(columns, randomBytes);
        query[bucket]! += 2 ** SCALE_BITS;
        return { query: new Uint8Array(query.buffer), reply: new Uint8Array(0) };
      });
    const [, atBucket] = features('everywhere')[0]!;
    const a = Array.from({ length: 50 }, () => atBucket(unmasked('everywhere')));
    const b = Array.from({ length: 50 }, () => atBucket(unmasked('once')));
    expect(areaUnderCurve(a, b)).toBe(1);
  });
});

function bucketsOf(text: string): readonly number[] {
  const { columns } = decodeState(built.state).layout;
  return placer(pirKeys(built.key).keyword, columns)(word(text), 0).candidates;
}

/** Numbers that would differ if queries told of their bucket; the first knows where to look. */
function features(text: string): [string, (seen: Transcript) => number][] {
  const buckets = bucketsOf(text);
  const near = (value: number, target: number): number => Math.abs((value - target) | 0);
  return [
    [
      'distance from 2^24 at the word’s own buckets',
      (seen) =>
        -seen.reduce((sum, { query }, i) => {
          return sum + near(wordsOf(query)[buckets[i]!]!, 2 ** SCALE_BITS);
        }, 0),
    ],
    ['sum of the queries’ words', (seen) => mean(seen, ({ query }) => wordsOf(query))],
    ['sum of the queries’ bytes', (seen) => mean(seen, ({ query }) => query)],
    ['sum of the replies’ words', (seen) => mean(seen, ({ reply }) => wordsOf(reply))],
    ['first word', (seen) => wordsOf(seen[0]!.query)[0]!],
    ['place of the largest word', (seen) => largest(wordsOf(seen[0]!.query))],
    [
      'difference of the two queries',
      (seen) => {
        const [a, b] = seen.map(({ query }) => wordsOf(query));
        return a!.reduce((sum, value, j) => sum + near(value, b![j]!), 0);
      },
    ],
  ];
}

function mean(seen: Transcript, of: (one: Transcript[number]) => Uint8Array | Uint32Array): number {
  return seen.reduce((sum, one) => {
    for (const value of of(one)) sum += value;
    return sum;
  }, 0);
}

const largest = (words: Uint32Array): number =>
  words.indexOf(words.reduce((a, b) => (a > b ? a : b)));

/** P(a > b) + P(a = b)/2 over all pairs. */
function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  let wins = 0;
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0;
  return wins / (a.length * b.length);
}
