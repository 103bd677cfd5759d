import { type Guess, type Observed, countTogether } from './attacks/observation.ts';
import type { SeededRandom } from './attacks/seeded-random.ts';
import type { Asked } from './asking.ts';
import type { RungMeasure } from './ladder.ts';

/** A trial's queries as an attacker sees them, and, apart, what they were. */
export interface Trial {
  readonly observed: Observed & { readonly together?: Float64Array };
  /** The keyword of each token. */
  readonly truth: readonly number[];
}

/** A query that was asked, and the keyword that it was for. */
export interface Drawn {
  readonly keyword: number;
  readonly asked: Asked;
}

/** What a query's token is, and its volume, by what the rung shows. */
export function tokenOf({ sighting }: Asked, volume: RungMeasure['volume']): string {
  return volume === 'rows' ? sighting.token : sighting.lookups.token;
}

function volumeOf({ sighting }: Asked, volume: RungMeasure['volume']): number {
  return volume === 'rows'
    ? (sighting.rows?.length ?? 0)
    : sighting.lookups.transcript.reduce((sum, { down }) => sum + down, 0);
}

/** Numbers the tokens at random: the order in which they came must not tell what they are. */
export function trialOf(
  drawn: readonly Drawn[],
  rows: number,
  volume: RungMeasure['volume'],
  random: SeededRandom,
): Trial {
  const distinct = new Map<string, Drawn>();
  for (const one of drawn) distinct.set(tokenOf(one.asked, volume), one);
  const order = random.shuffled([...distinct.keys()]);
  const numbers = new Map(order.map((token, number) => [token, number]));
  const tokens = order.map((token) => distinct.get(token)!);
  const lists = tokens.map(({ asked }) => asked.sighting.rows);
  const revealed = lists.filter((list) => list !== undefined);
  const shown = volume === 'rows' && revealed.length === lists.length;
  return {
    observed: {
      rows,
      volumes: tokens.map(({ asked }) => volumeOf(asked, volume)),
      sequence: drawn.map(({ asked }) => numbers.get(tokenOf(asked, volume))!),
      ...(shown && { together: countTogether(revealed, rows) }),
    },
    truth: tokens.map(({ keyword }) => keyword),
  };
}

/** The truth with its labels in a random order: what is right against it is right by chance. */
export function shuffledTruth(truth: readonly number[], random: SeededRandom): number[] {
  return random.shuffled(truth);
}

/** Share of the queries that are for a keyword, those with a token that the attacker was told apart. */
export function queryShare(
  { observed: { sequence }, truth }: Trial,
  keyword: number,
  told: ReadonlySet<number>,
): number {
  const counted = sequence.filter((token) => !told.has(token));
  const right = counted.filter((token) => truth[token] === keyword);
  return counted.length === 0 ? 0 : right.length / counted.length;
}

export type { Guess };
