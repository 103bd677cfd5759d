import { meanInterval } from '../../attacks/interval.ts';
import { advantageOverMode } from '../../attacks/recovery.ts';
import type { AttackResult } from '../result.ts';

/** An attack and what it got at each seed. */
export interface Trials extends Pick<AttackResult, 'attack' | 'knowledge' | 'on' | 'measure'> {
  readonly recoveries: readonly number[];
  /** What naming the commonest gets at the same seed. */
  readonly guesses: readonly number[];
}

/** Means over the seeds with Student's intervals; the advantage is of the mean and of its interval's ends. */
export function resultOf({ recoveries, guesses, ...what }: Trials): AttackResult {
  const recovery = meanInterval(recoveries);
  const guess = meanInterval(guesses).mean;
  const over = (share: number): number => Math.max(0, advantageOverMode(share, guess));
  const [low, high] = recovery.interval;
  const advantage = { mean: over(recovery.mean), interval: [over(low), over(high)] as const };
  return { ...what, recovery, guess, advantage };
}
