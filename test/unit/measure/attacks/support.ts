import {
  type Auxiliary,
  countTogether,
  type Observed,
} from '../../../../src/measure/attacks/observation.ts';
import type { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';

/** Rows of each keyword: of a document when it has it, with the document's topic making some likelier. */
export function documents(
  rows: number,
  keywords: number,
  topics: number,
  random: SeededRandom,
): Uint32Array[] {
  const topicOf = random.permutation(keywords).map((place) => place % topics);
  const lists: number[][] = Array.from({ length: keywords }, () => []);
  for (let row = 0; row < rows; row++) {
    const topic = random.below(topics);
    for (let k = 0; k < keywords; k++) {
      const share = 0.2 * (k + 1) ** -0.3 * (topicOf[k] === topic ? 4 : 0.7);
      if (random.uniform() < share) lists[k]!.push(row);
    }
  }
  return lists.map((list) => Uint32Array.from(list));
}

export interface Scene {
  readonly observed: Observed & { readonly together: Float64Array };
  readonly truth: readonly number[];
}

/** Queries as the store sees them, tokens numbered at random. */
export function sceneOf(
  lists: readonly Uint32Array[],
  rows: number,
  queries: readonly number[],
  random: SeededRandom,
): Scene {
  const truth = random.shuffled([...new Set(queries)]);
  const tokenOf = new Map(truth.map((keyword, token) => [keyword, token]));
  const sets = truth.map((keyword) => lists[keyword]!);
  return {
    truth,
    observed: {
      rows,
      volumes: sets.map(({ length }) => length),
      together: countTogether(sets, rows),
      sequence: queries.map((keyword) => tokenOf.get(keyword)!),
    },
  };
}

/** All that is known of rows, or of those rows that `counted` says. */
export function knowledgeOf(
  lists: readonly Uint32Array[],
  rows: number,
  counted: Uint8Array = new Uint8Array(rows).fill(1),
): Auxiliary & { readonly together: Float64Array } {
  return {
    rows: counted.reduce((sum, one) => sum + one, 0),
    volumes: lists.map((list) => list.reduce((sum, row) => sum + counted[row]!, 0)),
    together: countTogether(lists, rows, counted),
  };
}

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

export const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
