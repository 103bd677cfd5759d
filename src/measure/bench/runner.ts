import { OpalineError } from '../../errors/opaline-error.ts';
import type { SeededRandom } from '../attacks/seeded-random.ts';
import type { Clock } from './clock.ts';
import { type MemoryMeter, NO_MEMORY } from './memory.ts';

/** One of several things to time against each other. */
export interface Contender<T> {
  readonly run: () => Promise<T>;
}

export interface RunLimits {
  /** Runs of each before any is counted. */
  readonly warmUp: number;
  readonly rounds: number;
  /** One that has taken so long in all sits out the rounds that are left … */
  readonly budgetMs: number;
  /** … once it was run so often. */
  readonly leastRounds: number;
  /** One that takes longer than this for a run is run `slowRounds` times; absent: none is slow. */
  readonly slowMs?: number;
  readonly slowRounds?: number;
}

/** What became of a contender. */
export interface Outcome<T> {
  /** Milliseconds of every counted run, in order. */
  readonly ms: readonly number[];
  /** Of the last run. Undefined: it failed before a run was counted. */
  readonly last: T | undefined;
  /** What memory grew by at most in one of its runs; null: the system does not tell. */
  readonly rssPeakBytes: number | null;
  readonly wasmPeakBytes: number | null;
  /** It failed, and was not run again. */
  readonly failure?: unknown;
}

export interface TurnOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly memory?: MemoryMeter;
  readonly signal?: AbortSignal;
  /** Runs that are done or left out, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Runs every contender once a round, warm-up first, in an order drawn anew each round: a slow phase of the machine, or
 * what one leaves in a cache, meets all of them. Outcomes are in the contenders' order.
 * @throws ABORTED
 */
export async function takeTurns<T>(
  contenders: readonly Contender<T>[],
  limits: RunLimits,
  { clock, random, memory = NO_MEMORY, signal, onProgress }: TurnOptions,
): Promise<readonly Outcome<T>[]> {
  const states = contenders.map((contender): State<T> => ({
    contender,
    ms: [],
    spent: 0,
    last: undefined,
    rss: null,
    wasm: null,
    failed: false,
    failure: undefined,
  }));
  const rounds = limits.warmUp + limits.rounds;
  const total = rounds * states.length;
  for (let round = 0; round < rounds; round++) {
    for (const [turn, state] of random.shuffled(states).entries()) {
      if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
      onProgress?.(round * states.length + turn, total);
      if (state.failed || isSatisfied(state, limits)) continue;
      await runOnce(state, clock, memory, round >= limits.warmUp);
    }
  }
  onProgress?.(total, total);
  return states.map(({ ms, last, rss, wasm, failed, failure }) => ({
    ms,
    last,
    rssPeakBytes: rss,
    wasmPeakBytes: wasm,
    ...(failed && { failure }),
  }));
}

interface State<T> {
  readonly contender: Contender<T>;
  readonly ms: number[];
  spent: number;
  last: T | undefined;
  rss: number | null;
  wasm: number | null;
  failed: boolean;
  failure: unknown;
}

function isSatisfied(
  { ms, spent }: Pick<State<unknown>, 'ms' | 'spent'>,
  { leastRounds, budgetMs, slowMs = Infinity, slowRounds = leastRounds }: RunLimits,
): boolean {
  const least = Math.max(0, ...ms) > slowMs ? slowRounds : leastRounds;
  return ms.length >= least && spent >= budgetMs;
}

async function runOnce<T>(
  state: State<T>,
  clock: Clock,
  memory: MemoryMeter,
  counts: boolean,
): Promise<void> {
  const grownBy = memory.mark();
  const begun = clock.now();
  try {
    const result = await state.contender.run();
    const took = clock.now() - begun;
    state.spent += took;
    if (!counts) return;
    state.ms.push(took);
    state.last = result;
    const grown = grownBy();
    state.rss = greater(state.rss, grown.rss);
    state.wasm = greater(state.wasm, grown.wasm);
  } catch (error) {
    state.failed = true;
    state.failure = error;
  }
}

function greater(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
