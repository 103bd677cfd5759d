import type { Guess, Observed } from './observation.ts';

/** What an attack got right, as shares of 1. */
export interface Recovery {
  /** Of the distinct tokens. */
  readonly recoveryRate: number;
  /** Of the queries: a token counts as often as it was sent. */
  readonly queryWeightedRecovery: number;
  /** Of the rows that the tokens find, over all rows of the index. */
  readonly rowRecovery: number;
}

/**
 * Compares a guess with the truth. Tokens that the attacker was told do not count, neither as right nor as there.
 * @param truth the keyword of each token
 */
export function recoveryOf(
  observed: Pick<Observed, 'rows' | 'volumes' | 'sequence'>,
  truth: ArrayLike<number>,
  guess: Guess,
  told: ReadonlySet<number> = new Set(),
): Recovery {
  const right = (token: number): boolean => guess[token] === truth[token];
  const tokens = observed.volumes.map((_, token) => token).filter((token) => !told.has(token));
  const queries = observed.sequence.filter((token) => !told.has(token));
  const share = (of: readonly number[]): number =>
    of.length === 0 ? 0 : of.filter(right).length / of.length;
  const rows = tokens.filter(right).reduce((sum, token) => sum + observed.volumes[token]!, 0);
  return {
    recoveryRate: share(tokens),
    queryWeightedRecovery: share(queries),
    rowRecovery: observed.rows === 0 ? 0 : rows / observed.rows,
  };
}

/** How much of what guessing the commonest leaves over an attack recovers: 0 is no better, 1 is all. */
export function advantageOverMode(recovery: number, guessTheMode: number): number {
  return guessTheMode >= 1 ? 0 : (recovery - guessTheMode) / (1 - guessTheMode);
}
