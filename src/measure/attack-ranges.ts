import type { Cell } from '../client/api.ts';
import { meanInterval } from './attacks/interval.ts';
import { advantageOverMode } from './attacks/recovery.ts';
import { type Asker, meanCost, type QueryCost } from './asking.ts';
import type { Protocol, SpaceReport } from './attack-space.ts';
import { RANGE_KNOWLEDGE, rangeTrials } from './range-trials.ts';

/** Values that the attack tells apart: the column's domain, cut into runs of values. */
export const RANGE_DOMAIN = 100;

/** Inclusive ends of a run of neighbouring values. */
export interface Run {
  readonly low: Exclude<Cell, null>;
  readonly high: Exclude<Cell, null>;
}

/** Queries that `attackRanges` asks of a column of so many values. */
export function rangeQueries(values: number, { seeds, queries }: Protocol): number {
  return Math.min(RANGE_DOMAIN, values) + seeds * queries;
}

/** Order of values of a number or time column: exact numbers are texts, times order as texts. */
export function byValue(a: Exclude<Cell, null>, b: Exclude<Cell, null>): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return a < b ? -1 : a > b ? 1 : 0;
  return x - y;
}

/** Values in their order, cut into runs of about as many values each. */
export function runsOf(values: readonly Exclude<Cell, null>[]): Run[] {
  const count = Math.min(RANGE_DOMAIN, values.length);
  return Array.from({ length: count }, (_, i) => ({
    low: values[Math.floor((i * values.length) / count)]!,
    high: values[Math.floor(((i + 1) * values.length) / count) - 1]!,
  }));
}

/** Uniform ranges of the domain, and which rows of it each finds; then values, up to reflection. */
export async function attackRanges(
  asker: Asker,
  column: string,
  runs: readonly Run[],
  { seeds, queries }: Protocol,
): Promise<SpaceReport> {
  const costs: QueryCost[] = [];
  const ask = async (from: number, to: number): Promise<Uint32Array> => {
    const { sighting, cost } = await asker.range(column, runs[from]!.low, runs[to]!.high);
    costs.push(cost);
    return sighting.rows ?? new Uint32Array(0);
  };
  const target = { rows: asker.view.rows, domain: runs.length, ask };
  const trials = await rangeTrials(target, seeds, queries);
  const recovery = meanInterval(trials.map((trial) => trial.recovery));
  const guessTheMode = meanInterval(trials.map(({ mode }) => mode)).mean;
  return {
    attack: 'range',
    measure: 'rows',
    knowledge: RANGE_KNOWLEDGE,
    known: null,
    seeds,
    queries,
    recovery,
    recoveryRate: null,
    queryWeightedRecovery: null,
    guessTheMode,
    advantageOverMode: advantageOverMode(recovery.mean, guessTheMode),
    shuffledLabels: meanInterval(trials.map(({ chance }) => chance)).mean,
    // Those that the truth was learnt by are not the attack's.
    cost: meanCost(costs.slice(runs.length)),
  };
}
