import { advantageOverMode } from './attacks/recovery.ts';
import { meanInterval } from './attacks/interval.ts';
import { SeededRandom } from './attacks/seeded-random.ts';
import { type Asker, meanCost, type QueryCost } from './asking.ts';
import {
  CONTESTS,
  type KeywordAttack,
  knownPart,
  modeOf,
  type SpaceTruth,
} from './keyword-attacks.ts';
import type { KeywordSpace } from './keyword-space.ts';
import type { AttackReport } from './report.ts';
import {
  type Drawn,
  recoveryOfTrial,
  type Shown,
  type Trial,
  type TrialRecovery,
  trialOf,
  volumeOf,
} from './trial.ts';

/** How trials are made, whatever the attack. */
export interface Protocol {
  /** Shares of the rows that the attacker knows, one report each. */
  readonly known: readonly number[];
  readonly seeds: number;
  readonly queries: number;
}

/** A part of a report that a space's trials give. */
export type SpaceReport = Omit<AttackReport, 'table' | 'column' | 'index' | 'space' | 'keywords'>;

/** Queries that measuring a space takes. */
export function spaceQueries(
  { keywords }: KeywordSpace,
  attacks: readonly KeywordAttack[],
  { seeds, queries }: Protocol,
): number {
  const drawn = attacks.some((attack) => CONTESTS[attack].measure === 'queries');
  return keywords.length + (drawn ? seeds * queries : 0);
}

/**
 * Asks each keyword of a space once, to know the truth; then as often as there are seeds draws queries with probability
 * in proportion to the keywords' rows, asks them, and runs the attacks on what the store saw.
 */
export async function attackSpace(
  asker: Asker,
  { keywords }: KeywordSpace,
  shown: Shown,
  attacks: readonly KeywordAttack[],
  protocol: Protocol,
): Promise<readonly SpaceReport[]> {
  const { rows } = asker.view;
  const { volume } = shown;
  const once: Drawn[] = [];
  const costs = { rows: [] as QueryCost[], queries: [] as QueryCost[] };
  for (const [keyword, one] of keywords.entries()) {
    const { sighting, cost } = await asker.keyword(one);
    costs.rows.push(cost);
    once.push({ keyword, sighting });
  }
  const seen = new Map(once.map(({ sighting }) => [sighting.token, sighting]));
  const lists = once.map(({ sighting }) => sighting.rows ?? new Uint32Array(0));
  const counts =
    volume === 'rows' ? lists.map(({ length }) => length) : keywords.map((k) => k.rows);
  const trials: Trial[] = [];
  const drawing = attacks.some((attack) => CONTESTS[attack].measure === 'queries');
  for (let seed = 0; seed < (drawing ? protocol.seeds : 0); seed++) {
    const random = new SeededRandom(seed);
    const draw = random.drawer(counts);
    const drawn: Drawn[] = [];
    for (let i = 0; i < protocol.queries; i++) {
      const keyword = draw();
      const { sighting, cost } = await asker.keyword(keywords[keyword]!);
      costs.queries.push(cost);
      // Large row sets are kept once each.
      const met = seen.get(sighting.token) ?? sighting;
      seen.set(met.token, met);
      drawn.push({ keyword, sighting: met });
    }
    trials.push(trialOf(drawn, rows, shown, random));
  }
  const replies = once.map(({ sighting }) => volumeOf(sighting, 'replies'));
  const truth: SpaceTruth = { rows, counts, lists, ...(volume === 'replies' && { replies }) };
  const whole = (seed: number): Trial => trialOf(once, rows, shown, new SeededRandom(seed));
  return attacks.flatMap((attack) => {
    const { measure } = CONTESTS[attack];
    const trialAt = (seed: number): Trial => (measure === 'rows' ? whole(seed) : trials[seed]!);
    const cost = meanCost(costs[measure]);
    return protocol.known.map((known) => ({
      ...contest(attack, truth, trialAt, known, protocol),
      cost,
    }));
  });
}

/** One attack at one degree of knowledge, over all seeds. */
function contest(
  attack: KeywordAttack,
  truth: SpaceTruth,
  trialAt: (seed: number) => Trial,
  known: number,
  { seeds }: Protocol,
): Omit<SpaceReport, 'cost'> {
  const { measure, knowledge, told = 0, run } = CONTESTS[attack];
  const results = Array.from({ length: seeds }, (_, seed) => {
    // Apart from the draws of the trial, and another for each degree of knowledge.
    const random = new SeededRandom(seed + 1000 * (1 + Math.round(known * 1000)));
    const trial = trialAt(seed);
    const auxiliary = knownPart(truth, trial, known, told, random);
    const tokens = new Set(auxiliary.known.map(({ token }) => token));
    const guess = run(trial, auxiliary, random);
    const measured = (
      name: (token: number) => number,
      label: (keyword: number) => number,
    ): TrialRecovery => recoveryOfTrial(trial, name, label, tokens, truth.counts, truth.rows);
    const itself = (keyword: number): number => keyword;
    const others = random.permutation(truth.lists.length);
    const mode = modeOf(auxiliary);
    return {
      right: measured((token) => guess[token]!, itself),
      chance: measured(
        (token) => guess[token]!,
        (keyword) => others[keyword]!,
      )[measure],
      mode: measured(() => mode, itself)[measure],
      queries: trial.asked.length,
    };
  });
  const mean = (of: (result: (typeof results)[0]) => number): number =>
    meanInterval(results.map(of)).mean;
  const recovery = meanInterval(results.map(({ right }) => right[measure]));
  const guessTheMode = mean(({ mode }) => mode);
  return {
    attack,
    measure,
    knowledge: knowledge(
      known === 1 ? 'all rows' : `${Number((known * 100).toFixed(1))} % of the rows`,
    ),
    known,
    seeds,
    queries: results[0]!.queries,
    recovery,
    recoveryRate: mean(({ right }) => right.tokens),
    queryWeightedRecovery: mean(({ right }) => right.queries),
    guessTheMode,
    advantageOverMode: advantageOverMode(recovery.mean, guessTheMode),
    shuffledLabels: mean(({ chance }) => chance),
  };
}
