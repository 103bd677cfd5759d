import type { SeededRandom } from '../../attacks/seeded-random.ts';
import type { Clock } from '../clock.ts';
import type { LabData } from '../data.ts';
import type { Ablation, AblationSide } from '../result.ts';
import { type RunLimits, takeTurns } from '../runner.ts';

/** What an ablation that runs by itself is given. */
export interface AblationTools {
  readonly data: LabData;
  /** No table is to have more; undefined: any number. */
  readonly rows: number | undefined;
  readonly limits: RunLimits;
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** Its own; removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Measures one or several things with and without an optimisation, or a measure for privacy. */
export type AblationRun = (tools: AblationTools) => Promise<readonly Ablation[]>;

/** Both sides by turns: milliseconds of each. */
export async function bothSides(
  tools: AblationTools,
  having: () => Promise<unknown>,
  lacking: () => Promise<unknown>,
): Promise<readonly [with_: readonly number[], without: readonly number[]]> {
  const contenders = [{ run: having }, { run: lacking }];
  const [one, other] = await takeTurns(contenders, tools.limits, tools);
  for (const outcome of [one!, other!]) if ('failure' in outcome) throw outcome.failure;
  return [one!.ms, other!.ms];
}

/** A side of which time alone is of interest. */
export function timesOnly(ms: readonly number[]): AblationSide {
  return { ms, bytesAtRest: null, advantage: null };
}
