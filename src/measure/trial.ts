import { sha256 } from '../bytes/hash.ts';
import { toHex } from '../bytes/hex.ts';
import { countTogether, type Observed } from './attacks/observation.ts';
import type { SeededRandom } from './attacks/seeded-random.ts';
import type { RungMeasure } from './ladder.ts';
import type { Sighting } from './store-view.ts';

/** A trial's queries as an attacker sees them, and, apart, what they were. */
export interface Trial {
  readonly observed: Observed;
  /** The keyword of each token; of a fuzzy index one of those that share it. */
  readonly truth: readonly number[];
  /** The keyword of each query. */
  readonly asked: readonly number[];
}

/** A query that was asked, and the keyword that it was for. */
export interface Drawn {
  readonly keyword: number;
  readonly sighting: Sighting;
}

/** What an index shows of queries. */
export type Shown = Pick<RungMeasure, 'volume' | 'repeats'>;

function tokenOf({ token, rows, lookups }: Sighting, { volume, repeats }: Shown): string {
  if (volume === 'replies') return lookups.token;
  if (repeats !== 'rows' || rows === undefined) return token;
  return toHex(sha256(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)));
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
  shown: Shown,
  random: SeededRandom,
): Trial {
  const { volume } = shown;
  const distinct = new Map<string, Drawn>();
  for (const one of drawn) distinct.set(tokenOf(one.sighting, shown), one);
  const order = random.shuffled([...distinct.keys()]);
  const numbers = new Map(order.map((token, number) => [token, number]));
  const tokens = order.map((token) => distinct.get(token)!);
  const volumes = tokens.map(({ sighting }) => volumeOf(sighting, volume));
  const sequence = drawn.map(({ sighting }) => numbers.get(tokenOf(sighting, shown))!);
  const truth = tokens.map(({ keyword }) => keyword);
  const asked = drawn.map(({ keyword }) => keyword);
  if (volume === 'replies') {
    // Bytes are no rows: the longest reply stands for a keyword that every row has.
    return { observed: { rows: Math.max(1, ...volumes), volumes, sequence }, truth, asked };
  }
  const lists = tokens.map(({ sighting }) => sighting.rows ?? new Uint32Array(0));
  return {
    observed: { rows, volumes, together: countTogether(lists, rows), sequence },
    truth,
    asked,
  };
}

/** What an attack got right of a trial, as shares of 1. */
export interface TrialRecovery {
  /** Of the distinct tokens. */
  readonly tokens: number;
  /** Of the queries: a keyword counts as often as it was asked for. */
  readonly queries: number;
  /** Of the table's rows, by the value that they hold; of trials that ask once for each keyword. */
  readonly rows: number;
}

/**
 * Counts what an attack names rightly; tokens that it was told do not count, neither as right nor as there.
 * @param name the keyword that the attack names for each token
 * @param label what each keyword is called: itself, or another for a control
 * @param counts rows of each keyword, of `rows` in all
 */
export function recoveryOfTrial(
  { observed, truth, asked }: Trial,
  name: (token: number) => number,
  label: (keyword: number) => number,
  told: ReadonlySet<number>,
  counts: readonly number[],
  rows: number,
): TrialRecovery {
  const tokens = truth.map((_, token) => token).filter((token) => !told.has(token));
  const queries = asked.map((_, i) => i).filter((i) => !told.has(observed.sequence[i]!));
  const isRight = (i: number): boolean => name(observed.sequence[i]!) === label(asked[i]!);
  const right = queries.filter(isRight);
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    tokens: share(tokens.filter((t) => name(t) === label(truth[t]!)).length, tokens.length),
    queries: share(right.length, queries.length),
    rows: share(
      right.reduce((sum, i) => sum + counts[asked[i]!]!, 0),
      rows,
    ),
  };
}
