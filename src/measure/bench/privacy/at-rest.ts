import { cumulativeAttack, sortingAttack } from '../../attacks/cumulative.ts';
import { frequencyMatching } from '../../attacks/frequency.ts';
import type { Guess } from '../../attacks/observation.ts';
import { SeededRandom } from '../../attacks/seeded-random.ts';
import type { Histogram } from '../histogram.ts';
import type { AttackResult } from '../result.ts';
import { resultOf } from './outcome.ts';

/** Share of the rows that the attacker knows. */
const KNOWN = 0.5;
/** Rows that an attack names values for, drawn at random where there are more. */
const SAMPLE = 20_000;
/** Assignment problems take cubic time. */
const MOST_ASSIGNED = 400;

/** What the store can tell of a column's rows without a query. */
export interface AtRest {
  /** Per row, equal where rows look equal. */
  readonly labels: Uint32Array;
  /** Whether they order as the values do. */
  readonly ordered: boolean;
}

const sealedResults = new WeakMap<Histogram, Map<number, readonly AttackResult[]>>();

/**
 * Attacks what a store tells equal of a column at rest: frequency analysis and, where the order shows, the sorting and
 * cumulative attacks (attacks/frequency.ts, attacks/cumulative.ts). Rows that the attack names nothing for are named the
 * commonest value. Sealed rows, each like no other, are attacked in the same way.
 * @param seen undefined: a sealed blob a row
 */
export function attackAtRest(
  column: string,
  histogram: Histogram,
  seen: AtRest | undefined,
  seeds: number,
): readonly AttackResult[] {
  if (seen !== undefined) return runAttacks(column, histogram, seen, seeds);
  const known = sealedResults.get(histogram) ?? new Map<number, readonly AttackResult[]>();
  sealedResults.set(histogram, known);
  let results = known.get(seeds);
  if (results === undefined) {
    const labels = Uint32Array.from(histogram.places, (_, row) => row);
    results = runAttacks(column, histogram, { labels, ordered: false }, seeds);
    known.set(seeds, results);
  }
  return results;
}

interface Attack {
  readonly attack: string;
  readonly knowledge: string;
  readonly run: (labels: Labels, auxiliary: readonly number[], random: SeededRandom) => Guess;
}

function runAttacks(
  column: string,
  histogram: Histogram,
  { labels, ordered }: AtRest,
  seeds: number,
): readonly AttackResult[] {
  const grouped = groupedLabels(labels);
  const few = Math.max(grouped.volumes.length, histogram.values.length) <= MOST_ASSIGNED;
  const some = `the histogram of ${100 * KNOWN} % of the rows of ${column}`;
  const attacks: Attack[] = [
    {
      attack: 'frequency',
      knowledge: some,
      run: ({ volumes }, auxiliary, random) =>
        frequencyMatching({ volumes }, { volumes: auxiliary }, random),
    },
  ];
  if (ordered) {
    attacks.push({
      attack: 'sorting',
      knowledge: `the values that ${column} holds`,
      run: ({ volumes }, auxiliary) => sortingAttack(volumes.length, auxiliary.length),
    });
  }
  if (ordered && few && grouped.volumes.length <= histogram.values.length) {
    attacks.push({
      attack: 'cumulative',
      knowledge: some,
      run: ({ volumes }, auxiliary) => cumulativeAttack(volumes, auxiliary),
    });
  }
  return attacks.map(({ attack, knowledge, run }) => {
    const recoveries: number[] = [];
    const guesses: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const random = new SeededRandom(seed);
      const auxiliary = knownHistogram(histogram, random);
      const mode = modeOf(auxiliary);
      const guess = run(grouped, auxiliary, random);
      let [right, common, all] = [0, 0, 0];
      for (const row of sampleOf(labels.length, random)) {
        const truth = histogram.places[row]!;
        const named = guess[grouped.places[row]!]!;
        right += (named === -1 ? mode : named) === truth ? 1 : 0;
        common += mode === truth ? 1 : 0;
        all++;
      }
      recoveries.push(right / all);
      guesses.push(common / all);
    }
    return resultOf({ attack, knowledge, on: 'at-rest', measure: 'rows', recoveries, guesses });
  });
}

interface Labels {
  /** Rows of each distinct label, in the labels' order. */
  readonly volumes: readonly number[];
  /** Each row's place among the distinct labels. */
  readonly places: Uint32Array;
}

function groupedLabels(labels: Uint32Array): Labels {
  const distinct = Uint32Array.from(new Set(labels)).sort();
  const index = new Map(Array.from(distinct, (label, i): [number, number] => [label, i]));
  const places = Uint32Array.from(labels, (label) => index.get(label)!);
  const volumes = Array.from(distinct, () => 0);
  for (const place of places) volumes[place]! += 1;
  return { volumes, places };
}

/** Of the rows that the attacker knows, each with the same probability. */
export function knownHistogram(
  { values, places }: Pick<Histogram, 'values' | 'places'>,
  random: SeededRandom,
): number[] {
  const counts = values.map(() => 0);
  for (const place of places) if (random.uniform() < KNOWN) counts[place]! += 1;
  return counts;
}

export function modeOf(counts: readonly number[]): number {
  return counts.reduce((mode, count, i) => (count > counts[mode]! ? i : mode), 0);
}

function sampleOf(rows: number, random: SeededRandom): Iterable<number> {
  if (rows <= SAMPLE) return Array.from({ length: rows }, (_, row) => row);
  const chosen = new Set<number>();
  while (chosen.size < SAMPLE) chosen.add(random.below(rows));
  return chosen;
}
