import type { Cell } from '../client/api.ts';
import { approximateValues } from './attacks/approx-value.ts';
import { meanInterval } from './attacks/interval.ts';
import { advantageOverMode } from './attacks/recovery.ts';
import { SeededRandom } from './attacks/seeded-random.ts';
import { type Asker, meanCost, type QueryCost } from './asking.ts';
import type { Protocol, SpaceReport } from './attack-space.ts';

/** Values that the attack tells apart: the column's domain, cut into runs of values. */
export const RANGE_DOMAIN = 100;
/** A value is recovered within this share of the domain. */
const WITHIN = 0.05;
/** Rows that the attack reconstructs, drawn at random. */
const ROWS = 50_000;

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
  const domain = runs.length;
  const truth = await truthOf(asker, column, runs);
  const rows = Uint32Array.from(truth.keys()).filter((row) => truth[row] !== 0);
  const costs: QueryCost[] = [];
  const results = [];
  for (let seed = 0; seed < seeds; seed++) {
    const random = new SeededRandom(seed);
    const sample = random
      .permutation(rows.length)
      .slice(0, ROWS)
      .map((at) => rows[at]!);
    /** Each row's place in the sample. */
    const places = new Int32Array(truth.length).fill(-1);
    sample.forEach((row, place) => (places[row] = place));
    const answers: Int32Array[] = [];
    for (let i = 0; i < queries; i++) {
      const [low, high] = uniformRange(domain, random);
      const asked = await asker.range(column, runs[low]!.low, runs[high]!.high);
      costs.push(asked.cost);
      const found = Int32Array.from(asked.sighting.rows ?? [], (row) => places[row]!);
      answers.push(found.filter((place) => place >= 0));
    }
    const estimates = approximateValues(answers, sample.length, domain);
    const values = sample.map((row) => truth[row]!);
    results.push({
      recovery: closeUpToReflection(estimates, values, domain),
      chance: closeUpToReflection(estimates, random.shuffled(values), domain),
      mode: bestConstant(values, domain),
    });
  }
  const recovery = meanInterval(results.map((result) => result.recovery));
  const guessTheMode = meanInterval(results.map(({ mode }) => mode)).mean;
  return {
    attack: 'range',
    measure: 'rows',
    knowledge: `the domain; that ranges are uniform (values within ${100 * WITHIN} % of it, up to reflection)`,
    known: null,
    seeds,
    queries,
    recovery,
    recoveryRate: null,
    queryWeightedRecovery: null,
    guessTheMode,
    advantageOverMode: advantageOverMode(recovery.mean, guessTheMode),
    shuffledLabels: meanInterval(results.map(({ chance }) => chance)).mean,
    cost: meanCost(costs),
  };
}

/** Of every row of the table the number of its run, from 1; 0: none. */
async function truthOf(asker: Asker, column: string, runs: readonly Run[]): Promise<Uint8Array> {
  const truth = new Uint8Array(asker.view.rows);
  for (const [i, { low, high }] of runs.entries()) {
    const { sighting } = await asker.range(column, low, high);
    for (const row of sighting.rows ?? []) truth[row] = i + 1;
  }
  return truth;
}

/** All N(N + 1)/2 ranges are equally likely: pairs are, and those out of order are drawn again. */
function uniformRange(domain: number, random: SeededRandom): [number, number] {
  for (;;) {
    const [low, high] = [random.below(domain), random.below(domain)];
    if (low <= high) return [low, high];
  }
}

function closeUpToReflection(
  estimates: Float64Array,
  values: readonly number[],
  domain: number,
): number {
  let [straight, reflected] = [0, 0];
  values.forEach((value, i) => {
    if (Math.abs(estimates[i]! - value) <= WITHIN * domain) straight++;
    if (Math.abs(domain + 1 - estimates[i]! - value) <= WITHIN * domain) reflected++;
  });
  return values.length === 0 ? 0 : Math.max(straight, reflected) / values.length;
}

/** The share of rows that the best single value is close to. */
function bestConstant(values: readonly number[], domain: number): number {
  const counts = new Float64Array(domain + 2);
  for (const value of values) counts[value]! += 1;
  let best = 0;
  for (let guess = 1; guess <= domain; guess++) {
    let close = 0;
    for (let v = 1; v <= domain; v++)
      if (Math.abs(guess - v) <= WITHIN * domain) close += counts[v]!;
    best = Math.max(best, close);
  }
  return values.length === 0 ? 0 : best / values.length;
}
