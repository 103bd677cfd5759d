import { countAttack } from '../../src/measure/attacks/count.ts';
import { countTogether, type Guess } from '../../src/measure/attacks/observation.ts';
import { recoveryOf } from '../../src/measure/attacks/recovery.ts';
import { refinedScore } from '../../src/measure/attacks/refined-score.ts';
import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';

/**
 * The reference documents: 9,100 with 200 keywords, of which number k (from 1) is in 0.12 · k^−0.3 of the documents
 * outside its topics and in 7 times as many within them. Each keyword belongs to two of the 40 topics, each document to
 * two, all drawn uniformly. As many documents again, drawn in the same way, are what the attacker of RefinedScore
 * has. 150 different keywords are asked for.
 */
export const TOPIC_DOCUMENTS = {
  keywords: 200,
  documents: 9100,
  topics: 40,
  share: 0.12,
  exponent: 0.3,
  within: 7,
  queries: 150,
} as const;

/** Documents of each keyword. */
type Lists = readonly Uint32Array[];

interface Corpora {
  readonly indexed: Lists;
  readonly similar: Lists;
  /** The keywords asked for; a token's number is its place. */
  readonly asked: readonly number[];
  readonly random: SeededRandom;
}

function corporaOf(seed: number): Corpora {
  const { keywords, topics, queries } = TOPIC_DOCUMENTS;
  const random = new SeededRandom(seed);
  const topicsOf = Array.from({ length: keywords }, () => [
    random.below(topics),
    random.below(topics),
  ]);
  const [indexed, similar] = [draw(topicsOf, random), draw(topicsOf, random)];
  return { indexed, similar, asked: random.permutation(keywords).slice(0, queries), random };
}

function draw(topicsOf: readonly (readonly number[])[], random: SeededRandom): Lists {
  const { documents, topics, share, exponent, within } = TOPIC_DOCUMENTS;
  const lists: number[][] = topicsOf.map(() => []);
  for (let document = 0; document < documents; document++) {
    const [a, b] = [random.below(topics), random.below(topics)];
    topicsOf.forEach(([first, second], k) => {
      const inside = first === a || first === b || second === a || second === b;
      const probability = share * (k + 1) ** -exponent * (inside ? within : 1);
      if (random.uniform() < probability) lists[k]!.push(document);
    });
  }
  return lists.map((list) => Uint32Array.from(list));
}

function observe(sets: Lists): {
  rows: number;
  volumes: number[];
  together: Float64Array;
  sequence: number[];
} {
  const { documents: rows } = TOPIC_DOCUMENTS;
  return {
    rows,
    volumes: sets.map(({ length }) => length),
    together: countTogether(sets, rows),
    sequence: sets.map((_, token) => token),
  };
}

/** Share of the queries, the known ones apart, that RefinedScore recovers with each number of known queries. */
export function attackByScore(known: readonly number[], seed: number): number[] {
  const { indexed, similar, asked, random } = corporaOf(seed);
  const observed = observe(asked.map((keyword) => indexed[keyword]!));
  const auxiliary = observe(similar);
  return known.map((count) => {
    const told = asked.slice(0, count).map((keyword, token) => ({ token, keyword }));
    const guess = refinedScore(observed, { ...auxiliary, known: told }, random);
    return share(observed, asked, guess, count);
  });
}

/** Share of the queries that the count attack recovers with each share of the indexed documents known. */
export function attackByCount(known: readonly number[], seed: number): number[] {
  const { indexed, asked, random } = corporaOf(seed);
  const { documents } = TOPIC_DOCUMENTS;
  const observed = observe(asked.map((keyword) => indexed[keyword]!));
  return known.map((part) => {
    const counted = Uint8Array.from({ length: documents }, () => (random.uniform() < part ? 1 : 0));
    const auxiliary = {
      rows: counted.reduce((sum, one) => sum + one, 0),
      volumes: indexed.map((list) => list.reduce((sum, row) => sum + counted[row]!, 0)),
      together: countTogether(indexed, documents, counted),
    };
    return share(observed, asked, countAttack(observed, auxiliary, random), 0);
  });
}

function share(
  observed: ReturnType<typeof observe>,
  asked: readonly number[],
  guess: Guess,
  told: number,
): number {
  const tokens = new Set(Array.from({ length: told }, (_, token) => token));
  return recoveryOf(observed, asked, guess, tokens).recoveryRate;
}
