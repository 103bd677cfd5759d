import { beforeAll, describe, expect, test } from 'vitest';
import { wordsOf } from '../../../../src/bytes/codec.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { ERROR_VARIANCE, SCALE_BITS } from '../../../../src/search/pir/lwe/parameters.ts';
import { decodeState } from '../../../../src/search/pir/state.ts';
import { sizesOf } from '../../../../src/search/pir/table.ts';
import { gaussianSampler } from '../../../../src/search/pir/token/gaussian.ts';
import { pirKeys, placer } from '../../../../src/search/pir/token/keywords.ts';
import { askOf, build, word, type Built } from './support.ts';

/** What the store sees of one lookup. */
type Transcript = readonly { readonly query: Uint8Array; readonly reply: Uint8Array }[];

const ROWS = 400;
const map = new Map<string, number[]>([
  ['everywhere', Array.from({ length: ROWS }, (_, r) => r)],
  ['once', [17]],
  ...Array.from({ length: 800 }, (_, i): [string, number[]] => [`filler ${i}`, [i % ROWS]]),
]);
const WORDS = ['everywhere', 'once', 'absent'] as const;

type Transcripts = ReadonlyMap<string, Transcript[]>;

/** Turn by turn, so that nothing but the word tells the runs apart. */
async function record({ find, store }: Built, lookups: number): Promise<Transcripts> {
  const seen = new Map<string, Transcript[]>(WORDS.map((text) => [text, []]));
  await find([word('before')], askOf(store));
  for (let i = 0; i < lookups; i++) {
    for (const text of WORDS) {
      await find([word(text)], async (queries) => {
        const pairs = queries.map((query) => ({ query, reply: store.answer!(query)! }));
        seen.get(text)!.push(pairs);
        return pairs.map(({ reply }) => reply);
      });
    }
  }
  return seen;
}

describe.each([
  ['lwe', 120],
  ['bfv', 60],
] as const)('what the store sees of a lookup by %s', (scheme, lookups) => {
  let built: Built;
  let transcripts: Transcripts;
  beforeAll(async () => {
    built = build(ROWS, map, scheme);
    transcripts = await record(built, lookups);
  }, 120_000);

  test('has the same lengths whatever was asked', () => {
    const shapes = new Set(
      [...transcripts.values()]
        .flat()
        .map((seen) => JSON.stringify(seen.map((s) => [s.query.length, s.reply.length]))),
    );
    expect(shapes.size).toBe(1);
  });

  test('never repeats, though the same was asked', () => {
    const queries = [...transcripts.values()].flat(2).map(({ query }) => query);
    const starts = queries.map((query) => query.subarray(0, 32).join());
    expect(new Set(starts).size).toBe(queries.length);
  });

  test.each([
    ['everywhere', 'once'],
    ['once', 'absent'],
  ])('tells %j from %j no better than a coin', (one, other) => {
    for (const [name, feature] of features(built, one)) {
      const [a, b] = [one, other].map((text) => transcripts.get(text)!.map(feature));
      // 4.5 standard deviations of the Mann–Whitney statistic: 1 in 150,000 a feature.
      const sigma = Math.sqrt((2 * lookups + 1) / (12 * lookups * lookups));
      expect(Math.abs(areaUnderCurve(a!, b!) - 0.5), name).toBeLessThan(4.5 * sigma);
    }
  });
});

test('the distinguisher tells queries apart that are not masked', () => {
  const built = build(ROWS, map);
  const { buckets } = sizesOf(decodeState(built.state).layout);
  const sample = gaussianSampler(ERROR_VARIANCE);
  const unmasked = (text: string): Transcript =>
    bucketsOf(built, text).map((bucket) => {
      const query = sample(buckets, randomBytes);
      query[bucket]! += 2 ** SCALE_BITS;
      return { query: new Uint8Array(query.buffer), reply: new Uint8Array(0) };
    });
  const [, atBucket] = features(built, 'everywhere')[0]!;
  const a = Array.from({ length: 50 }, () => atBucket(unmasked('everywhere')));
  const b = Array.from({ length: 50 }, () => atBucket(unmasked('once')));
  expect(areaUnderCurve(a, b)).toBe(1);
});

function bucketsOf({ key, state }: Built, text: string): readonly number[] {
  const { buckets } = sizesOf(decodeState(state).layout);
  return placer(pirKeys(key).keyword, buckets)(word(text), 0).candidates;
}

/** Numbers that would differ if queries told of their bucket; the first knows where LWE has it. */
function features(built: Built, text: string): [string, (seen: Transcript) => number][] {
  const places = bucketsOf(built, text);
  const words = (bytes: Uint8Array): Uint32Array =>
    wordsOf(bytes.subarray(0, bytes.length - (bytes.length % 4)));
  const near = (value: number, target: number): number => Math.abs((value - target) | 0);
  return [
    [
      'nearness to 2^24 at the word’s own buckets',
      (seen) =>
        -seen.reduce((sum, { query }, i) => {
          const all = words(query);
          return sum + near(all[places[i]! % all.length]!, 2 ** SCALE_BITS);
        }, 0),
    ],
    ['sum of the queries’ words', (seen) => total(seen, ({ query }) => words(query))],
    ['sum of the queries’ bytes', (seen) => total(seen, ({ query }) => query)],
    ['sum of the replies’ bytes', (seen) => total(seen, ({ reply }) => reply)],
    ['first word', (seen) => words(seen[0]!.query)[0]!],
    ['last byte of the reply', (seen) => seen[1]!.reply.at(-1)!],
    ['place of the largest word', (seen) => placeOfLargest(words(seen[0]!.query))],
    [
      'difference of the two queries',
      (seen) => {
        const [a, b] = seen.map(({ query }) => words(query));
        return a!.reduce((sum, value, j) => sum + near(value, b![j]!), 0);
      },
    ],
  ];
}

function total(
  seen: Transcript,
  of: (one: Transcript[number]) => Uint8Array | Uint32Array,
): number {
  let sum = 0;
  for (const one of seen) for (const value of of(one)) sum += value;
  return sum;
}

function placeOfLargest(words: Uint32Array): number {
  return words.indexOf(words.reduce((a, b) => (a > b ? a : b)));
}

/** P(a > b) + P(a = b)/2 over all pairs. */
function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  let wins = 0;
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0;
  return wins / (a.length * b.length);
}
