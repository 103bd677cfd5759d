import { distinguish, type Transcript } from './attacks/distinguisher.ts';
import { meanInterval } from './attacks/interval.ts';
import { SeededRandom } from './attacks/seeded-random.ts';
import { type Asker, meanCost, type QueryCost } from './asking.ts';
import type { Protocol, SpaceReport } from './attack-space.ts';
import type { KeywordSpace } from './keyword-space.ts';
import type { RungMeasure } from './ladder.ts';

/** Transcripts of each class that a distinguisher needs at least. */
const LEAST = 8;

export function classQueries({ seeds, queries }: Protocol): number {
  return seeds * 2 * Math.max(LEAST, queries >>> 1);
}

/**
 * Tells queries for the more frequent half of a space's values from queries for the other half, drawn uniformly from
 * each: the game of distinguisher.ts. The space holds two keywords at least.
 */
export async function attackClasses(
  asker: Asker,
  { keywords }: KeywordSpace,
  volume: RungMeasure['volume'],
  { seeds, queries }: Protocol,
): Promise<SpaceReport> {
  const half = keywords.length >>> 1;
  const classes = [keywords.slice(0, half), keywords.slice(half)] as const;
  const costs: QueryCost[] = [];
  const results = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new SeededRandom(seed);
    const seen: [Transcript[], Transcript[]] = [[], []];
    // Turn about, so that when a query came does not tell its class.
    for (let i = 0; i < Math.max(LEAST, queries >>> 1); i++) {
      for (const side of [0, 1] as const) {
        const { sighting, cost } = await asker.keyword(
          classes[side][random.below(classes[side].length)]!,
        );
        costs.push(cost);
        seen[side].push(volume === 'rows' ? sighting.transcript : sighting.lookups.transcript);
      }
    }
    const { auc } = distinguish(seen[0], seen[1], random);
    const mixed = random.shuffled([...seen[0], ...seen[1]]);
    const chance = distinguish(mixed.slice(0, seen[0].length), mixed.slice(seen[0].length), random);
    results.push({ auc, chance: chance.auc });
  }
  const recovery = meanInterval(results.map(({ auc }) => auc));
  return {
    attack: 'distinguisher',
    measure: 'auc',
    knowledge: 'of half of the queries, whether they were for one of the more frequent values',
    known: null,
    seeds,
    queries: 2 * Math.max(LEAST, queries >>> 1),
    recovery,
    recoveryRate: null,
    queryWeightedRecovery: null,
    guessTheMode: 0.5,
    advantageOverMode: 2 * recovery.mean - 1,
    shuffledLabels: meanInterval(results.map(({ chance }) => chance)).mean,
    cost: meanCost(costs),
  };
}
