import { OpalineError } from '../../../errors/opaline-error.ts';
import { distinguish, type Transcript } from '../../attacks/distinguisher.ts';
import { frequencyMatching } from '../../attacks/frequency.ts';
import { SeededRandom } from '../../attacks/seeded-random.ts';
import type { Clock } from '../clock.ts';
import type { AttackResult } from '../result.ts';
import type { PreparedScheme, WorkloadName } from '../scheme.ts';
import { modeOf } from './at-rest.ts';
import { resultOf } from './outcome.ts';
import type { Keyword, QuerySpace } from './query-space.ts';

/** How much is asked for a measurement. */
export interface Effort {
  /** Trials, each with another draw of what the attacker knows and of the queries. */
  readonly seeds: number;
  /** Values of a query space. */
  readonly keywords: number;
  /** Transcripts of each class that a distinguisher gets, where time allows. */
  readonly transcripts: number;
  /** Uniform ranges that each trial of an attack on ranges asks for. */
  readonly ranges: number;
  /** Milliseconds for a workload's distinguisher, which is left out where they are too few; not of private lookups. */
  readonly budgetMs: number;
}

export interface Asked {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** A distinguisher takes so many of a class. */
const LEAST_TRANSCRIPTS = 8;
const KNOWN = 0.5;

/**
 * Attacks what the store sees of queries: names each query's value by its volume (frequency analysis on the rows that the
 * store finds or, where it finds none, on the bytes of its replies), and tells queries for the more frequent values, or
 * one of two keys, from the others (attacks/distinguisher.ts). None where the scheme shows no transcripts.
 * @throws ABORTED
 */
export async function attackQueries(
  prepared: PreparedScheme,
  space: QuerySpace,
  effort: Effort,
  asked: Asked,
): Promise<readonly AttackResult[]> {
  const { keywords, column } = space;
  if (keywords.length < 2) return [];
  const first = await ask(prepared, keywords[0]!, asked);
  if (first === undefined) return [];
  // The warmed-up time of a query decides how many there can be.
  const warm = asked.clock.now();
  await ask(prepared, keywords[1]!, asked);
  const each = Math.max(0.01, asked.clock.now() - warm);
  const left = effort.budgetMs / each;
  const results: AttackResult[] = [];
  // The same values of every scheme, however slow it is: else advantages would not compare.
  if (space.weighted) {
    const volumes: number[] = [];
    for (const one of keywords) volumes.push(volumeOf((await ask(prepared, one, asked)) ?? []));
    results.push(volumeAttack(keywords, volumes, column, effort.seeds, measureOf(keywords[0]!)));
  }
  const wanted = Math.floor(left / (2 * effort.seeds));
  // Of a private lookup nothing else tells; of others it comes second.
  if (space.weighted && wanted < LEAST_TRANSCRIPTS) return results;
  const count = Math.max(LEAST_TRANSCRIPTS, Math.min(effort.transcripts, wanted));
  results.push(await tellApart(prepared, space, effort.seeds, count, asked));
  return results;
}

async function ask(
  prepared: PreparedScheme,
  { question }: Keyword,
  { signal }: Asked,
): Promise<Transcript | undefined> {
  if (signal.aborted) throw new OpalineError('ABORTED', {});
  return (await prepared.answer(question))?.transcript;
}

/** Rows found over all calls or, where none finds rows, bytes of the replies. */
function volumeOf(transcript: Transcript): number {
  const finds = transcript.some(({ found }) => found !== undefined);
  return transcript.reduce((sum, { found, down }) => sum + (finds ? (found ?? 0) : down), 0);
}

function measureOf({ question }: Keyword): 'rows' | 'queries' {
  const ofRows: readonly WorkloadName[] = ['filtered-average', 'exact-lookup', 'group-by'];
  return ofRows.includes(question.workload) ? 'rows' : 'queries';
}

/**
 * Names each token by the rank of its volume. A value counts as often as it occurs: in rows, or in queries that ask for
 * values as often as they occur. Where all volumes are equal the attacker does best to name the commonest for each.
 */
export function volumeAttack(
  keywords: readonly Pick<Keyword, 'rows'>[],
  volumes: readonly number[],
  column: string,
  seeds: number,
  measure: 'rows' | 'queries',
): AttackResult {
  const total = keywords.reduce((sum, { rows }) => sum + rows, 0);
  const blind = new Set(volumes).size === 1;
  const recoveries: number[] = [];
  const guesses: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new SeededRandom(seed);
    const auxiliary = keywords.map(({ rows }) => {
      let known = 0;
      for (let i = 0; i < rows; i++) known += random.uniform() < KNOWN ? 1 : 0;
      return known;
    });
    const mode = modeOf(auxiliary);
    // Tokens stand in a random order, as the store meets them.
    const order = random.permutation(keywords.length);
    const guess = frequencyMatching(
      { volumes: order.map((keyword) => volumes[keyword]!) },
      { volumes: auxiliary },
      random,
    );
    let right = 0;
    order.forEach((keyword, token) => {
      if ((blind ? mode : guess[token]) === keyword) right += keywords[keyword]!.rows;
    });
    recoveries.push(right / total);
    guesses.push(keywords[mode]!.rows / total);
  }
  return resultOf({
    attack: 'frequency',
    knowledge: `the histogram of ${100 * KNOWN} % of the rows of ${column}; every value is asked for once (${keywords.length} values)`,
    on: 'queries',
    measure,
    recoveries,
    guesses,
  });
}

async function tellApart(
  prepared: PreparedScheme,
  { keywords, weighted }: QuerySpace,
  seeds: number,
  count: number,
  asked: Asked,
): Promise<AttackResult> {
  const half = keywords.length >>> 1;
  const classes = [keywords.slice(0, half), keywords.slice(half)] as const;
  const areas: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new SeededRandom(seed);
    const seen: [Transcript[], Transcript[]] = [[], []];
    // Turn about, so that when a query came does not tell its class.
    for (let i = 0; i < count; i++) {
      for (const side of [0, 1] as const) {
        const keyword = classes[side][random.below(classes[side].length)]!;
        seen[side].push((await ask(prepared, keyword, asked)) ?? []);
      }
    }
    areas.push(distinguish(seen[0], seen[1], random).auc);
  }
  const which = weighted ? 'one of the more frequent values' : 'the one key or the other';
  return resultOf({
    attack: 'distinguisher',
    knowledge: `of half of ${2 * count} queries, whether they were for ${which}`,
    on: 'queries',
    measure: 'auc',
    recoveries: areas,
    guesses: areas.map(() => 0.5),
  });
}
