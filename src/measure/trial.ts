import { countTogether, type Observed } from './attacks/observation.ts';
import type { SeededRandom } from './attacks/seeded-random.ts';
import type { RungMeasure } from './ladder.ts';
import type { Sighting } from './store-view.ts';

/** A trial's queries as an attacker sees them, and, apart, what they were. */
export interface Trial {
  readonly observed: Observed;
  /** The keyword of each token. */
  readonly truth: readonly number[];
}

/** A query that was asked, and the keyword that it was for. */
export interface Drawn {
  readonly keyword: number;
  readonly sighting: Sighting;
}

function tokenOf(sighting: Sighting, volume: RungMeasure['volume']): string {
  return volume === 'rows' ? sighting.token : sighting.lookups.token;
}

/** Rows that the store found, or bytes of its replies to lookups. */
export function volumeOf({ rows, lookups }: Sighting, volume: RungMeasure['volume']): number {
  return volume === 'rows'
    ? (rows?.length ?? 0)
    : lookups.transcript.reduce((sum, { down }) => sum + down, 0);
}

/** Numbers the tokens at random: the order in which they came must not tell what they are. */
export function trialOf(
  drawn: readonly Drawn[],
  rows: number,
  volume: RungMeasure['volume'],
  random: SeededRandom,
): Trial {
  const distinct = new Map<string, Drawn>();
  for (const one of drawn) distinct.set(tokenOf(one.sighting, volume), one);
  const order = random.shuffled([...distinct.keys()]);
  const numbers = new Map(order.map((token, number) => [token, number]));
  const tokens = order.map((token) => distinct.get(token)!);
  const volumes = tokens.map(({ sighting }) => volumeOf(sighting, volume));
  const sequence = drawn.map(({ sighting }) => numbers.get(tokenOf(sighting, volume))!);
  const truth = tokens.map(({ keyword }) => keyword);
  if (volume === 'replies') {
    // Bytes are no rows: the longest reply stands for a keyword that every row has.
    return { observed: { rows: Math.max(1, ...volumes), volumes, sequence }, truth };
  }
  const lists = tokens.map(({ sighting }) => sighting.rows ?? new Uint32Array(0));
  return { observed: { rows, volumes, together: countTogether(lists, rows), sequence }, truth };
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
