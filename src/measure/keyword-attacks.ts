import { countAttack } from './attacks/count.ts';
import { frequencyMatching } from './attacks/frequency.ts';
import { ihopAttack } from './attacks/ihop.ts';
import { type Auxiliary, countTogether, type Guess } from './attacks/observation.ts';
import { refinedScore } from './attacks/refined-score.ts';
import { sapAttack } from './attacks/sap.ts';
import type { SeededRandom } from './attacks/seeded-random.ts';
import type { AttackName } from './ladder.ts';
import type { Trial } from './trial.ts';

/** What the owner knows of a query space, of which an attacker is given a part. */
export interface SpaceTruth {
  /** Rows of the index. */
  readonly rows: number;
  /** How many rows hold each keyword. */
  readonly counts: readonly number[];
  /** Which rows, where the store finds them. */
  readonly lists: readonly Uint32Array[];
  /** Where the store sees replies alone: the bytes of each keyword's. */
  readonly replies?: readonly number[];
}

export type KeywordAttack = Exclude<AttackName, 'range' | 'distinguisher'>;

interface Contest {
  /** What `recovery` is a share of. */
  readonly measure: 'rows' | 'queries';
  readonly knowledge: (known: string) => string;
  /** Share of the distinct tokens that the attacker is told the keyword of. */
  readonly told?: number;
  readonly run: (trial: Trial, auxiliary: KnownPart, random: SeededRandom) => Guess;
}

type KnownPart = Auxiliary &
  Required<Pick<Auxiliary, 'together' | 'popularity' | 'known'>> & {
    /** Known rows of each keyword, also where volumes are bytes. */
    readonly histogram: readonly number[];
  };

/** Each attack with what it is told and what its success is counted in. */
export const CONTESTS: { readonly [A in KeywordAttack]: Contest } = {
  frequency: {
    measure: 'rows',
    knowledge: (known) => `the histogram of ${known}`,
    run: ({ observed }, { histogram }, random) =>
      frequencyMatching(observed, { volumes: histogram }, random),
  },
  sap: {
    measure: 'queries',
    knowledge: (known) =>
      `the histogram of ${known}; that values are asked for as often as they occur`,
    run: ({ observed }, auxiliary, random) => sapAttack(observed, auxiliary, random),
  },
  ihop: {
    measure: 'queries',
    knowledge: (known) =>
      `the histogram of ${known}; that values are asked for as often as they occur, one after the other at random`,
    run: ({ observed }, auxiliary, random) => {
      const { popularity } = auxiliary;
      const transitions = Float64Array.from(
        { length: popularity.length ** 2 },
        (_, i) => popularity[i % popularity.length]!,
      );
      return ihopAttack(observed, { popularity, transitions }, random);
    },
  },
  count: {
    measure: 'queries',
    knowledge: (known) => `the values of ${known}`,
    run: (trial, auxiliary, random) => countAttack(revealed(trial), auxiliary, random),
  },
  'refined-score': {
    measure: 'queries',
    knowledge: (known) => `the values of ${known}; what one token in ten stands for`,
    told: 0.1,
    run: (trial, auxiliary, random) => refinedScore(revealed(trial), auxiliary, random),
  },
};

function revealed({ observed }: Trial): Trial['observed'] & { together: Float64Array } {
  const { together = new Float64Array(observed.volumes.length ** 2) } = observed;
  return { ...observed, together };
}

/**
 * What an attacker has who knows each row with probability `known`, and some tokens' keywords.
 * @param told share of the trial's tokens
 */
export function knownPart(
  { rows, counts: all, lists, replies }: SpaceTruth,
  trial: Trial,
  known: number,
  told: number,
  random: SeededRandom,
): KnownPart {
  const isKnown = (): number => (random.uniform() < known ? 1 : 0);
  const mask = Uint8Array.from({ length: rows }, isKnown);
  const counts =
    replies === undefined
      ? lists.map((list) => list.reduce((sum, row) => sum + mask[row]!, 0))
      : all.map((count) => {
          let sum = 0;
          for (let i = 0; i < count; i++) sum += isKnown();
          return sum;
        });
  const total = counts.reduce((sum, count) => sum + count, 0);
  const { truth } = trial;
  const tokens = random
    .permutation(truth.length)
    .slice(0, told === 0 ? 0 : Math.max(1, Math.round(told * truth.length)));
  return {
    rows: replies === undefined ? mask.reduce((sum, one) => sum + one, 0) : trial.observed.rows,
    volumes: replies ?? counts,
    histogram: counts,
    together: countTogether(lists, rows, mask),
    popularity: counts.map((count) => (total === 0 ? 1 / counts.length : count / total)),
    known: tokens.map((token) => ({ token, keyword: truth[token]! })),
  };
}

/** The keyword that an attacker who looks at nothing names: the commonest by what is known. */
export function modeOf({ popularity }: Pick<KnownPart, 'popularity'>): number {
  return popularity.reduce((mode, share, k) => (share > popularity[mode]! ? k : mode), 0);
}
